import KafkaMessages
import KafkaTestSupport
import KafkaWire

@testable import KafkaClient
@testable import KafkaCoordination

/// Our members, of both protocols, and our coordinator, with nothing in between but a schedule: requests and answers get
/// lost, requests arrive a second time when nobody waits for them any more, writes fail, members come, go and die, the
/// coordinator starts again from its log, the topic grows.
struct GroupMemberSimulation {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    enum Stray {
        case beat(ConsumerGroupHeartbeatRequest)
        case heartbeat(HeartbeatRequest)
        case leave(LeaveGroupRequest)
    }

    var random: SeededGenerator
    var world: GroupWorld
    var members: [LivingMember] = []
    let kinds: [GroupProtocol]
    let strategies: [AssignmentStrategy]
    var strays: [Stray] = []
    var names = 0
    var isFaulty = true
    /// Whether to print each state of the group.
    var isTold = false
    var seenPartitions: Int32
    var generation: Int32 = 0
    /// The generation that the log has.
    var logged: Int32 = 0
    /// Of the group, as far as they were seen.
    var beginnings = 0
    /// How far the records of each partition have been processed by anybody, without a gap.
    var processed: [TopicPartition: Int64] = [:]
    /// Offsets that the coordinator took.
    var accepted: [TopicPartition: Int64] = [:]

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        var settings = GroupSettings()
        settings.initialRebalanceDelayMs = Bool.random(using: &random) ? 0 : 300
        settings.modern.timing = .init(sessionTimeoutMs: 10_000, heartbeatIntervalMs: 1000)
        if Int.random(in: 0..<3, using: &random) == 0 {
            settings.modern.pace.promptMembers = 1
            settings.modern.pace.microsecondsPerMember = 400_000
        }
        kinds = [[.classic], [.consumer], [.classic, .consumer]].randomElement(using: &random) ?? [.consumer]
        strategies =
            [[.range], [.roundRobin], [.sticky], [.cooperativeSticky], [.range, .cooperativeSticky]]
            .randomElement(using: &random) ?? [.range]
        world = try GroupWorld(settings: settings, partitions: Int32.random(in: 1...5, using: &random))
        seenPartitions = world.partitions
    }

    mutating func run() throws {
        add()
        for _ in 0..<Int.random(in: 60...300, using: &random) {
            try step()
            try check()
        }
        try settle()
    }

    mutating func rolls(_ percent: Int) -> Bool {
        isFaulty && Int.random(in: 0..<100, using: &random) < percent
    }

    // MARK: The schedule

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: if members.count < 4 { add() }
        case 3: try leave()
        case 4: crash()
        case 5: world.failsNextWrite = true
        case 6:
            try world.restart(waiting: members.compactMap { $0.call?.token })
            try checkRestart()
        case 7: if Int.random(in: 0..<4, using: &random) == 0, world.partitions < 6 { try world.grow() }
        case 8: try world.advance(Int64.random(in: 1000...12_000, using: &random))
        case 9..<14: if !strays.isEmpty { try arrive(strays.removeFirst()) }
        default: break
        }
        try world.advance(Int64.random(in: 0...300, using: &random))
        guard !members.isEmpty else { return }
        let index = Int.random(in: members.indices, using: &random)
        try live(index)
        if !rolls(50) { try work(index) }
    }

    mutating func add() {
        let kind = kinds.randomElement(using: &random) ?? .consumer
        let instance = Int.random(in: 0..<4, using: &random) == 0 ? "i\(names + 1)" : nil
        add(kind, instance)
    }

    mutating func add(_ kind: GroupProtocol, _ instance: String?) {
        names += 1
        members.append(
            LivingMember(
                protocol: kind,
                strategies: strategies,
                instance: instance,
                memberID: KafkaUUID(high: random.next(), low: UInt64(names)),
                nowMs: world.nowMs
            )
        )
    }

    /// One goes in good order; a static one may keep its place.
    mutating func leave() throws {
        guard members.count > 1 else { return }
        var member = members.remove(at: Int.random(in: members.indices, using: &random))
        guard member.events == nil else { return }
        try commit(&member)
        let action = member.membership.end("done", givesUpPlace: Bool.random(using: &random))
        guard !rolls(20) else { return }
        switch action {
        case .leave(let request): try arrive(.leave(request))
        case .beat(let request): try arrive(.beat(request))
        default: break
        }
    }

    /// One dies; a static one is started again, perhaps before anybody notices.
    mutating func crash() {
        guard members.count > 1 else { return }
        let member = members.remove(at: Int.random(in: members.indices, using: &random))
        guard let instance = member.instance, case let kind = kinds.randomElement(using: &random) ?? .consumer else {
            return
        }
        add(kind, instance)
    }

    mutating func arrive(_ stray: Stray) throws {
        switch stray {
        case .beat(let request):
            // A connection keeps the order of a member's requests; what arrives late is of one that is no more.
            if !members.contains(where: { $0.name == request.memberId }) { _ = try beat(request) }
        case .heartbeat(let request): _ = try world.perform { c, nowMs, _ in c.heartbeat(request, nowMs: nowMs) }
        case .leave(let request):
            _ = try world.perform { c, nowMs, _ in c.leave(request.groupId, request.members, nowMs: nowMs) }
        }
    }

    mutating func beat(_ request: ConsumerGroupHeartbeatRequest) throws -> ConsumerGroupHeartbeatResponse? {
        try world.perform { coordinator, nowMs, image in
            coordinator.heartbeat(
                request,
                ModernCall(
                    version: 1,
                    clientID: "client",
                    clientHost: "/host",
                    newMemberID: "",
                    image: image,
                    nowMs: nowMs
                )
            )
        }
    }

    // MARK: Rules

    mutating func check() throws {
        if isTold { print(world.description) }
        var owners: [TopicPartition: String] = [:]
        for member in members {
            let identity = member.membership.identity
            guard world.isOfTheGroup(identity) else { continue }
            for partition in member.positions.keys {
                if let other = owners.updateValue(identity.memberID, forKey: partition) {
                    throw Failure("\(partition) is read by \(identity.memberID) and by \(other)")
                }
            }
        }
        if world.beginnings != beginnings {
            // A group that had no members and is taken over by the other protocol begins at 1; it may be forgotten before
            // anybody is in it, and is not in the log before somebody has a part of it.
            (generation, logged, beginnings) = (0, 0, world.beginnings)
        }
        if let now = world.generation {
            guard now >= generation else { throw Failure("the generation went from \(generation) to \(now)") }
            generation = now
            if world.isSettled { logged = now }
        }
        for (partition, offset) in accepted where world.committed(partition.partition) != offset {
            throw Failure("\(partition): \(offset) was committed, \(world.committed(partition.partition)) is known")
        }
    }

    /// A generation that nobody had been given a part of may be forgotten.
    mutating func checkRestart() throws {
        let now = world.generation ?? 0
        guard now >= logged || world.beginnings != beginnings else {
            throw Failure("the generation was \(logged) before the restart, and is \(now)")
        }
        generation = now
    }

    /// Without further trouble every partition comes to have one reader, and the group has no members but those that live.
    mutating func settle() throws {
        isFaulty = false
        world.failsNextWrite = false
        strays = []
        var quiet = 0
        for _ in 0..<1500 where quiet < 40 {
            // The last one may be refused, while the group still waits for its former self.
            if members.isEmpty { add() }
            try world.advance(100)
            for index in members.indices.reversed() {
                try live(index)
                try work(index)
                // Each time: an empty group may be taken over twice in one round.
                try check()
            }
            let owned = members.flatMap { $0.positions.keys }
            let isWhole = owned.count == Int(world.partitions) && Set(owned).count == owned.count
            quiet =
                isWhole && world.memberCount == members.count && members.allSatisfy { $0.events == nil } ? quiet + 1 : 0
        }
        guard quiet == 40 else { throw Failure("the group does not come to rest\n\(description)") }
    }

    /// For people who look for the cause.
    var description: String {
        let lines = members.map { member in
            "\(member.membership.identity) reads \(member.positions.sorted { $0.key < $1.key }) "
                + "events \(member.events.map { "\($0)" } ?? "none")\n  \(member.membership)"
        }
        return "\(world.memberCount) members, \(world.partitions) partitions, generation \(world.generation ?? -1)\n"
            + lines.joined(separator: "\n")
    }
}
