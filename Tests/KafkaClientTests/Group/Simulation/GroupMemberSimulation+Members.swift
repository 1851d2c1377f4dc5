import KafkaMessages
import KafkaWire

@testable import KafkaClient
@testable import KafkaCoordination

extension GroupMemberSimulation {
    // MARK: A member's life

    /// The membership does one thing.
    mutating func live(_ index: Int) throws {
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

    static var lost: KafkaClientError { KafkaClientError(.timedOut, "lost") }

    mutating func taken(
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

    mutating func follow(_ index: Int, _ first: MembershipAction?) throws {
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
            case .review(let request):
                var outcome = Result<DescribeGroupsResponse, KafkaClientError>.failure(Self.lost)
                if let groups = try world.perform({ c, _, _ in c.describe(request.groups) }) {
                    outcome = .success(DescribeGroupsResponse(groups: groups))
                }
                members[index].membership.change({ $0.reviewed(outcome) }, { _ in })
            case .heartbeat(let request): try heartbeat(index, request)
            case .beat(let request): try heartbeat(index, request)
            case .leave(let request): if !rolls(10) { try arrive(.leave(request)) }
            case .stopped:
                // Another took the place of a static member, or a request was refused for good.
                let failure = members[index].membership.failure
                guard failure?.code == .fenced || failure?.brokerError == .unreleasedInstanceId else {
                    throw Failure("a member stopped: \(failure.map { "\($0)" } ?? "")")
                }
                members.remove(at: index)
                return
            }
        }
    }

    mutating func call(
        _ index: Int,
        isSync: Bool,
        _ decide: (inout GroupCoordinator, HeldToken, Int64, String) -> CoordinatorResult<Void, GroupReply>
    ) throws {
        let token = rolls(4) ? nil : try world.hold(decide)
        members[index].call = .init(isSync: isSync, token: token, timeoutAtMs: world.nowMs + 25_000)
    }

    mutating func heartbeat(_ index: Int, _ request: HeartbeatRequest) throws {
        var outcome = Result<HeartbeatResponse, KafkaClientError>.failure(Self.lost)
        if rolls(4) {
            strays.append(.heartbeat(request))
        } else if let code = try world.perform({ c, nowMs, _ in c.heartbeat(request, nowMs: nowMs) }), !rolls(4) {
            outcome = .success(HeartbeatResponse(errorCode: code))
        }
        let nowMs = world.nowMs
        members[index].membership.change({ $0.beaten(outcome, nowMs: nowMs) }, { _ in })
    }

    mutating func heartbeat(_ index: Int, _ request: ConsumerGroupHeartbeatRequest) throws {
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

    mutating func work(_ index: Int) throws {
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

    mutating func carryOut(_ event: RebalanceEvent, _ member: inout LivingMember) throws {
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

    mutating func commit(_ member: inout LivingMember) throws {
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
}
