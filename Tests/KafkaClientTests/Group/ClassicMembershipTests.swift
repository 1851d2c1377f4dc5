import KafkaClient
import KafkaMessages
import NIOCore
import Testing

@Suite("Membership of a classic group")
struct ClassicMembershipTests {
    typealias Membership = ClassicMembership

    static let t0 = TopicPartition(topic: "t", partition: 0)
    static let t1 = TopicPartition(topic: "t", partition: 1)

    static func membership(
        _ strategies: [AssignmentStrategy] = [.range],
        instance: String? = nil,
        rack: String? = nil
    ) -> Membership {
        Membership(
            settings: .init(
                groupID: "g",
                instanceID: instance,
                sessionTimeoutMs: 10_000,
                rebalanceTimeoutMs: 60_000,
                heartbeatIntervalMs: 1000,
                strategies: strategies,
                rack: rack,
                backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(100))
            )
        )
    }

    static func next(_ membership: inout Membership, _ nowMs: Int64 = 0, absent: Int64? = nil) -> MembershipAction {
        membership.next(nowMs: nowMs, absentSinceMs: absent)
    }

    static func assignment(_ partitions: TopicPartition...) -> ByteBuffer {
        let assignment = ConsumerProtocolAssignment(
            assignedPartitions: [.init(topic: "t", partitions: partitions.map(\.partition))]
        )
        return (try? assignment.versioned(0)) ?? ByteBuffer()
    }

    /// Brings a membership to a stable generation 1 as follower, with partitions.
    static func settle(_ membership: inout Membership, _ partitions: TopicPartition..., nowMs: Int64 = 0) throws {
        membership.subscribe(["t"], nowMs: nowMs)
        try rejoin(&membership, generation: 1, bytes: partitions.isEmpty ? ByteBuffer() : bytes(partitions), nowMs)
    }

    static func bytes(_ partitions: [TopicPartition]) -> ByteBuffer {
        let assignment = ConsumerProtocolAssignment(
            assignedPartitions: [.init(topic: "t", partitions: partitions.map(\.partition))]
        )
        return (try? assignment.versioned(3)) ?? ByteBuffer()
    }

    static func rejoin(
        _ membership: inout Membership,
        generation: Int32,
        bytes: ByteBuffer,
        strategy: String? = nil,
        _ nowMs: Int64 = 0
    ) throws {
        var action = next(&membership, nowMs)
        if case .handOver = action {
            membership.handedOver(nowMs: nowMs)
            action = next(&membership, nowMs)
        }
        guard case .join(let request) = action else {
            Issue.record("no join but \(action)")
            return
        }
        let chosen = strategy ?? request.protocols[0].name
        let joined = membership.joined(.success(answer(generation: generation, strategy: chosen)), nowMs: nowMs)
        guard case .sync = joined else {
            Issue.record("no sync but \(String(describing: joined))")
            return
        }
        let synced = membership.synced(.success(SyncGroupResponse(assignment: bytes)), nowMs: nowMs)
        guard case .handOver = synced else {
            Issue.record("no handover but \(String(describing: synced))")
            return
        }
        membership.handedOver(nowMs: nowMs)
    }

    static func answer(
        _ error: ErrorCode = .none,
        generation: Int32 = 1,
        strategy: String = "range",
        leader: String = "other",
        member: String = "me"
    ) -> JoinGroupResponse {
        JoinGroupResponse(
            errorCode: error,
            generationId: generation,
            protocolType: "consumer",
            protocolName: strategy,
            leader: leader,
            memberId: member
        )
    }

    static func failure(_ code: ErrorCode) -> Result<HeartbeatResponse, KafkaClientError> {
        .success(HeartbeatResponse(errorCode: code))
    }

    // MARK: Joining

    @Test func joinsAsTheBrokerAsks() throws {
        var membership = Self.membership([.range, .cooperativeSticky])
        #expect(Self.next(&membership) == .wait(untilMs: nil))
        membership.subscribe(["t"], nowMs: 0)
        guard case .join(let first) = Self.next(&membership) else {
            Issue.record("no join")
            return
        }
        #expect(first.memberId.isEmpty)
        #expect(first.protocolType == "consumer")
        #expect(first.protocols.map(\.name) == ["range", "cooperative-sticky"])
        #expect(first.rebalanceTimeoutMs == 60_000)
        #expect(membership.joined(.success(Self.answer(.memberIdRequired, member: "me")), nowMs: 5) == nil)
        guard case .join(let second) = Self.next(&membership, 5) else {
            Issue.record("no second join")
            return
        }
        #expect(second.memberId == "me")
        let synced = membership.joined(.success(Self.answer(generation: 3)), nowMs: 10)
        guard case .sync(let sync) = synced else {
            Issue.record("no sync")
            return
        }
        #expect(sync.generationId == 3)
        #expect(sync.assignments.isEmpty)
        let handover = membership.synced(.success(SyncGroupResponse(assignment: Self.assignment(Self.t0))), nowMs: 20)
        #expect(handover == .handOver([.assigned([Self.t0])]))
        #expect(membership.identity.generation == 3)
        membership.handedOver(nowMs: 30)
        #expect(membership.owned == [Self.t0])
        #expect(Self.next(&membership, 30) == .wait(untilMs: 1010))
        guard case .heartbeat(let beat) = Self.next(&membership, 1010) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(beat == HeartbeatRequest(groupId: "g", generationId: 3, memberId: "me"))
    }

    @Test func leadsByAssigningToAll() throws {
        var membership = Self.membership()
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        var answer = Self.answer(leader: "me")
        let metadata = try ConsumerProtocolSubscription(topics: ["t", "u"]).versioned(0)
        answer.members = [
            .init(memberId: "me", metadata: try ConsumerProtocolSubscription(topics: ["t"]).versioned(3)),
            .init(memberId: "you", metadata: metadata),
            .init(memberId: "garbage", metadata: ByteBuffer(bytes: [1, 2, 3])),
        ]
        #expect(membership.joined(.success(answer), nowMs: 0) == .describe(["t", "u"]))
        let next = membership.described(.success(["t": 2]), nowMs: 0)
        guard case .sync(let sync) = next else {
            Issue.record("no sync")
            return
        }
        #expect(sync.assignments.map(\.memberId) == ["garbage", "me", "you"])
        #expect(sync.assignments[1].assignment == Self.assignment(Self.t0))
        #expect(sync.assignments[2].assignment == Self.assignment(Self.t1))
        _ = membership.synced(.success(SyncGroupResponse(assignment: Self.assignment(Self.t0))), nowMs: 0)
        membership.handedOver(nowMs: 0)
        membership.topicsChanged(["t": 2])
        #expect(membership.isStable)
        // A topic that somebody wants has come into being.
        membership.topicsChanged(["t": 2, "u": 1])
        #expect(!membership.isStable)
    }

    @Test func aReturningStaticLeaderAssignsNothing() throws {
        var membership = Self.membership(instance: "i")
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        var answer = Self.answer(leader: "me")
        answer.skipAssignment = true
        answer.members = [.init(memberId: "me", metadata: ByteBuffer())]
        #expect(membership.joined(.success(answer), nowMs: 0) == .describe(["t"]))
        guard case .sync(let sync) = membership.described(.success(["t": 2]), nowMs: 0) else {
            Issue.record("no sync")
            return
        }
        #expect(sync.assignments.isEmpty)
        _ = membership.synced(.success(SyncGroupResponse(assignment: Self.assignment(Self.t0))), nowMs: 0)
        membership.handedOver(nowMs: 0)
        // Its former self may have known fewer partitions.
        #expect(Self.next(&membership) == .review(DescribeGroupsRequest(groups: ["g"])))
        var group = DescribeGroupsResponse.DescribedGroup(groupId: "g", groupState: "Stable")
        group.members = [
            .init(memberId: "me", memberAssignment: Self.assignment(Self.t0)),
            .init(memberId: "you", memberAssignment: Self.assignment(Self.t1)),
        ]
        membership.reviewed(.failure(KafkaClientError(.timedOut, "lost")))
        membership.reviewed(.success(DescribeGroupsResponse(groups: [group])))
        #expect(membership.isStable)
        group.members.removeLast()
        membership.reviewed(.success(DescribeGroupsResponse(groups: [group])))
        #expect(!membership.isStable)
        #expect(membership.leave("bye") == nil)
        #expect(membership.leave("bye", givesUpPlace: true)?.members[0].groupInstanceId == "i")
    }

    @Test(arguments: [
        ErrorCode.coordinatorLoadInProgress, .coordinatorNotAvailable, .notCoordinator, .rebalanceInProgress,
        .unknownMemberId, .illegalGeneration,
    ])
    func triesAgainAfterErrorsThatPass(code: ErrorCode) {
        var membership = Self.membership()
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        #expect(membership.joined(.success(Self.answer(code)), nowMs: 0) == nil)
        #expect(Self.next(&membership, 0) == .wait(untilMs: 100))
        guard case .join(let again) = Self.next(&membership, 100) else {
            Issue.record("no second attempt")
            return
        }
        #expect(again.memberId.isEmpty)
    }

    @Test(arguments: [
        ErrorCode.inconsistentGroupProtocol, .invalidSessionTimeout, .invalidGroupId, .groupAuthorizationFailed,
        .groupMaxSizeReached, .fencedInstanceId, .unsupportedVersion, .unknownServerError,
    ])
    func stopsAtErrorsThatStay(code: ErrorCode) {
        var membership = Self.membership()
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        #expect(membership.joined(.success(Self.answer(code)), nowMs: 0) == nil)
        #expect(Self.next(&membership) == .stopped)
        #expect(membership.failure?.brokerError == code)
        #expect(membership.failure?.code == (code == .fencedInstanceId ? .fenced : .broker))
    }

    @Test func survivesLostAnswers() throws {
        var membership = Self.membership()
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        let lost = KafkaClientError(.timedOut, "lost")
        #expect(membership.joined(.failure(lost), nowMs: 0) == nil)
        _ = Self.next(&membership, 100)
        _ = membership.joined(.success(Self.answer()), nowMs: 100)
        #expect(membership.synced(.failure(lost), nowMs: 100) == nil)
        guard case .join(let again) = Self.next(&membership, 200) else {
            Issue.record("no join")
            return
        }
        #expect(again.memberId == "me")
    }

    @Test func refusesAStrategyThatItDidNotOffer() {
        var membership = Self.membership()
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        _ = membership.joined(.success(Self.answer(strategy: "sticky")), nowMs: 0)
        #expect(Self.next(&membership) == .stopped)
    }

    @Test func refusesAnAssignmentThatCannotBeRead() {
        var membership = Self.membership()
        membership.subscribe(["t"], nowMs: 0)
        _ = Self.next(&membership)
        _ = membership.joined(.success(Self.answer()), nowMs: 0)
        let bytes = ByteBuffer(bytes: [0, 0, 0x7f, 0xff, 0xff, 0xff])
        #expect(membership.synced(.success(SyncGroupResponse(assignment: bytes)), nowMs: 0) == nil)
        #expect(Self.next(&membership) == .stopped)
        #expect(membership.failure?.code == .protocolViolation)
    }

    // MARK: Rebalances

    @Test func anEagerMemberGivesAllBackFirst() throws {
        var membership = Self.membership()
        try Self.settle(&membership, Self.t0, Self.t1)
        membership.beaten(Self.failure(.rebalanceInProgress), nowMs: 1000)
        #expect(Self.next(&membership, 1000) == .handOver([.revoked([Self.t0, Self.t1])]))
        // While the application takes its time, the group hears that the member lives.
        guard case .heartbeat = Self.next(&membership, 2500) else {
            Issue.record("no heartbeat")
            return
        }
        membership.beaten(Self.failure(.rebalanceInProgress), nowMs: 2500)
        membership.handedOver(nowMs: 2600)
        guard case .join(let request) = Self.next(&membership, 2600) else {
            Issue.record("no join")
            return
        }
        #expect(request.memberId == "me")
        let told = try ConsumerProtocolSubscription(versioned: request.protocols[0].metadata)
        #expect(told.ownedPartitions.isEmpty)
    }

    @Test func aCooperativeMemberKeepsAndThenGivesBack() throws {
        var membership = Self.membership([.cooperativeSticky])
        try Self.settle(&membership, Self.t0, Self.t1)
        membership.beaten(Self.failure(.rebalanceInProgress), nowMs: 1000)
        guard case .join(let request) = Self.next(&membership, 1000) else {
            Issue.record("no join")
            return
        }
        let told = try ConsumerProtocolSubscription(versioned: request.protocols[0].metadata)
        #expect(told.ownedPartitions == [.init(topic: "t", partitions: [0, 1])])
        #expect(told.generationId == 1)
        _ = membership.joined(.success(Self.answer(generation: 2, strategy: "cooperative-sticky")), nowMs: 1000)
        let handover = membership.synced(.success(SyncGroupResponse(assignment: Self.assignment(Self.t0))), nowMs: 1000)
        #expect(handover == .handOver([.revoked([Self.t1]), .assigned([])]))
        membership.handedOver(nowMs: 1100)
        #expect(membership.owned == [Self.t0])
        // Others wait for what was given back: at once again.
        guard case .join = Self.next(&membership, 1100) else {
            Issue.record("no second join")
            return
        }
    }

    /// A static member is kept in generations that it takes no part in, and others get its partitions there.
    @Test func whatIsKeptIsLostInAGenerationThatPassesBy() throws {
        var membership = Self.membership([.cooperativeSticky])
        try Self.settle(&membership, Self.t0, Self.t1)
        membership.beaten(Self.failure(.rebalanceInProgress), nowMs: 1000)
        guard case .join = Self.next(&membership, 1000) else {
            Issue.record("no join")
            return
        }
        let answer = Self.answer(generation: 3, strategy: "cooperative-sticky")
        #expect(membership.joined(.success(answer), nowMs: 9000) == nil)
        // Nothing is committed any more of what it had.
        #expect(membership.identity == MemberIdentity())
        #expect(Self.next(&membership, 9000) == .handOver([.lost([Self.t0, Self.t1])]))
        membership.handedOver(nowMs: 9100)
        guard case .join(let request) = Self.next(&membership, 9100) else {
            Issue.record("no second join")
            return
        }
        #expect(request.memberId == "me")
        let told = try ConsumerProtocolSubscription(versioned: request.protocols[0].metadata)
        #expect(told.ownedPartitions.isEmpty && told.generationId == -1)
    }

    @Test func topicsThatAreNotWantedAnyMoreAreGivenBackFirst() throws {
        var membership = Self.membership([.cooperativeSticky])
        try Self.settle(&membership, Self.t0)
        membership.subscribe(["u"], nowMs: 10)
        #expect(Self.next(&membership, 10) == .handOver([.revoked([Self.t0])]))
    }

    @Test(arguments: [ErrorCode.unknownMemberId, .illegalGeneration], [AssignmentStrategy.range, .cooperativeSticky])
    func aForgottenMemberHasLostItsPartitions(code: ErrorCode, strategy: AssignmentStrategy) throws {
        var membership = Self.membership([strategy])
        try Self.settle(&membership, Self.t0)
        membership.beaten(Self.failure(code), nowMs: 1000)
        #expect(membership.identity == MemberIdentity())
        #expect(Self.next(&membership, 1000) == .handOver([.lost([Self.t0])]))
        membership.handedOver(nowMs: 1000)
        guard case .join(let request) = Self.next(&membership, 1000) else {
            Issue.record("no join")
            return
        }
        #expect(request.memberId == (code == .unknownMemberId ? "" : "me"))
        #expect(membership.owned.isEmpty)
    }

    @Test(arguments: [ErrorCode.notCoordinator, .coordinatorNotAvailable, .coordinatorLoadInProgress])
    func heartbeatsAreRepeatedWhenTheCoordinatorMoves(code: ErrorCode) throws {
        var membership = Self.membership()
        try Self.settle(&membership, Self.t0)
        guard case .heartbeat = Self.next(&membership, 1000) else {
            Issue.record("no heartbeat")
            return
        }
        membership.beaten(Self.failure(code), nowMs: 1000)
        #expect(Self.next(&membership, 1000) == .wait(untilMs: 1100))
        #expect(membership.owned == [Self.t0])
    }

    @Test func aFencedMemberStops() throws {
        var membership = Self.membership(instance: "i")
        try Self.settle(&membership, Self.t0)
        membership.beaten(Self.failure(.fencedInstanceId), nowMs: 1000)
        #expect(Self.next(&membership, 1000) == .stopped)
        #expect(membership.failure?.code == .fenced)
        #expect(membership.owned == [Self.t0])
    }

    @Test func anAbsentApplicationGivesItsPlaceToOthers() throws {
        var membership = Self.membership()
        try Self.settle(&membership, Self.t0)
        #expect(Self.next(&membership, 0, absent: 0) == .wait(untilMs: 1000))
        guard case .leave(let request) = Self.next(&membership, 60_000, absent: 0) else {
            Issue.record("no leave")
            return
        }
        #expect(request.members.map(\.memberId) == ["me"])
        #expect(Self.next(&membership, 60_000, absent: 0) == .wait(untilMs: nil))
        #expect(Self.next(&membership, 70_000, absent: nil) == .handOver([.lost([Self.t0])]))
        membership.handedOver(nowMs: 70_000)
        guard case .join(let again) = Self.next(&membership, 70_000) else {
            Issue.record("no join")
            return
        }
        #expect(again.memberId.isEmpty)
    }

    @Test func aRefusedCommitTellsThatTheMembershipIsOver() throws {
        var membership = Self.membership()
        try Self.settle(&membership, Self.t0)
        membership.commitRefused(.illegalGeneration, identity: MemberIdentity(memberID: "me", generation: 0))
        #expect(membership.isStable)
        membership.commitRefused(.illegalGeneration, identity: membership.identity)
        #expect(Self.next(&membership, 10) == .handOver([.lost([Self.t0])]))
    }
}
