import KafkaClient
import KafkaMessages
import KafkaWire
import Testing

@Suite("Membership of a share group") struct ShareMembershipTests {
    typealias Request = ShareGroupHeartbeatRequest
    typealias Response = ShareGroupHeartbeatResponse

    static let id = KafkaUUID(high: 1, low: 2)

    static func membership() -> ShareMembership {
        var membership = ShareMembership(
            settings: .init(
                groupID: "g",
                memberID: "me",
                rack: "r",
                backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(100))
            )
        )
        membership.subscribe(["t"], nowMs: 0)
        return membership
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

    /// Joined at time 0, with partition 0.
    static func active() -> ShareMembership {
        var membership = membership()
        _ = membership.next(nowMs: 0)
        membership.beaten(.success(response(3, [0])), nowMs: 0)
        membership.resolved([id: "t"])
        return membership
    }

    @Test func joins() {
        var membership = Self.membership()
        #expect(
            membership.next(nowMs: 0)
                == .beat(
                    Request(groupId: "g", memberId: "me", memberEpoch: 0, rackId: "r", subscribedTopicNames: ["t"])
                )
        )
        // One at a time.
        #expect(membership.next(nowMs: 5) == .wait(untilMs: nil))
        #expect(!membership.isAssigned)
        membership.beaten(.success(Self.response(3, [0, 1, -1])), nowMs: 10)
        #expect(membership.epoch == 3 && membership.isAssigned)
        #expect(membership.next(nowMs: 10) == .resolve([Self.id]))
        membership.resolved([Self.id: "t"])
        #expect(Set(membership.assignment.values.map(\.partition)) == [0, 1])
        #expect(membership.next(nowMs: 10) == .wait(untilMs: 1010))
        #expect(membership.next(nowMs: 1010) == .beat(Request(groupId: "g", memberId: "me", memberEpoch: 3)))
        // No assignment: it stays as it was.
        membership.beaten(.success(Self.response(4)), nowMs: 1020)
        #expect(membership.assignment.count == 2)
        membership.subscribe(["u", "t"], nowMs: 1030)
        #expect(
            membership.next(nowMs: 1030)
                == .beat(Request(groupId: "g", memberId: "me", memberEpoch: 4, subscribedTopicNames: ["t", "u"]))
        )
    }

    @Test(arguments: [ErrorCode.unknownMemberId, .fencedMemberEpoch])
    func fencedJoinsAnew(error: ErrorCode) {
        var membership = Self.active()
        _ = membership.next(nowMs: 1000)
        membership.beaten(.success(Self.response(0, error: error)), nowMs: 1000)
        #expect(membership.epoch == 0 && membership.assignment.isEmpty && !membership.isAssigned)
        guard case .beat(let join) = membership.next(nowMs: 1000) else {
            Issue.record("does not join")
            return
        }
        #expect(join.memberEpoch == 0 && join.memberId == "me" && join.subscribedTopicNames == ["t"])
        // A group that fences whoever joins is not asked without a pause.
        membership.beaten(.success(Self.response(0, error: error)), nowMs: 1000)
        #expect(membership.next(nowMs: 1000) == .wait(untilMs: 1100))
    }

    @Test func lostAnswersAreToldAgain() {
        var membership = Self.active()
        _ = membership.next(nowMs: 1000)
        membership.beaten(.failure(KafkaClientError(.timedOut, "late")), nowMs: 2000)
        #expect(membership.next(nowMs: 2000) == .wait(untilMs: 2100))
        guard case .beat(let again) = membership.next(nowMs: 2100) else {
            Issue.record("does not try again")
            return
        }
        #expect(again.memberEpoch == 3 && again.subscribedTopicNames == ["t"])
        membership.beaten(.success(Self.response(0, error: .notCoordinator)), nowMs: 2200)
        #expect(membership.failure == nil)
        #expect(membership.next(nowMs: 2300) != .stopped)
    }

    @Test func refusalsEndIt() {
        for (answer, text) in [
            (Self.response(0, error: .groupAuthorizationFailed), "refuses this member"),
            (Self.response(0, error: .unsupportedVersion), "does not offer share groups"),
        ] {
            var membership = Self.membership()
            _ = membership.next(nowMs: 0)
            membership.beaten(.success(answer), nowMs: 0)
            #expect(membership.next(nowMs: 9999) == .stopped)
            #expect(membership.failure?.message.contains(text) == true)
        }
        var old = Self.membership()
        _ = old.next(nowMs: 0)
        old.beaten(.failure(KafkaClientError(.unsupportedByBroker, "no such request")), nowMs: 0)
        #expect(old.next(nowMs: 0) == .stopped && old.failure?.code == .unsupportedByBroker)
    }

    @Test func leaves() {
        var membership = Self.active()
        #expect(membership.leave() == Request(groupId: "g", memberId: "me", memberEpoch: -1))
        #expect(membership.next(nowMs: 0) == .stopped && membership.failure == nil)
        var stranger = Self.membership()
        #expect(stranger.leave() == nil)
    }

    /// Every state meets every event.
    @Test func strayAnswersChangeNothing() {
        var membership = Self.membership()
        membership.beaten(.success(Self.response(9, [5])), nowMs: 0)
        #expect(membership.epoch == 0 && membership.assignment.isEmpty)
        _ = membership.next(nowMs: 0)
        _ = membership.leave()
        membership.beaten(.success(Self.response(9, [5])), nowMs: 0)
        #expect(membership.next(nowMs: 0) == .stopped && membership.epoch == 0)
    }
}
