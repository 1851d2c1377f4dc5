@testable import KafkaCoordination

/// Looks at a simulated cluster after each step, and keeps the first rule that does not hold.
///
/// - One broker leads in one leader epoch.
/// - A leader's high watermark never falls while its epoch stays.
/// - What once lies below a high watermark is the same there in every replica, for ever.
/// - Whoever the controller counts as in sync holds all of it, and so does whoever it makes leader.
/// - What was acknowledged lies below the high watermark, in the order of the acknowledgements, and once.
/// - After an unclean election, all of that holds of what the new leader has.
struct ReplicationWatch {
    private struct Place: Hashable {
        var broker: Int32
        var key: FetchKey
    }

    private struct Led: Hashable {
        var key: FetchKey
        var epoch: Int32
    }

    /// Stands for a record of which nothing is known.
    private static let forgotten = SimulatedLog.Record(epoch: -1, id: -1)

    private(set) var problem: String?
    private(set) var acknowledgedCount = 0
    private var lastImages = 0
    /// Partitions of which something was committed since the last look.
    private var grown: Set<FetchKey> = []
    /// Elections after which losses are no failures: the epoch of the last of each partition.
    private var uncleanEpochs: [FetchKey: Int32] = [:]
    private var committedIDs: [FetchKey: Set<Int>] = [:]
    private var committed: [FetchKey: [SimulatedLog.Record]] = [:]
    private var verified: [Place: Int64] = [:]
    private var leaders: [Led: Int32] = [:]
    private var highWatermarks: [Place: (brokerEpoch: Int64, leaderEpoch: Int32, offset: Int64)] = [:]
    private var lastAcknowledged: [FetchKey: Int64] = [:]
    private var acknowledgements: [FetchKey: [(offset: Int64, id: Int)]] = [:]

    mutating func note(_ text: String) { problem = problem ?? text }

    /// Whoever was not in sync leads from `epoch` on: what it has not got is lost.
    mutating func electedUncleanly(_ key: FetchKey, epoch: Int32, _ log: SimulatedLog?) {
        uncleanEpochs[key] = epoch
        let known = committed[key] ?? []
        // What it has only in memory it may lose yet.
        let kept = known.indices.prefix { index in
            guard let log, Int64(index) < log.durableEnd else { return false }
            return Int64(index) < log.start || log[Int64(index)] == known[index]
        }
        committed[key] = Array(known.prefix(kept.count))
        // What it has deleted was committed once, by somebody who is forgotten.
        let deleted = max(0, Int(log?.start ?? 0) - kept.count)
        committed[key]? += Array(repeating: Self.forgotten, count: deleted)
        committedIDs[key] = Set(committed[key]?.map(\.id) ?? [])
        acknowledgements[key] = []
        lastAcknowledged[key] = nil
        for place in verified.keys where place.key == key {
            verified[place] = min(verified[place] ?? 0, Int64(kept.count))
        }
    }

    func isUnclean(_ key: FetchKey) -> Bool { uncleanEpochs[key] != nil }

    /// Has not heard of the last unclean election of a partition.
    func isLeftBehind(_ replica: PartitionReplica, _ key: FetchKey) -> Bool {
        guard let epoch = uncleanEpochs[key] else { return false }
        return replica.leaderEpoch < epoch || !(replica.isLeader || replica.isr.contains(replica.localID))
    }

    mutating func acknowledged(_ key: FetchKey, offset: Int64, id: Int, epoch: Int32, isInOrder: Bool) {
        guard epoch >= uncleanEpochs[key] ?? -1 else { return }
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

    /// Only what has changed can break a rule.
    mutating func check(_ world: ReplicationWorld) {
        grown = []
        for id in world.touched {
            for key in world.keys {
                guard let partition = world.brokers[id]?.partitions[key] else { continue }
                check(partition, key, id, brokerEpoch: world.brokers[id]?.epoch ?? -1)
            }
        }
        let isNewImage = world.images.count != lastImages
        lastImages = world.images.count
        for key in world.keys {
            checkAcknowledged(key)
            let isAny = isNewImage || grown.contains(key)
            checkInSync(key, world, isAny ? nil : world.touched)
        }
    }

    private mutating func check(
        _ partition: SimulatedBroker.Partition,
        _ key: FetchKey,
        _ broker: Int32,
        brokerEpoch: Int64
    ) {
        let replica = partition.replica
        let place = Place(broker: broker, key: key)
        if replica.logEnd != partition.log.end || replica.highWatermark > replica.logEnd {
            note("broker \(broker) has log end \(replica.logEnd), high watermark \(replica.highWatermark)")
        }
        if replica.isLeader {
            let led = Led(key: key, epoch: replica.leaderEpoch)
            if let other = leaders[led], other != broker {
                note("brokers \(other) and \(broker) both lead in epoch \(replica.leaderEpoch)")
            }
            leaders[led] = broker
            if let last = highWatermarks[place], last.brokerEpoch == brokerEpoch,
                last.leaderEpoch == replica.leaderEpoch, replica.highWatermark < last.offset
            {
                note("the high watermark of broker \(broker) fell from \(last.offset) to \(replica.highWatermark)")
            }
            highWatermarks[place] = (brokerEpoch, replica.leaderEpoch, replica.highWatermark)
        }
        guard !isLeftBehind(replica, key) else { return }
        var next = max(min(verified[place] ?? 0, replica.highWatermark), partition.log.start)
        while next < replica.highWatermark {
            compare(partition.log[next], at: next, key, broker)
            next += 1
        }
        verified[place] = replica.highWatermark
    }

    private mutating func compare(_ record: SimulatedLog.Record?, at offset: Int64, _ key: FetchKey, _ broker: Int32) {
        let known = committed[key]?.count ?? 0
        if offset < known {
            let expected = committed[key]?[Int(offset)]
            if record != expected, expected != Self.forgotten {
                note(
                    "broker \(broker) has \(text(record)) at \(offset) of \(key.partition), committed is \(text(expected))"
                )
            }
        } else if offset == known, let record {
            committed[key, default: []].append(record)
            grown.insert(key)
            if !committedIDs[key, default: []].insert(record.id).inserted, uncleanEpochs[key] == nil {
                note("record \(record.id) is committed twice in \(key.partition), again at \(offset)")
            }
        } else {
            note("broker \(broker) commits offset \(offset) of \(key.partition), of which \(known) were committed")
        }
    }

    private mutating func checkAcknowledged(_ key: FetchKey) {
        guard acknowledgements[key]?.isEmpty == false else { return }
        for (offset, id) in acknowledgements[key] ?? [] {
            let records = committed[key] ?? []
            guard offset < records.count, records[Int(offset)].id == id else {
                return note("record \(id) was acknowledged at \(offset) of \(key.partition) and is not there")
            }
        }
        acknowledgements[key] = []
    }

    /// - Parameter members: only these are looked at; nil for all.
    private mutating func checkInSync(_ key: FetchKey, _ world: ReplicationWorld, _ members: Set<Int32>?) {
        if members?.isEmpty == true { return }
        guard let partition = world.partition(key), let last = committed[key]?.last else { return }
        let offset = Int64(committed[key]?.count ?? 0) - 1
        for member in Set(partition.isr + [partition.leader]) where member >= 0 && !world.tainted.contains(member) {
            if let members, !members.contains(member) { continue }
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
