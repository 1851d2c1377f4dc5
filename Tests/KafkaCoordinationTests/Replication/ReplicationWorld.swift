import KafkaMessages
import KafkaWire

@testable import KafkaCoordination

/// A cluster in one process under a seeded scheduler: the controller with its sessions, the replicas, the followers'
/// fetchers and fetch sessions, and what logs know of producers are the real machines; network, disks, clocks, crashes
/// and clients are made up.
///
/// Worlds differ by their seed: in some everybody waits for its disk (`flush.messages=1`), and any machine may lose power
/// at any time; in the others only as long as another member of each ISR keeps what it has: more is beyond what
/// `min.insync.replicas=2` promises. Some allow unclean elections, after which losses are no failures.
struct ReplicationWorld {
    static let topic = "t"
    static let brokerIDs: [Int32] = [1, 2, 3, 4]

    /// What the seed decides for the whole life of a world.
    struct Character {
        let waitsForDisk: Bool
        let allowsUnclean: Bool
        let moves: Bool
        let hasBadClocks: Bool

        init(_ generator: inout SeededGenerator) {
            waitsForDisk = Int.random(in: 0..<3, using: &generator) == 0
            allowsUnclean = Int.random(in: 0..<4, using: &generator) == 0
            moves = Bool.random(using: &generator)
            hasBadClocks = Bool.random(using: &generator)
        }
    }

    /// One at a time for each partition, sent again until it is acknowledged.
    struct Producer {
        var id: Int64
        var sequence: Int32 = 0
        /// The record on its way.
        var record: Int?
    }

    var generator: SeededGenerator
    let character: Character
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
    /// Those that clients write to; the last partition is a group's.
    var dataKeys: ArraySlice<FetchKey> { keys.prefix(2) }
    /// What was committed for the group: the last number given out, and the highest that was acknowledged.
    var lastCommit: Int64 = 0
    var acknowledgedCommit: Int64 = -1
    var commits: [Int: Int64] = [:]
    var producers: [FetchKey: Producer] = [:]
    var readers: [FetchKey: SimulatedReader] = [:]
    var nextProducer: Int64 = 0
    var nextToken = 0
    var nextID = 0
    var watch = ReplicationWatch()
    /// Brokers that something has happened to since the rules were looked at.
    var touched: Set<Int32> = []
    /// Events so far: steps of the schedule, and what arrived when everything healed.
    var eventCount = 0
    /// What happened, if that is to be told.
    private(set) var trace: [String]?

    init(seed: UInt64, sabotage: ReplicationSabotage = [], isTraced: Bool = false) throws {
        if isTraced { trace = [] }
        generator = SeededGenerator(seed: seed)
        character = Character(&generator)
        let ground = try (character.allowsUnclean ? Self.uncleanGround : Self.ground).get()
        controller = ground.controller
        nowMs = controller.nowMs
        images = [controller.image]
        if let id = controller.image.topics[Self.topic]?.id {
            keys = [0, 1, 2].map { FetchKey(topic: .id(id), partition: $0) }
        }
        for id in Self.brokerIDs {
            let drift = character.hasBadClocks ? Int64.random(in: -100...100, using: &generator) : 0
            var broker = SimulatedBroker(
                id: id,
                waitsForDisk: character.waitsForDisk,
                drift: drift,
                sabotage: sabotage
            )
            broker.isUp = true
            broker.epoch = controller.image.brokers[id]?.epoch ?? -1
            brokers[id] = broker
        }
        for key in dataKeys {
            newProducer(key)
            readers[key] = SimulatedReader()
        }
        for id in Self.brokerIDs { readMetadata(id, upTo: 0) }
    }

    /// What all worlds begin with: four brokers and a topic of three partitions.
    private struct Ground {
        var controller = ControllerWorld()

        init(configs: [String: String]) throws {
            controller.controller.sessions.timeoutMs = 1000
            controller.nowMs = 1_000_000
            for id in ReplicationWorld.brokerIDs { try controller.addBroker(id) }
            controller.controller.becameActive(nowMs: controller.nowMs)
            try controller.create(
                ReplicationWorld.topic,
                assignments: [[1, 2, 3], [2, 3, 4], [3, 4, 1]],
                configs: configs.merging(["min.insync.replicas": "2"]) { $1 }
            )
        }
    }

    private static let ground = Result { try Ground(configs: [:]) }
    private static let uncleanGround = Result { try Ground(configs: ["unclean.leader.election.enable": "true"]) }

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

    func clock(_ id: Int32) -> Int64 { brokers[id]?.clock(nowMs) ?? nowMs }

    // MARK: The controller

    /// Carries out what the controller has decided; nil if that is held up, since it would leave an ISR to those who have
    /// lost records: two losses at once.
    mutating func decide<Answer>(_ result: ControllerResult<Answer>) throws -> Answer? {
        guard !character.waitsForDisk || tainted.isEmpty else { tainted = []; return try carryOut(result) }
        let isBeyond = result.records.contains { record in
            guard case .partitionChange(let change) = record, let isr = change.isr else { return false }
            return !isr.isEmpty && tainted.isSuperset(of: isr)
        }
        return isBeyond ? nil : try carryOut(result)
    }

    private mutating func carryOut<Answer>(_ result: ControllerResult<Answer>) throws -> Answer {
        let before = keys.map(partition)
        let answer = try controller.commit(result)
        guard !result.records.isEmpty else { return answer }
        images.append(controller.image)
        for (key, before) in zip(keys, before) {
            guard let after = partition(key), let before, after.isRecovering, after.leader >= 0,
                after.leaderEpoch > before.leaderEpoch, !before.isr.contains(after.leader)
            else { continue }
            tell("broker \(after.leader) is elected uncleanly for \(key.partition)")
            watch.electedUncleanly(key, epoch: after.leaderEpoch, log(key, at: after.leader))
            readers[key]?.forgetEverything()
        }
        if trace != nil {
            let partitions = keys.compactMap { key in
                partition(key).map {
                    "\(key.partition): leader \($0.leader) epoch \($0.leaderEpoch)/\($0.partitionEpoch) isr \($0.isr) "
                        + "of \($0.replicas)"
                }
            }
            tell("controller: \(partitions.joined(separator: "; "))")
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
        let registration = controller.controller.registerBroker(
            request,
            nextOffset: Int64(controller.log.count),
            nowMs: controller.nowMs
        )
        // Its session of before may not be over yet.
        guard let answer = try decide(registration), answer.errorCode == .none else { return }
        tell("broker \(id) starts")
        touched.insert(id)
        brokers[id]?.isUp = true
        brokers[id]?.epoch = answer.brokerEpoch
        tainted.remove(id)
        readMetadata(id, upTo: images.count - 1)
    }

    /// Fences brokers whose sessions are over.
    mutating func fenceSilent() throws {
        let silent = controller.controller.fenceSilentBrokers(nowMs: controller.nowMs)
        guard !silent.records.isEmpty else { return }
        tell("brokers \(silent.answer) are silent")
        _ = try decide(silent)
    }

    private func mayLosePower(_ id: Int32) -> Bool {
        if character.waitsForDisk { return true }
        return keys.allSatisfy { key in
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
        touched.insert(id)
        var chance = SeededGenerator(seed: generator.next())
        brokers[id]?.crash(kept: losesPower ? { Int.random(in: 0...$0, using: &chance) } : nil)
        if losesPower, !character.waitsForDisk { tainted.insert(id) }
    }

    mutating func restart(_ id: Int32) throws {
        guard brokers[id]?.isUp == false, !isCut(id, SimulatedMessage.controller) else { return }
        try start(id)
    }

    mutating func electLeaders() throws {
        let request = ElectLeadersRequest(electionType: 0, topicPartitions: nil)
        _ = try decide(controller.controller.electLeaders(request))
    }

    /// Somebody moves a partition, or takes that back.
    mutating func reassign(_ key: FetchKey) throws {
        let brokers = Self.brokerIDs.shuffled(using: &generator).prefix(3)
        let target: [Int32]? = pick(5) == 0 ? nil : Array(brokers)
        let request = AlterPartitionReassignmentsRequest(
            topics: [.init(name: Self.topic, partitions: [.init(partitionIndex: key.partition, replicas: target)])]
        )
        tell("partition \(key.partition) moves to \(target ?? [])")
        _ = try decide(controller.controller.alterPartitionReassignments(request))
    }

    // MARK: Brokers

    mutating func readMetadata(_ id: Int32, upTo position: Int) {
        guard brokers[id]?.isUp == true, images.indices.contains(position) else { return }
        positions[id] = position
        touched.insert(id)
        tell("broker \(id) reads the metadata up to \(position)")
        let nowMs = clock(id)
        brokers[id]?.apply(images[position], nowMs: nowMs)
        startFetching(id)
    }

    /// Lets every fetcher of a broker that is free take its next step.
    mutating func startFetching(_ id: Int32) {
        guard let broker = brokers[id], broker.isUp else { return }
        let nowMs = clock(id)
        for leader in broker.fetchers.keys.sorted() where broker.fetchers[leader]?.token == nil {
            guard case .fetch(var request)? = brokers[id]?.fetchers[leader]?.machine.next(nowMs: nowMs) else {
                continue
            }
            // In an order that no run changes.
            request.targets.sort { $0.key.partition < $1.key.partition }
            request.forgotten.sort { $0.partition < $1.partition }
            nextToken += 1
            brokers[id]?.fetchers[leader]?.token = nextToken
            send(.fetch(request, token: nextToken), from: id, to: leader)
        }
    }

    mutating func send(_ body: SimulatedMessage.Body, from: Int32, to: Int32) {
        let epoch = brokers[from]?.epoch ?? -1
        messages.append(SimulatedMessage(from: from, to: to, brokerEpoch: epoch, body: body))
    }

    mutating func beat(_ id: Int32) {
        guard brokers[id]?.isUp == true else { return }
        let offset = positions[id].map { images[$0].offset } ?? -1
        send(.heartbeat(offset: offset), from: id, to: SimulatedMessage.controller)
    }

    mutating func checkInSync(_ id: Int32) {
        let nowMs = clock(id)
        touched.insert(id)
        for key in keys {
            if let proposal = brokers[id]?.partitions[key]?.replica.checkInSync(nowMs: nowMs).proposal {
                send(.alterPartition(key, proposal), from: id, to: SimulatedMessage.controller)
            }
        }
    }

    // MARK: Clients

    mutating func newProducer(_ key: FetchKey) {
        nextProducer += 1
        producers[key] = Producer(id: nextProducer)
    }

    /// Sends a record, or the one whose answer did not come once more, to one who believes that it leads.
    mutating func produce(_ key: FetchKey) {
        let leaders = Self.brokerIDs.filter { brokers[$0]?.partitions[key]?.replica.isLeader == true }
        guard !leaders.isEmpty, var producer = producers[key] else { return }
        let leader = leaders[pick(leaders.count)]
        if producer.record == nil {
            nextID += 1
            producer.record = nextID
        }
        let record = SimulatedLog.Record(
            epoch: -1,
            id: producer.record ?? 0,
            producer: producer.id,
            sequence: producer.sequence
        )
        producers[key] = producer
        touched.insert(leader)
        switch brokers[leader]?.produce(key, record) {
        case .taken: tell("broker \(leader) takes record \(record.id) into \(key.partition)")
        case .outOfOrder:
            tell("broker \(leader) does not know the producer of record \(record.id)")
            newProducer(key)
        default: return
        }
    }

    mutating func consume(_ key: FetchKey) {
        let readable = Self.brokerIDs.filter { (brokers[$0]?.partitions[key]?.replica.leader ?? -1) >= 0 }
        guard !readable.isEmpty else { return }
        let broker = readable[pick(readable.count)]
        guard let partition = brokers[broker]?.partitions[key], !watch.isLeftBehind(partition.replica, key),
            let problem = readers[key]?.read(partition)
        else { return }
        watch.note("a consumer of \(key.partition) reads from broker \(broker): \(problem)")
    }

    /// Commits for the group at one who believes that it leads its partition. A coordinator that leads really knows of
    /// everything that was acknowledged.
    mutating func commit() throws {
        let key = keys[2]
        let leaders = Self.brokerIDs.filter { brokers[$0]?.partitions[key]?.replica.isLeader == true }
        guard !leaders.isEmpty else { return }
        let leader = leaders[pick(leaders.count)]
        touched.insert(leader)
        nextID += 1
        lastCommit += 1
        let (id, number, nowMs) = (nextID, lastCommit, clock(leader))
        let known = try brokers[leader]?.coordinate(key, nowMs: nowMs) { coordinator, partition in
            let known = coordinator.offset
            guard let record = try coordinator.commit(number, nowMs: nowMs) else { return known }
            let epoch = partition.replica.leaderEpoch
            partition.log.append(SimulatedLog.Record(epoch: epoch, id: id, commit: record))
            partition.waiting.append((partition.log.end - 1, id, epoch))
            _ = partition.replica.appended(to: partition.log.end)
            return known
        }
        guard let known else { return }
        tell("the coordinator at broker \(leader) knows offset \(known), and takes \(number)")
        commits[id] = number
        let isReal =
            partition(key)?.leader == leader
            && partition(key)?.leaderEpoch == brokers[leader]?.partitions[key]?.replica.leaderEpoch
        if isReal, !watch.isUnclean(key), known < acknowledgedCommit {
            watch.note("the coordinator at broker \(leader) knows \(known), \(acknowledgedCommit) was acknowledged")
        }
    }

    /// Hands out acknowledgements and looks whether the rules hold.
    mutating func observe() {
        for id in touched.sorted() {
            for key in keys {
                guard let done = brokers[id]?.takeAcknowledged(key), !done.isEmpty else { continue }
                let epoch = brokers[id]?.partitions[key]?.replica.leaderEpoch ?? -1
                for (offset, record) in done {
                    if let number = commits[record] { acknowledgedCommit = max(acknowledgedCommit, number) }
                    let isAwaited = producers[key]?.record == record
                    watch.acknowledged(key, offset: offset, id: record, epoch: epoch, isInOrder: isAwaited)
                    guard isAwaited else { continue }
                    producers[key]?.record = nil
                    producers[key]?.sequence += 1
                }
            }
        }
        watch.check(self)
        touched = []
    }
}
