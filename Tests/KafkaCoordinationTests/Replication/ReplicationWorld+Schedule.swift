@testable import KafkaCoordination

extension ReplicationWorld {
    /// Lives through the given steps of a seed's schedule, and then lets everything heal. What a step does depends on the
    /// seed and its number alone, so that others can be left out. The first broken rule, or nil.
    mutating func run(seed: UInt64, steps: some Sequence<Int>, heals: Bool) throws -> String? {
        for number in steps {
            generator = SeededGenerator(seed: seed &* 0x9E37_79B9 &+ UInt64(number) &+ 1)
            eventCount += 1
            try step()
            observe()
            if watch.problem != nil { return watch.problem }
        }
        if heals { try heal() }
        return watch.problem
    }

    private mutating func step() throws {
        let id = Self.brokerIDs[pick(Self.brokerIDs.count)]
        let key = keys[pick(2)]
        pass(3 + pick(12))
        switch pick(220) {
        case 0..<85: try deliverAny()
        case 85..<115: produce(key)
        case 115..<123: consume(key)
        case 123..<145: if brokers[id]?.isSlow == false || pick(8) == 0 { startFetching(id) }
        case 145..<160: followMetadata(id)
        case 160..<176: beat(id)
        case 176..<179: pass(pick(600))
        case 179..<182: try fenceSilent()
        case 182..<186: checkInSync(id)
        case 186..<193: if brokers[id]?.isUp == true { flush(id) }
        case 193..<196: loseAny()
        case 196: try deliverLate()
        case 197: crash(id, losesPower: false)
        case 198: crash(id, losesPower: true)
        case 199..<203: try restart(id)
        case 203: cutLink()
        case 204..<206: cuts = []
        case 206: try electLeaders()
        case 207..<210: if character.moves { try reassign(keys[pick(keys.count)]) }
        case 210: brokers[id]?.isSlow.toggle()
        case 211:
            if character.hasBadClocks {
                let jumpMs = Int64(pick(2000) - 1000)
                brokers[id]?.skewMs += jumpMs
            }
        case 212: _ = try decide(controller.controller.balanceLeaders())
        case 213: if producers[key]?.record != nil, pick(4) == 0 { newProducer(key) }
        case 214, 215: try commit()
        default: deleteOld(id, key)
        }
    }

    private mutating func pass(_ ms: Int) {
        nowMs += Int64(ms)
        controller.nowMs += Int64(ms)
    }

    private mutating func flush(_ id: Int32) {
        touched.insert(id)
        for key in keys { brokers[id]?.flush(key) }
        tell("broker \(id) flushes")
    }

    private mutating func deliverAny() throws {
        guard !messages.isEmpty else { return }
        // Mostly in order, now and then not.
        let index = pick(4) > 0 ? 0 : pick(messages.count)
        try deliver(messages.remove(at: index))
    }

    private mutating func loseAny() {
        guard !messages.isEmpty else { return }
        let message = messages.remove(at: pick(messages.count))
        lose(message)
        late.append(message)
    }

    /// What everybody has given up long ago comes all the same.
    private mutating func deliverLate() throws {
        guard !late.isEmpty else { return }
        try deliver(late.remove(at: pick(late.count)))
    }

    private mutating func followMetadata(_ id: Int32) {
        guard let position = positions[id], !isCut(id, SimulatedMessage.controller) else { return }
        let behind = images.count - 1 - position
        if behind > 0 { readMetadata(id, upTo: position + 1 + pick(behind)) }
    }

    private mutating func cutLink() {
        let ends = [Int32(pick(5)), Int32(pick(5))]
        guard ends[0] != ends[1] else { return }
        tell("the link between \(ends[0]) and \(ends[1]) is cut")
        cuts.insert([min(ends[0], ends[1]), max(ends[0], ends[1])])
    }

    private mutating func deleteOld(_ id: Int32, _ key: FetchKey) {
        guard pick(3) == 0, let partition = brokers[id]?.partitions[key], partition.replica.isLeader else { return }
        let oldest = partition.log.start
        let newest = partition.replica.highWatermark
        guard newest > oldest else { return }
        let start = oldest + 1 + Int64(pick(Int(newest - oldest)))
        tell("broker \(id) deletes what lies below \(start) of \(key.partition)")
        touched.insert(id)
        brokers[id]?.partitions[key]?.log.raiseStart(to: start)
    }

    // MARK: The end

    /// Everything works from now on: soon all replicas must be equal and in sync, and what is written acknowledged.
    private mutating func heal() throws {
        cuts = []
        generator = SeededGenerator(seed: UInt64(nextToken) &+ 7)
        for id in Self.brokerIDs { brokers[id]?.isSlow = false }
        for round in 0..<80 {
            pass(100)
            try fenceSilent()
            // Who has lost records comes first, so that others may come after.
            for id in Self.brokerIDs.sorted(by: { tainted.contains($0) && !tainted.contains($1) }) {
                try restart(id)
                beat(id)
                readMetadata(id, upTo: images.count - 1)
                flush(id)
                startFetching(id)
                if round % 3 == 0 { checkInSync(id) }
            }
            let arriving = messages
            messages = []
            for message in arriving {
                eventCount += 1
                try deliver(message)
            }
            for key in dataKeys { consume(key) }
            observe()
            if watch.problem != nil { return }
            if round >= 12, round % 4 == 0 {
                if isWhole { break }
                if round < 60 { try commit() }
                for key in dataKeys where round < 60 || producers[key]?.record != nil { produce(key) }
            }
        }
        if !isWhole { watch.note("the cluster does not heal: \(state)") }
    }

    private var isWhole: Bool {
        keys.allSatisfy { key in
            guard let partition = partition(key), partition.leader >= 0, partition.addingReplicas.isEmpty,
                partition.removingReplicas.isEmpty, partition.isr.count == partition.replicas.count,
                producers[key]?.record == nil
            else { return false }
            let logs = partition.replicas.compactMap { log(key, at: $0) }
            return logs.count == partition.replicas.count && logs.allSatisfy { $0.agrees(with: logs[0]) }
                && !watch.isUnacknowledged(key)
        }
    }

    var state: String {
        "tainted \(tainted.sorted()) "
            + keys.map { key in
                let replicas = Self.brokerIDs.map { id -> String in
                    guard let partition = brokers[id]?.partitions[key] else { return "\(id): none" }
                    let replica = partition.replica
                    return
                        "\(id): epoch \(replica.leaderEpoch)/\(replica.partitionEpoch) leader \(replica.leader) "
                        + "isr \(replica.isr) log \(partition.log.start)-\(partition.log.end) "
                        + "hw \(replica.highWatermark) pending \(replica.pending?.members ?? [])"
                }
                let image = partition(key)
                return
                    "\(key.partition): leader \(image?.leader ?? -9) isr \(image?.isr ?? []) of "
                    + "\(image?.replicas ?? []) [\(replicas.joined(separator: "; "))]"
            }
            .joined(separator: " | ")
    }
}
