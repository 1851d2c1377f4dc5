import KafkaClient
import KafkaMessages
import KafkaWire
import Testing

@Suite("Membership of a group that the broker assigns")
struct ConsumerMembershipTests {
    typealias Response = ConsumerGroupHeartbeatResponse

    static let id = KafkaUUID(high: 1, low: 2)
    static let t0 = TopicPartition(topic: "t", partition: 0)
    static let t1 = TopicPartition(topic: "t", partition: 1)

    static func membership(instance: String? = nil) -> ConsumerMembership {
        var membership = ConsumerMembership(
            settings: .init(
                groupID: "g",
                memberID: "me",
                instanceID: instance,
                rebalanceTimeoutMs: 60_000,
                assignor: "uniform",
                backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(100))
            )
        )
        membership.resolved([id: "t"])
        membership.subscribe(["t"], nowMs: 0)
        return membership
    }

    static func next(_ membership: inout ConsumerMembership, _ nowMs: Int64 = 0) -> MembershipAction {
        membership.next(nowMs: nowMs, absentSinceMs: nil)
    }

    static func response(_ epoch: Int32, _ partitions: [Int32]? = nil, error: ErrorCode = .none) -> Response {
        Response(
            errorCode: error,
            memberId: "me",
            memberEpoch: epoch,
            heartbeatIntervalMs: 1000,
            assignment: partitions.map { .init(topicPartitions: [.init(topicId: id, partitions: $0)]) }
        )
    }

    /// Joined, with partitions 0 and 1, and all told.
    static func settled(instance: String? = nil) -> ConsumerMembership {
        var membership = membership(instance: instance)
        _ = next(&membership)
        membership.beaten(.success(response(3, [0, 1])), nowMs: 0)
        _ = next(&membership)
        membership.handedOver(nowMs: 0)
        _ = next(&membership)
        membership.beaten(.success(response(3)), nowMs: 0)
        return membership
    }

    @Test func joinsAndTellsWhatItTookOver() {
        var membership = Self.membership()
        guard case .beat(let join) = Self.next(&membership) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(join.memberEpoch == 0)
        #expect(join.memberId == "me")
        #expect(join.subscribedTopicNames == ["t"])
        #expect(join.serverAssignor == "uniform")
        #expect(join.rebalanceTimeoutMs == 60_000)
        #expect(join.topicPartitions == [])
        membership.beaten(.success(Self.response(3, [0, 1])), nowMs: 0)
        #expect(membership.identity.generation == 3)
        #expect(Self.next(&membership) == .handOver([.assigned([Self.t0, Self.t1])]))
        // While the application takes over, only the regular heartbeats go out.
        #expect(Self.next(&membership) == .wait(untilMs: 1000))
        membership.handedOver(nowMs: 10)
        guard case .beat(let told) = Self.next(&membership, 10) else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(told.topicPartitions == [.init(topicId: Self.id, partitions: [0, 1])])
        #expect(told.subscribedTopicNames == nil)
        membership.beaten(.success(Self.response(3)), nowMs: 10)
        #expect(Self.next(&membership, 10) == .wait(untilMs: 1010))
        guard case .beat(let quiet) = Self.next(&membership, 1010) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(quiet == ConsumerGroupHeartbeatRequest(groupId: "g", memberId: "me", memberEpoch: 3))
    }

    @Test func givesBackBeforeItTells() {
        var membership = Self.settled()
        _ = Self.next(&membership, 1000)
        membership.beaten(.success(Self.response(3, [0])), nowMs: 1000)
        #expect(Self.next(&membership, 1000) == .handOver([.revoked([Self.t1]), .assigned([])]))
        guard case .beat(let meanwhile) = Self.next(&membership, 2000) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(meanwhile.topicPartitions == nil)
        membership.beaten(.success(Self.response(3)), nowMs: 2000)
        membership.handedOver(nowMs: 2100)
        guard case .beat(let told) = Self.next(&membership, 2100) else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(told.topicPartitions == [.init(topicId: Self.id, partitions: [0])])
    }

    /// The application may begin at any time with what was laid out for it: a heartbeat that left it out would say that
    /// others can have it.
    @Test func claimsWhatTheApplicationIsAboutToTakeOver() {
        var membership = Self.settled()
        _ = Self.next(&membership, 1000)
        membership.beaten(.success(Self.response(3, [0, 1, 2])), nowMs: 1000)
        let third = TopicPartition(topic: "t", partition: 2)
        #expect(Self.next(&membership, 1000) == .handOver([.assigned([third])]))
        guard case .beat(let meanwhile) = Self.next(&membership, 2000) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(meanwhile.topicPartitions == [.init(topicId: Self.id, partitions: [0, 1, 2])])
        // Now the broker wants it back: it is given back like any other.
        membership.beaten(.success(Self.response(3, [0, 1])), nowMs: 2000)
        membership.handedOver(nowMs: 2100)
        #expect(Self.next(&membership, 2100) == .handOver([.revoked([third]), .assigned([])]))
    }

    @Test(arguments: [ErrorCode.unknownMemberId, .fencedMemberEpoch, .groupIdNotFound])
    func aForgottenMemberHasLostItsPartitions(code: ErrorCode) {
        var membership = Self.settled()
        _ = Self.next(&membership, 1000)
        membership.beaten(.success(Self.response(0, error: code)), nowMs: 1000)
        #expect(membership.identity == MemberIdentity())
        #expect(Self.next(&membership, 1000) == .handOver([.lost([Self.t0, Self.t1])]))
        membership.handedOver(nowMs: 1000)
        guard case .beat(let join) = Self.next(&membership, 1000) else {
            Issue.record("no join")
            return
        }
        #expect(join.memberEpoch == 0)
        #expect(join.topicPartitions == [])
    }

    @Test func tellsEverythingAfterALostAnswer() {
        var membership = Self.settled()
        _ = Self.next(&membership, 1000)
        membership.beaten(.failure(KafkaClientError(.timedOut, "lost")), nowMs: 1000)
        #expect(Self.next(&membership, 1000) == .wait(untilMs: 1100))
        guard case .beat(let full) = Self.next(&membership, 1100) else {
            Issue.record("no heartbeat")
            return
        }
        #expect(full.memberEpoch == 3)
        #expect(full.subscribedTopicNames == ["t"])
        #expect(full.topicPartitions == [.init(topicId: Self.id, partitions: [0, 1])])
    }

    @Test(arguments: [
        ErrorCode.fencedInstanceId, .unreleasedInstanceId, .unsupportedAssignor, .groupMaxSizeReached, .invalidRequest,
        .invalidRegularExpression, .groupAuthorizationFailed, .unsupportedVersion, .groupIdNotFound,
    ])
    func stopsAtErrorsThatStay(code: ErrorCode) {
        var membership = Self.membership()
        _ = Self.next(&membership)
        membership.beaten(.success(Self.response(0, error: code)), nowMs: 0)
        #expect(Self.next(&membership) == .stopped)
        #expect(membership.failure?.brokerError == code || code == .unsupportedVersion)
    }

    @Test func anOlderBrokerIsExplained() {
        var membership = Self.membership()
        _ = Self.next(&membership)
        membership.beaten(.failure(KafkaClientError(.unsupportedByBroker, "No such API.")), nowMs: 0)
        #expect(Self.next(&membership) == .stopped)
        #expect(membership.failure?.message.contains("group.protocol=classic") == true)
        membership.subscribe(["t"], nowMs: 1)
        #expect(membership.failure == nil, "another subscription is another try")
        guard case .beat(let request) = Self.next(&membership, 1) else {
            Issue.record("no try")
            return
        }
        #expect(request.memberEpoch == 0 && request.subscribedTopicNames == ["t"])
    }

    @Test func unknownTopicIDsAreLookedUp() {
        var membership = Self.membership()
        _ = Self.next(&membership)
        let other = KafkaUUID(high: 9, low: 9)
        let answer = Response(
            memberId: "me",
            memberEpoch: 1,
            heartbeatIntervalMs: 1000,
            assignment: .init(topicPartitions: [.init(topicId: other, partitions: [4])])
        )
        membership.beaten(.success(answer), nowMs: 0)
        #expect(Self.next(&membership) == .resolve([other]))
        membership.resolved([other: "u"])
        #expect(Self.next(&membership) == .handOver([.assigned([TopicPartition(topic: "u", partition: 4)])]))
    }

    @Test func leavesForGoodOrForAWhile() {
        #expect(Self.membership().leave() == nil)
        #expect(Self.settled().leave()?.memberEpoch == -1)
        #expect(Self.settled(instance: "i").leave()?.memberEpoch == -2)
        #expect(Self.settled(instance: "i").leave(givesUpPlace: true)?.memberEpoch == -1)
    }

    @Test func anAbsentApplicationGivesItsPlaceToOthers() {
        var membership = Self.settled()
        guard case .beat(let leave) = membership.next(nowMs: 60_000, absentSinceMs: 0) else {
            Issue.record("no farewell")
            return
        }
        #expect(leave.memberEpoch == -1)
        #expect(membership.next(nowMs: 60_000, absentSinceMs: 0) == .wait(untilMs: nil))
        #expect(Self.next(&membership, 61_000) == .handOver([.lost([Self.t0, Self.t1])]))
    }

    @Test func anExpressionIsMatchedByTheBroker() {
        var membership = Self.membership()
        membership.subscribe([], expression: "t.*", nowMs: 0)
        guard case .beat(let join) = Self.next(&membership) else {
            Issue.record("no join")
            return
        }
        #expect(join.subscribedTopicRegex == "t.*")
        #expect(join.subscribedTopicNames == [])
    }
}
