import KafkaMessages
import KafkaWire

@testable import KafkaCoordination

/// A cluster in one process under a seeded scheduler: the controller, the replicas, the followers' fetchers and sessions
/// are the real machines; network, disks, clock and crashes are made up.
///
/// A machine loses power, and with it what it has not flushed, only as long as another member of each ISR keeps what it
/// has: more is beyond what `min.insync.replicas=2` promises.
struct ReplicationWorld {
    static let topic = "t"
    static let brokerIDs: [Int32] = [1, 2, 3]

    var generator: SeededGenerator
    var nowMs: Int64 = 1_000_000
    var controller = ControllerWorld()
    /// The metadata after each decision of the controller.
    var images: [MetadataImage] = []
    var brokers: [Int32: SimulatedBroker] = [:]
    /// How far each broker has followed the metadata.
    var positions: [Int32: Int] = [:]
    var messages: [SimulatedMessage] = []
    /// What was lost for those who waited for it, and is still on its way.
    var late: [SimulatedMessage] = []
    /// Pairs, the lower number first, between which nothing arrives; 0 is the controller.
    var cuts: Set<[Int32]> = []
    /// Brokers that lost records and have not registered since.
    var tainted: Set<Int32> = []
    var keys: [FetchKey] = []
    /// The record that the producer of a partition waits for.
    var inFlight: [FetchKey: Int] = [:]
    var nextToken = 0
    var nextID = 0
    var watch = ReplicationWatch()
    /// What happened, if that is to be told.
    private(set) var trace: [String]?

    init(seed: UInt64, sabotage: ReplicationSabotage = [], isTraced: Bool = false) throws {
        if isTraced { trace = [] }
        generator = SeededGenerator(seed: seed)
        for id in Self.brokerIDs {
            brokers[id] = SimulatedBroker(id: id, sabotage: sabotage)
            try start(id)
            try unfence(id)
        }
        try controller.create(
            Self.topic,
            assignments: [[1, 2, 3], [2, 3, 1]],
            configs: ["min.insync.replicas": "2"]
        )
        images.append(controller.image)
        if let id = controller.image.topics[Self.topic]?.id {
            keys = [0, 1].map { FetchKey(topic: .id(id), partition: $0) }
        }
        for id in Self.brokerIDs { readMetadata(id, upTo: images.count - 1) }
    }

    func partition(_ key: FetchKey) -> PartitionImage? {
        controller.image.topics[Self.topic]?.partitions[Int(key.partition)]
    }

    /// The log of a broker, up or down.
    func log(_ key: FetchKey, at broker: Int32) -> SimulatedLog? {
        brokers[broker]?.partitions[key]?.log ?? brokers[broker]?.logs[key]
    }

    mutating func tell(_ event: @autoclosure () -> String) {
        if trace != nil { trace?.append(event()) }
    }

    mutating func pick(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

    func isCut(_ one: Int32, _ other: Int32) -> Bool { cuts.contains([min(one, other), max(one, other)]) }

    // MARK: The controller

    mutating func decide<Answer>(_ result: ControllerResult<Answer>) throws -> Answer {
        let answer = try controller.commit(result)
        if !result.records.isEmpty {
            images.append(controller.image)
            if trace != nil {
                let partitions = keys.compactMap { key in
                    partition(key).map {
                        "\(key.partition): leader \($0.leader) epoch \($0.leaderEpoch)/\($0.partitionEpoch) isr \($0.isr)"
                    }
                }
                tell("controller: \(partitions.joined(separator: "; "))")
            }
        }
        return answer
    }

    mutating func start(_ id: Int32) throws {
        let request = BrokerRegistrationRequest(
            brokerId: id,
            clusterId: "c",
            incarnationId: KafkaUUID.random(using: &generator),
            logDirs: [KafkaUUID(high: 7, low: UInt64(id) + 1000)]
        )
        tell("broker \(id) starts")
        // Its session of before is over by then.
        controller.nowMs += controller.controller.sessions.timeoutMs
        let registration = controller.controller.registerBroker(
            request,
            nextOffset: Int64(controller.log.count),
            nowMs: controller.nowMs
        )
        let answer = try decide(registration)
        brokers[id]?.isUp = true
        brokers[id]?.epoch = answer.brokerEpoch
        tainted.remove(id)
        readMetadata(id, upTo: images.count - 1)
    }

    mutating func unfence(_ id: Int32) throws {
        guard let broker = brokers[id], broker.isUp, !isCut(id, SimulatedMessage.controller) else { return }
        tell("broker \(id) is unfenced")
        _ = try decide(controller.controller.unfenceBroker(id, epoch: broker.epoch))
    }

    /// The broker's session with the controller is over.
    mutating func fence(_ id: Int32) throws {
        guard let broker = controller.image.brokers[id], !broker.isFenced, !wouldLeaveOnlyTainted(id) else { return }
        tell("broker \(id) is fenced")
        var change = BrokerRegistrationChangeRecord()
        change.brokerId = id
        change.brokerEpoch = broker.epoch
        change.fenced = 1
        let image = controller.image
        var records: [MetadataRecord] = [.brokerRegistrationChange(change)]
        for topic in image.topics.values {
            for (index, partition) in topic.partitions.enumerated() {
                let change = PartitionChange(topicID: topic.id, index: Int32(index), partition: partition) {
                    $0 != id && image.brokers[$0]?.isActive == true
                }
                if let record = change.record() { records.append(.partitionChange(record)) }
            }
        }
        try decide(ControllerResult(records: records, answer: ()))
    }

    /// Without the broker, an ISR would consist of those who have lost records.
    private func wouldLeaveOnlyTainted(_ id: Int32) -> Bool {
        keys.contains { key in
            let rest = partition(key)?.isr.filter { $0 != id } ?? []
            return !rest.isEmpty && tainted.isSuperset(of: rest)
        }
    }

    private func mayLosePower(_ id: Int32) -> Bool {
        keys.allSatisfy { key in
            guard let isr = partition(key)?.isr, isr.contains(id) else { return true }
            return isr.contains { member in
                guard member != id, let other = brokers[member] else { return false }
                return other.isUp && controller.image.brokers[member]?.epoch == other.epoch
            }
        }
    }

    mutating func crash(_ id: Int32, losesPower: Bool) {
        guard brokers[id]?.isUp == true else { return }
        let losesPower = losesPower && mayLosePower(id)
        tell("broker \(id) \(losesPower ? "loses power" : "crashes")")
        brokers[id]?.crash(losesPower: losesPower)
        if losesPower { tainted.insert(id) }
    }

    mutating func restart(_ id: Int32) throws {
        guard brokers[id]?.isUp == false, !isCut(id, SimulatedMessage.controller), !wouldLeaveOnlyTainted(id)
        else { return }
        try start(id)
    }

    mutating func preferLeaders() throws {
        let request = ElectLeadersRequest(electionType: 0, topicPartitions: nil)
        _ = try decide(controller.controller.electLeaders(request))
    }

    // MARK: Brokers

    mutating func readMetadata(_ id: Int32, upTo position: Int) {
        guard brokers[id]?.isUp == true, images.indices.contains(position) else { return }
        positions[id] = position
        tell("broker \(id) reads the metadata up to \(position)")
        brokers[id]?.apply(images[position], nowMs: nowMs)
        startFetching(id)
    }

    /// Lets every fetcher of a broker that is free take its next step.
    mutating func startFetching(_ id: Int32) {
        guard let broker = brokers[id], broker.isUp else { return }
        for leader in broker.fetchers.keys.sorted() where broker.fetchers[leader]?.token == nil {
            guard case .fetch(let request)? = brokers[id]?.fetchers[leader]?.machine.next(nowMs: nowMs) else {
                continue
            }
            nextToken += 1
            brokers[id]?.fetchers[leader]?.token = nextToken
            send(.fetch(request, token: nextToken), from: id, to: leader)
        }
    }

    mutating func send(_ body: SimulatedMessage.Body, from: Int32, to: Int32) {
        let epoch = brokers[from]?.epoch ?? -1
        messages.append(SimulatedMessage(from: from, to: to, brokerEpoch: epoch, body: body))
    }

    mutating func produce(_ key: FetchKey) {
        let leaders = Self.brokerIDs.filter { brokers[$0]?.partitions[key]?.replica.isLeader == true }
        guard !leaders.isEmpty else { return }
        let leader = leaders[pick(leaders.count)]
        nextID += 1
        if brokers[leader]?.produce(key, id: nextID) == true {
            inFlight[key] = nextID
            let text = "broker \(leader) takes record \(nextID) into \(key.partition)"
            tell(text)
        }
    }

    mutating func checkInSync(_ id: Int32) {
        for key in keys {
            if let proposal = brokers[id]?.partitions[key]?.replica.checkInSync(nowMs: nowMs).proposal {
                send(.alterPartition(key, proposal), from: id, to: SimulatedMessage.controller)
            }
        }
    }

    /// Hands out acknowledgements and looks whether the rules hold.
    mutating func observe() {
        for id in Self.brokerIDs {
            for key in keys {
                for (offset, record) in brokers[id]?.takeAcknowledged(key) ?? [] {
                    watch.acknowledged(key, offset: offset, id: record, isInOrder: inFlight[key] == record)
                    if inFlight[key] == record { inFlight[key] = nil }
                }
            }
        }
        watch.check(self)
    }
}
