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

    private enum Stray {
        case beat(ConsumerGroupHeartbeatRequest)
        case heartbeat(HeartbeatRequest)
        case leave(LeaveGroupRequest)
    }

    private var random: SeededGenerator
    private var world: GroupWorld
    private var members: [LivingMember] = []
    private let kinds: [GroupProtocol]
    private let strategies: [AssignmentStrategy]
    private var strays: [Stray] = []
    private var names = 0
    private var isFaulty = true
    private var seenPartitions: Int32
    private var generation: Int32 = 0
    /// How far the records of each partition have been processed by anybody, without a gap.
    private var processed: [TopicPartition: Int64] = [:]
    /// Offsets that the coordinator took.
    private var accepted: [TopicPartition: Int64] = [:]

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

    private mutating func rolls(_ percent: Int) -> Bool {
        isFaulty && Int.random(in: 0..<100, using: &random) < percent
    }

    // MARK: The schedule

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: if members.count < 4 { add() }
        case 3: try leave()
        case 4: crash()
        case 5: world.failsNextWrite = true
        case 6:
            try world.restart(waiting: members.compactMap { $0.call?.token })
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

    private mutating func add() {
        let kind = kinds.randomElement(using: &random) ?? .consumer
        names += 1
        let instance = Int.random(in: 0..<4, using: &random) == 0 ? "i\(names)" : nil
        members.append(
            LivingMember(protocol: kind, strategies: strategies, instance: instance, nowMs: world.nowMs)
        )
    }

    /// One goes in good order; a static one may keep its place.
    private mutating func leave() throws {
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
    private mutating func crash() {
        guard members.count > 1 else { return }
        let member = members.remove(at: Int.random(in: members.indices, using: &random))
        guard let instance = member.instance, case let kind = kinds.randomElement(using: &random) ?? .consumer else {
            return
        }
        members.append(LivingMember(protocol: kind, strategies: strategies, instance: instance, nowMs: world.nowMs))
    }

    private mutating func arrive(_ stray: Stray) throws {
        switch stray {
        case .beat(let request):
            // A connection keeps the order of a member's requests; what arrives late is of one that is no more.
            if !members.contains(where: { $0.name == request.memberId }) { _ = try beat(request) }
        case .heartbeat(let request): _ = try world.perform { c, nowMs, _ in c.heartbeat(request, nowMs: nowMs) }
        case .leave(let request):
            _ = try world.perform { c, nowMs, _ in c.leave(request.groupId, request.members, nowMs: nowMs) }
        }
    }

    private mutating func beat(_ request: ConsumerGroupHeartbeatRequest) throws -> ConsumerGroupHeartbeatResponse? {
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

    // MARK: A member's life

    /// The membership does one thing.
    private mutating func live(_ index: Int) throws {
        if seenPartitions != world.partitions || Int.random(in: 0..<8, using: &random) == 0 {
            seenPartitions = world.partitions
            for index in members.indices { members[index].membership.topicsChanged([GroupWorld.topic: seenPartitions]) }
        }
        if let call = members[index].call {
            var answer = call.token.flatMap { world.takeReply($0) }
            if answer == nil, world.nowMs >= call.timeoutAtMs || rolls(2) { answer = .failure(Self.lost) }
            guard let answer else { return }
            members[index].call = nil
            try follow(index, taken(index, rolls(4) ? .failure(Self.lost) : answer, isSync: call.isSync))
            return
        }
        try follow(index, members[index].membership.next(nowMs: world.nowMs, absentSinceMs: nil))
    }

    private static var lost: KafkaClientError { KafkaClientError(.timedOut, "lost") }

    private mutating func taken(
        _ index: Int,
        _ answer: Result<GroupReply, KafkaClientError>,
        isSync: Bool
    ) -> MembershipAction? {
        switch answer {
        case .success(.join(let response)): members[index].joined(.success(response), world.nowMs)
        case .success(.sync(let response)): members[index].synced(.success(response), world.nowMs)
        case .failure(let error):
            isSync
                ? members[index].synced(.failure(error), world.nowMs)
                : members[index].joined(.failure(error), world.nowMs)
        }
    }

    private mutating func follow(_ index: Int, _ first: MembershipAction?) throws {
        var action = first
        while let current = action {
            action = nil
            switch current {
            case .wait: break
            case .handOver(let events): members[index].events = (members[index].events ?? []) + events
            case .describe: action = members[index].described([GroupWorld.topic: world.partitions], world.nowMs)
            case .resolve:
                members[index].membership.change({ _ in }, { $0.resolved([GroupWorld.topicID: GroupWorld.topic]) })
            case .join(let request):
                try call(index, isSync: false) { coordinator, token, nowMs, name in
                    let context = JoinContext(
                        clientID: "client",
                        clientHost: "/host",
                        newMemberID: name,
                        requiresKnownID: true,
                        canSkipAssignment: true
                    )
                    return coordinator.join(request, context, token: token, nowMs: nowMs)
                }
            case .sync(let request):
                try call(index, isSync: true) { coordinator, token, nowMs, _ in
                    coordinator.sync(request, token: token, nowMs: nowMs)
                }
            case .heartbeat(let request): try heartbeat(index, request)
            case .beat(let request): try heartbeat(index, request)
            case .leave(let request): if !rolls(10) { try arrive(.leave(request)) }
            case .stopped:
                // Another took the place of a static member, or a request was refused for good.
                guard members[index].membership.failure?.code == .fenced else {
                    throw Failure("a member stopped: \(members[index].membership.failure.map { "\($0)" } ?? "")")
                }
                members.remove(at: index)
                return
            }
        }
    }

    private mutating func call(
        _ index: Int,
        isSync: Bool,
        _ decide: (inout GroupCoordinator, HeldToken, Int64, String) -> CoordinatorResult<Void, GroupReply>
    ) throws {
        let token = rolls(4) ? nil : try world.hold(decide)
        members[index].call = .init(isSync: isSync, token: token, timeoutAtMs: world.nowMs + 25_000)
    }

    private mutating func heartbeat(_ index: Int, _ request: HeartbeatRequest) throws {
        var outcome = Result<HeartbeatResponse, KafkaClientError>.failure(Self.lost)
        if rolls(4) {
            strays.append(.heartbeat(request))
        } else if let code = try world.perform({ c, nowMs, _ in c.heartbeat(request, nowMs: nowMs) }), !rolls(4) {
            outcome = .success(HeartbeatResponse(errorCode: code))
        }
        let nowMs = world.nowMs
        members[index].membership.change({ $0.beaten(outcome, nowMs: nowMs) }, { _ in })
    }

    private mutating func heartbeat(_ index: Int, _ request: ConsumerGroupHeartbeatRequest) throws {
        members[index].name = request.memberId
        var outcome = Result<ConsumerGroupHeartbeatResponse, KafkaClientError>.failure(Self.lost)
        if rolls(4) {
            strays.append(.beat(request))
        } else if let response = try beat(request), !rolls(4) {
            outcome = .success(response)
        }
        let nowMs = world.nowMs
        members[index].membership.change({ _ in }, { $0.beaten(outcome, nowMs: nowMs) })
    }

    // MARK: Its application

    private mutating func work(_ index: Int) throws {
        guard members.indices.contains(index) else { return }
        var member = members[index]
        if let events = member.events {
            for event in events { try carryOut(event, &member) }
            member.events = nil
            member.membership.handedOver(nowMs: world.nowMs)
        } else {
            for (partition, position) in member.positions.sorted(by: { $0.key < $1.key }) {
                let next = position + Int64.random(in: 0...2, using: &random)
                member.positions[partition] = next
                processed[partition] = max(processed[partition] ?? 0, next)
            }
            if Int.random(in: 0..<3, using: &random) == 0 { try commit(&member) }
        }
        members[index] = member
    }

    private mutating func carryOut(_ event: RebalanceEvent, _ member: inout LivingMember) throws {
        switch event {
        case .revoked(let partitions):
            if Int.random(in: 0..<4, using: &random) > 0 { try commit(&member) }
            for partition in partitions { member.positions[partition] = nil }
        case .lost(let partitions): for partition in partitions { member.positions[partition] = nil }
        case .assigned(let partitions):
            for partition in partitions {
                let start = world.committed(partition.partition)
                guard start <= processed[partition] ?? 0 else {
                    throw Failure("\(partition) begins at \(start), \(processed[partition] ?? 0) are processed")
                }
                member.positions[partition] = start
            }
        }
    }

    private mutating func commit(_ member: inout LivingMember) throws {
        let identity = member.membership.identity
        guard identity.generation >= 0, !member.positions.isEmpty, !rolls(4) else { return }
        let places = member.positions.sorted { $0.key < $1.key }
        let request = OffsetCommitRequest(
            groupId: GroupWorld.group,
            generationIdOrMemberEpoch: identity.generation,
            memberId: identity.memberID,
            groupInstanceId: identity.instanceID,
            topics: [
                .init(
                    name: GroupWorld.topic,
                    partitions: places.map { .init(partitionIndex: $0.key.partition, committedOffset: $0.value) }
                )
            ]
        )
        guard let response = try world.perform({ c, nowMs, _ in c.commit(request, version: 9, nowMs: nowMs) }) else {
            return
        }
        let codes = response.topics.flatMap(\.partitions).map(\.errorCode)
        for ((partition, position), code) in zip(places, codes) where code == .none {
            guard position >= accepted[partition] ?? 0 else {
                throw Failure("\(partition) went back from \(accepted[partition] ?? 0) to \(position)")
            }
            accepted[partition] = position
        }
        guard let code = codes.first, code != .none, !rolls(10) else { return }
        switch code {
        case .unknownMemberId, .illegalGeneration, .fencedMemberEpoch:
            member.membership.commitRefused(code, identity: identity, nowMs: world.nowMs)
        default: break
        }
    }

    // MARK: Rules

    private mutating func check() throws {
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
        if let now = world.generation {
            guard now >= generation else { throw Failure("the generation went from \(generation) to \(now)") }
            generation = now
        }
        for (partition, offset) in accepted where world.committed(partition.partition) != offset {
            throw Failure("\(partition): \(offset) was committed, \(world.committed(partition.partition)) is known")
        }
    }

    /// Without further trouble every partition comes to have one reader, and the group has no members but those that live.
    private mutating func settle() throws {
        isFaulty = false
        world.failsNextWrite = false
        strays = []
        var quiet = 0
        for _ in 0..<1500 where quiet < 40 {
            try world.advance(100)
            for index in members.indices.reversed() {
                try live(index)
                try work(index)
            }
            try check()
            let owned = members.flatMap { $0.positions.keys }
            let isWhole = owned.count == Int(world.partitions) && Set(owned).count == owned.count
            quiet =
                isWhole && world.memberCount == members.count && members.allSatisfy { $0.events == nil } ? quiet + 1 : 0
        }
        guard quiet == 40 else { throw Failure("the group does not come to rest\n\(description)") }
    }

    /// For people who look for the cause.
    private var description: String {
        let lines = members.map { member in
            "\(member.membership.identity) reads \(member.positions.sorted { $0.key < $1.key }) "
                + "events \(member.events.map { "\($0)" } ?? "none")\n  \(member.membership)"
        }
        return "\(world.memberCount) members, \(world.partitions) partitions, generation \(world.generation ?? -1)\n"
            + lines.joined(separator: "\n")
    }
}
