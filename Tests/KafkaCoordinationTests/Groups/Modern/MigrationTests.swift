import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

/// A group that changes its protocol while members are in it.
@Suite struct MigrationTests {
    /// A coordinator whose records are written at once.
    private struct World {
        var coordinator: GroupCoordinator
        var image = MetadataImage()
        var nowMs: Int64 = 1000
        var tokens: UInt64 = 0
        var log: [CoordinatorRecord] = []
        var replies: [HeldToken: GroupReply] = [:]

        init(_ policy: MigrationPolicy = .bidirectional) throws {
            var settings = GroupSettings()
            settings.modern.migration = policy
            settings.initialRebalanceDelayMs = 0
            coordinator = GroupCoordinator(settings: settings)
            var topics = ModernWorld()
            try topics.createTopic("t", partitions: 4)
            image = topics.image
            _ = coordinator.loaded(image, nowMs: nowMs)
        }

        @discardableResult
        mutating func commit<Answer>(_ decision: CoordinatorResult<Answer, GroupReply>) throws -> Answer {
            for record in decision.records {
                log.append(record)
                try coordinator.replay(record, producerID: nil)
            }
            for reply in decision.replies { replies[reply.token] = reply.reply }
            return decision.answer
        }

        mutating func settle() throws {
            while let due = coordinator.nextDeadlineMs, due <= nowMs { try commit(coordinator.advance(nowMs: nowMs)) }
        }

        mutating func token() -> HeldToken {
            tokens += 1
            return HeldToken(tokens)
        }

        mutating func join(_ member: String, owned: [Int32] = []) throws -> HeldToken {
            let token = token()
            var subscription = ConsumerProtocolSubscription(topics: ["t"])
            if !owned.isEmpty { subscription.ownedPartitions = [.init(topic: "t", partitions: owned)] }
            let metadata = try subscription.versioned(1)
            let request = JoinGroupRequest(
                groupId: "g",
                sessionTimeoutMs: 10_000,
                rebalanceTimeoutMs: 20_000,
                memberId: member,
                protocolType: "consumer",
                protocols: [.init(name: "range", metadata: metadata)]
            )
            let context = JoinContext(
                clientID: "c",
                clientHost: "/h",
                newMemberID: "classic-\(token.number)",
                requiresKnownID: false,
                canSkipAssignment: true
            )
            try commit(coordinator.join(request, context, token: token, nowMs: nowMs))
            try settle()
            return token
        }

        func joined(_ token: HeldToken) throws -> JoinGroupResponse {
            guard case .join(let response)? = replies[token] else {
                throw CoordinatorError(.requestTimedOut)
            }
            return response
        }

        mutating func joinNow(_ member: String, owned: [Int32] = []) throws -> JoinGroupResponse {
            let token = try join(member, owned: owned)
            return try joined(token)
        }

        mutating func sync(_ member: String, _ generation: Int32, _ assignments: [String: [Int32]]) throws
            -> SyncGroupResponse
        {
            let token = token()
            var request = SyncGroupRequest(groupId: "g", generationId: generation, memberId: member)
            request.assignments = try assignments.map { id, partitions in
                let value = ConsumerProtocolAssignment(assignedPartitions: [.init(topic: "t", partitions: partitions)])
                return .init(memberId: id, assignment: try value.versioned(1))
            }
            try commit(coordinator.sync(request, token: token, nowMs: nowMs))
            guard case .sync(let response)? = replies[token] else {
                throw CoordinatorError(.requestTimedOut)
            }
            return response
        }

        mutating func beat(_ member: String, _ generation: Int32) throws -> ErrorCode {
            let request = HeartbeatRequest(groupId: "g", generationId: generation, memberId: member)
            return try commit(coordinator.heartbeat(request, nowMs: nowMs))
        }

        mutating func modern(_ member: String, _ epoch: Int32) throws -> ConsumerGroupHeartbeatResponse {
            var request = ConsumerGroupHeartbeatRequest(groupId: "g", memberId: member, memberEpoch: epoch)
            if epoch == 0 {
                request.rebalanceTimeoutMs = 20_000
                request.subscribedTopicNames = ["t"]
                request.topicPartitions = []
            }
            let call = ModernCall(
                version: 1,
                clientID: "m",
                clientHost: "/h",
                newMemberID: "",
                image: image,
                nowMs: nowMs
            )
            let response = try commit(coordinator.heartbeat(request, call))
            try settle()
            return response
        }

        /// A stable classic group with one member that has everything.
        mutating func classicMember() throws -> (id: String, generation: Int32) {
            let joined = try joinNow("")
            _ = try sync(joined.memberId, joined.generationId, [joined.memberId: [0, 1, 2, 3]])
            return (joined.memberId, joined.generationId)
        }

        var kind: String? {
            switch coordinator.group("g") {
            case .classic: "classic"
            case .consumer: "consumer"
            case nil: nil
            }
        }
    }

    private func partitions(_ response: SyncGroupResponse) throws -> [Int32] {
        try ConsumerProtocolAssignment(versioned: response.assignment).assignedPartitions.flatMap(\.partitions)
    }

    private func partitions(_ response: ConsumerGroupHeartbeatResponse) -> [Int32]? {
        response.assignment?.topicPartitions.flatMap(\.partitions)
    }

    @Test func upgradesAndDowngradesWhileMembersStay() throws {
        var world = try World()
        let (classic, generation) = try world.classicMember()
        #expect(world.kind == "classic")

        let first = try world.modern("m", 0)
        #expect(first.errorCode == .none)
        #expect(world.kind == "consumer")
        #expect(partitions(first) == [])
        #expect(try world.beat(classic, generation) == .rebalanceInProgress)
        let joined = try world.joinNow(classic)
        #expect(joined.memberId == classic)
        #expect(joined.generationId == first.memberEpoch)
        #expect(try partitions(try world.sync(classic, joined.generationId, [:])) == [0, 1])
        #expect(partitions(try world.modern("m", first.memberEpoch)) == [2, 3])
        #expect(try world.beat(classic, joined.generationId) == .none)

        #expect(try world.modern("m", -1).errorCode == .none)
        #expect(world.kind == "classic")
        #expect(try world.beat(classic, joined.generationId) == .rebalanceInProgress)
        let again = try world.joinNow(classic)
        #expect(again.errorCode == .none)
        #expect(again.leader == classic)
        _ = try world.sync(classic, again.generationId, [classic: [0, 1, 2, 3]])
        #expect(try world.beat(classic, again.generationId) == .none)

        var reader = GroupCoordinator(settings: world.coordinator.settings)
        for record in world.log { try reader.replay(record, producerID: nil) }
        guard case .classic(let group)? = reader.group("g") else { throw CoordinatorError(.groupIdNotFound) }
        #expect(group.generation == again.generationId)
        #expect(reader.modern.groups.isEmpty)
    }

    /// Nobody has the partitions of who left, and a new coordinator knows that from the log.
    @Test func aDowngradedGroupIsDividedAnewByTheNextCoordinator() throws {
        var world = try World()
        let (classic, generation) = try world.classicMember()
        let first = try world.modern("m", 0)
        #expect(try world.beat(classic, generation) == .rebalanceInProgress)
        let joined = try world.joinNow(classic)
        _ = try world.sync(classic, joined.generationId, [:])
        #expect(try world.modern("m", first.memberEpoch).errorCode == .none)
        #expect(try world.modern("m", -1).errorCode == .none)
        var next = GroupCoordinator(settings: world.coordinator.settings)
        for record in world.log { try next.replay(record, producerID: nil) }
        world.coordinator = next
        try world.commit(world.coordinator.loaded(world.image, nowMs: world.nowMs))
        #expect(try world.beat(classic, joined.generationId) == .rebalanceInProgress)
        let again = try world.joinNow(classic)
        #expect(again.leader == classic && again.generationId > joined.generationId)
    }

    /// In one group it was to give something back; in the next but one it still has that.
    @Test func aMemberKeepsWhatItReadsThroughTwoChanges() throws {
        var world = try World()
        let (classic, generation) = try world.classicMember()
        _ = try world.modern("m", 0)
        #expect(try world.beat(classic, generation) == .rebalanceInProgress)
        #expect(try world.modern("m", -1).errorCode == .none)
        #expect(world.kind == "classic")
        let second = try world.modern("n", 0)
        #expect(world.kind == "consumer")
        #expect(partitions(second) == [])
    }

    /// A cooperative member that has just been told to give something back may still be reading it.
    @Test func leavesAMemberTimeToGiveBack() throws {
        var world = try World()
        let (classic, _) = try world.classicMember()
        let joined = try world.joinNow(classic, owned: [0, 1, 2, 3])
        _ = try world.sync(classic, joined.generationId, [classic: [0, 1]])
        let first = try world.modern("m", 0)
        #expect(partitions(first) == [])
        #expect(try world.beat(classic, joined.generationId) == .rebalanceInProgress)
        #expect(partitions(try world.modern("m", first.memberEpoch)) == nil)
        let again = try world.joinNow(classic, owned: [0, 1])
        #expect(again.errorCode == .none)
        #expect(partitions(try world.modern("m", first.memberEpoch)) == [2, 3])
    }

    @Test func goesOnlyTheWayThatIsAllowed() throws {
        var closed = try World(.downgrade)
        _ = try closed.classicMember()
        #expect(try closed.modern("m", 0).errorCode == .groupIdNotFound)
        var upward = try World(.upgrade)
        _ = try upward.classicMember()
        #expect(try upward.modern("m", 0).errorCode == .none)
        #expect(try upward.modern("m", -1).errorCode == .none)
        #expect(upward.kind == "consumer")
    }

    @Test func takesOverEmptyGroups() throws {
        var world = try World(.disabled)
        let (classic, _) = try world.classicMember()
        _ = try world.commit(world.coordinator.leave("g", [.init(memberId: classic)], nowMs: world.nowMs))
        #expect(try world.modern("m", 0).errorCode == .none)
        #expect(world.kind == "consumer")
        #expect(try world.modern("m", -1).errorCode == .none)
        #expect(try world.joinNow("").errorCode == .none)
        #expect(world.kind == "classic")
    }

    /// One that was in the group long ago does not take it over: it is told to join as somebody new.
    @Test func noNamedMemberTakesOver() throws {
        var world = try World()
        #expect(try world.modern("m", 0).errorCode == .none)
        #expect(try world.modern("m", -1).errorCode == .none)
        let length = world.log.count
        #expect(try world.joinNow("somebody").errorCode == .unknownMemberId)
        #expect(world.kind == "consumer" && world.log.count == length)
        #expect(try world.joinNow("").errorCode == .none)
        #expect(world.kind == "classic")
    }

    @Test func sendsWhoWaitsToJoinAgain() throws {
        var world = try World()
        let (classic, _) = try world.classicMember()
        let waiting = try world.join("")
        #expect(throws: CoordinatorError.self) { try world.joined(waiting) }
        #expect(try world.modern("m", 0).errorCode == .none)
        #expect(try world.joined(waiting).errorCode == .rebalanceInProgress)
        #expect(world.coordinator.modern.groups["g"]?.members[classic] != nil)
    }
}
