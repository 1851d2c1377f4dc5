@testable import KafkaCoordination

extension ReplicationWorld {
    /// Lives through a random schedule, then lets everything heal. The first broken rule, or nil.
    mutating func run(steps: Int) throws -> String? {
        for _ in 0..<steps {
            try step()
            observe()
            if watch.problem != nil { return watch.problem }
        }
        try heal()
        return watch.problem
    }

    private mutating func step() throws {
        let id = Self.brokerIDs[pick(Self.brokerIDs.count)]
        switch pick(200) {
        case 0..<90: try deliverAny()
        case 90..<125: produceOrGiveUp(keys[pick(keys.count)])
        case 125..<150: startFetching(id)
        case 150..<166: followMetadata(id)
        case 166..<172: nowMs += Int64(pick(700))
        case 172..<176: checkInSync(id)
        case 176..<180: for key in keys { brokers[id]?.partitions[key]?.log.flush() }
        case 180..<183: loseAny()
        case 183: try deliverLate()
        case 184: crash(id, losesPower: false)
        case 185: crash(id, losesPower: true)
        case 186..<189: try restart(id)
        case 189: try fence(id)
        case 190: if brokers[id]?.isUp == false { try fence(id) }
        case 191..<195: try unfence(id)
        case 195: cutLink()
        case 196..<198: cuts = []
        case 198: try preferLeaders()
        default: deleteOld(id, keys[pick(keys.count)])
        }
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

    private mutating func produceOrGiveUp(_ key: FetchKey) {
        if inFlight[key] != nil {
            // The producer has waited long enough; the record may be safe all the same.
            if pick(4) == 0 { inFlight[key] = nil }
            return
        }
        produce(key)
    }

    private mutating func followMetadata(_ id: Int32) {
        guard let position = positions[id], !isCut(id, SimulatedMessage.controller) else { return }
        let behind = images.count - 1 - position
        if behind > 0 { readMetadata(id, upTo: position + 1 + pick(behind)) }
    }

    private mutating func cutLink() {
        let ends = [Int32(pick(4)), Int32(pick(4))]
        if ends[0] != ends[1] { cuts.insert([min(ends[0], ends[1]), max(ends[0], ends[1])]) }
    }

    private mutating func deleteOld(_ id: Int32, _ key: FetchKey) {
        guard let partition = brokers[id]?.partitions[key], partition.replica.isLeader else { return }
        let oldest = partition.log.start
        let newest = partition.replica.highWatermark
        guard newest > oldest else { return }
        let start = oldest + 1 + Int64(pick(Int(newest - oldest)))
        brokers[id]?.partitions[key]?.log.raiseStart(to: start)
    }

    /// Everything works from now on: soon all replicas must be equal and in sync, and what is written acknowledged.
    private mutating func heal() throws {
        cuts = []
        for round in 0..<60 {
            nowMs += 150
            // Who has lost records comes first, so that others may come after.
            for id in Self.brokerIDs.sorted(by: { tainted.contains($0) && !tainted.contains($1) }) {
                try restart(id)
                try unfence(id)
                readMetadata(id, upTo: images.count - 1)
                startFetching(id)
                checkInSync(id)
            }
            let arriving = messages
            messages = []
            for message in arriving { try deliver(message) }
            observe()
            if watch.problem != nil { return }
            if round >= 20, round % 5 == 0 {
                for key in keys where inFlight[key] == nil { produce(key) }
                if isWhole { break }
            }
        }
        if !isWhole { watch.note("the cluster does not heal: \(state)") }
    }

    private var isWhole: Bool {
        keys.allSatisfy { key in
            guard let partition = partition(key), partition.leader >= 0, partition.isr.count == 3 else { return false }
            let logs = Self.brokerIDs.compactMap { log(key, at: $0) }
            return logs.count == 3 && logs.allSatisfy { $0.agrees(with: logs[0]) } && !watch.isUnacknowledged(key)
        }
    }

    var state: String {
        "tainted \(tainted.sorted()) "
            + keys.map { key in
                let replicas = Self.brokerIDs.map { id -> String in
                    guard let partition = brokers[id]?.partitions[key] else { return "\(id): down" }
                    let replica = partition.replica
                    return
                        "\(id): epoch \(replica.leaderEpoch)/\(replica.partitionEpoch) leader \(replica.leader) isr \(replica.isr) "
                        + "log \(partition.log.start)-\(partition.log.end) hw \(replica.highWatermark) pending \(replica.pending?.members ?? [])"
                }
                let image = partition(key)
                return
                    "\(key.partition): leader \(image?.leader ?? -9) isr \(image?.isr ?? []) [\(replicas.joined(separator: "; "))]"
            }
            .joined(separator: " | ")
    }
}
