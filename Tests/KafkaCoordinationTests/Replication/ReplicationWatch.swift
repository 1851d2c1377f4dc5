@testable import KafkaCoordination

/// Looks at a simulated cluster after each step, and keeps the first rule that does not hold.
///
/// - One broker leads in one leader epoch.
/// - A leader's high watermark never falls while its epoch stays.
/// - What once lies below a high watermark is the same there in every replica, for ever.
/// - Whoever the controller counts as in sync holds all of it, and so does whoever it makes leader.
/// - What was acknowledged lies below the high watermark, in the order of the acknowledgements.
struct ReplicationWatch {
    private struct Place: Hashable {
        var broker: Int32
        var key: FetchKey
    }

    private struct Led: Hashable {
        var key: FetchKey
        var epoch: Int32
    }

    private(set) var problem: String?
    private(set) var acknowledgedCount = 0
    private var committed: [FetchKey: [SimulatedLog.Record]] = [:]
    private var verified: [Place: Int64] = [:]
    private var leaders: [Led: Int32] = [:]
    private var highWatermarks: [Place: (brokerEpoch: Int64, leaderEpoch: Int32, offset: Int64)] = [:]
    private var lastAcknowledged: [FetchKey: Int64] = [:]
    private var acknowledgements: [FetchKey: [(offset: Int64, id: Int)]] = [:]

    mutating func note(_ text: String) { problem = problem ?? text }

    mutating func acknowledged(_ key: FetchKey, offset: Int64, id: Int, isInOrder: Bool) {
        acknowledgedCount += 1
        acknowledgements[key, default: []].append((offset, id))
        guard isInOrder else { return }
        if let last = lastAcknowledged[key], offset <= last {
            note("record \(id) was acknowledged at \(offset), after one at \(last)")
        }
        lastAcknowledged[key] = offset
    }

    /// Whether something was acknowledged that no high watermark has passed, as `check` has seen it.
    func isUnacknowledged(_ key: FetchKey) -> Bool { acknowledgements[key]?.isEmpty == false }

    mutating func check(_ world: ReplicationWorld) {
        for id in ReplicationWorld.brokerIDs {
            guard let broker = world.brokers[id], broker.isUp else { continue }
            for key in world.keys {
                if let partition = broker.partitions[key] { check(partition, key, broker) }
            }
        }
        for key in world.keys {
            checkAcknowledged(key)
            checkInSync(key, world)
        }
    }

    private mutating func check(_ partition: SimulatedBroker.Partition, _ key: FetchKey, _ broker: SimulatedBroker) {
        let replica = partition.replica
        let place = Place(broker: broker.id, key: key)
        if replica.logEnd != partition.log.end || replica.highWatermark > replica.logEnd {
            note("broker \(broker.id) has log end \(replica.logEnd), high watermark \(replica.highWatermark)")
        }
        if replica.isLeader {
            let led = Led(key: key, epoch: replica.leaderEpoch)
            if let other = leaders[led], other != broker.id {
                note("brokers \(other) and \(broker.id) both lead in epoch \(replica.leaderEpoch)")
            }
            leaders[led] = broker.id
            if let last = highWatermarks[place], last.brokerEpoch == broker.epoch,
                last.leaderEpoch == replica.leaderEpoch, replica.highWatermark < last.offset
            {
                note("the high watermark of broker \(broker.id) fell from \(last.offset) to \(replica.highWatermark)")
            }
            highWatermarks[place] = (broker.epoch, replica.leaderEpoch, replica.highWatermark)
        }
        var next = max(min(verified[place] ?? 0, replica.highWatermark), partition.log.start)
        while next < replica.highWatermark {
            compare(partition.log[next], at: next, key, broker.id)
            next += 1
        }
        verified[place] = replica.highWatermark
    }

    private mutating func compare(_ record: SimulatedLog.Record?, at offset: Int64, _ key: FetchKey, _ broker: Int32) {
        let known = committed[key]?.count ?? 0
        if offset < known {
            let expected = committed[key]?[Int(offset)]
            if record != expected {
                note(
                    "broker \(broker) has \(text(record)) at \(offset) of \(key.partition), committed is \(text(expected))"
                )
            }
        } else if offset == known, let record {
            committed[key, default: []].append(record)
        } else {
            note("broker \(broker) commits offset \(offset) of \(key.partition), of which \(known) were committed")
        }
    }

    private mutating func checkAcknowledged(_ key: FetchKey) {
        for (offset, id) in acknowledgements[key] ?? [] {
            let records = committed[key] ?? []
            guard offset < records.count, records[Int(offset)].id == id else {
                return note("record \(id) was acknowledged at \(offset) of \(key.partition) and is not there")
            }
        }
        acknowledgements[key] = []
    }

    private mutating func checkInSync(_ key: FetchKey, _ world: ReplicationWorld) {
        guard let partition = world.partition(key), let last = committed[key]?.last else { return }
        let offset = Int64(committed[key]?.count ?? 0) - 1
        for member in Set(partition.isr + [partition.leader]) where member >= 0 && !world.tainted.contains(member) {
            guard let log = world.log(key, at: member) else { continue }
            if offset >= log.start, log[offset] != last {
                note(
                    "broker \(member) is in sync in \(key.partition) and has \(text(log[offset])) at \(offset), where "
                        + "\(text(last)) is committed"
                )
            }
        }
    }

    private func text(_ record: SimulatedLog.Record?) -> String {
        record.map { "record \($0.id) of epoch \($0.epoch)" } ?? "nothing"
    }
}
