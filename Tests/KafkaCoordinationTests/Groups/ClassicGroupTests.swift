import KafkaMessages
import NIOCore
import Testing

@testable import KafkaCoordination

@Suite struct ClassicGroupTests {
    // MARK: Joining

    @Test func aNewMemberComesBackWithTheIDThatItIsGiven() throws {
        let talk = GroupConversation()
        let first = talk.join(requiresID: true)
        let told = try #require(talk.joined(first))
        #expect(told.errorCode == .memberIdRequired)
        #expect(told.memberId == "m1")
        #expect(talk.group()?.members.isEmpty == true)

        let joined = try #require(talk.joined(talk.join("m1", requiresID: true)))
        #expect(joined.errorCode == .none)
        #expect(joined.generationId == 1)
        #expect(joined.leader == "m1")
        #expect(joined.protocolName == "range")
        #expect(joined.protocolType == "consumer")
        #expect(joined.members.map(\.memberId) == ["m1"])

        let synced = talk.sync("m1", 1, ["m1": "all"])
        #expect(talk.assignment(synced) == "all")
        #expect(talk.group()?.state == .stable)
        #expect(talk.log.count == 1)
    }

    @Test func anIDThatIsNotUsedIsForgotten() {
        let talk = GroupConversation()
        _ = talk.join(requiresID: true)
        talk.advance(10_000)
        #expect(talk.group() == nil, "nothing was written, nothing is left")
        let late = talk.join("m1", requiresID: true)
        #expect(talk.joined(late)?.errorCode == .unknownMemberId)
    }

    @Test func aSecondMemberStartsARebalanceThatTheFirstJoins() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 1)
        let second = talk.join(metadata: "two")
        #expect(talk.joined(second) == nil, "held")
        #expect(talk.heartbeat(ids[0], 1) == .rebalanceInProgress)

        let first = talk.join(ids[0], metadata: "one")
        let leader = try #require(talk.joined(first))
        let follower = try #require(talk.joined(second))
        #expect(leader.generationId == 2 && follower.generationId == 2)
        #expect(leader.leader == ids[0] && follower.leader == ids[0])
        #expect(leader.members.map(\.memberId) == [ids[0], follower.memberId].sorted())
        #expect(Set(leader.members.map { String(buffer: $0.metadata) }) == ["one", "two"])
        #expect(follower.members.isEmpty)

        let waiting = talk.sync(follower.memberId, 2)
        #expect(talk.synced(waiting) == nil)
        #expect(talk.heartbeat(follower.memberId, 2) == ErrorCode.none, "heartbeats are fine while it waits")
        let leading = talk.sync(ids[0], 2, [ids[0]: "a", "stranger": "b"])
        #expect(talk.assignment(leading) == "a")
        #expect(talk.assignment(waiting) == "", "who is left out gets nothing")
        #expect(talk.heartbeat(ids[0], 2) == ErrorCode.none)
    }

    @Test func theFirstRebalanceWaitsForMore() throws {
        let talk = GroupConversation { $0.initialRebalanceDelayMs = 3000 }
        let first = talk.join()
        talk.advance(2000)
        let second = talk.join()
        talk.advance(1000)
        #expect(talk.joined(first) == nil, "the second put it off")
        talk.advance(2999)
        #expect(talk.joined(first) == nil)
        talk.advance(1)
        #expect(talk.joined(first)?.generationId == 1)
        #expect(talk.joined(second)?.generationId == 1)
    }

    @Test func theFirstRebalanceDoesNotWaitBeyondTheRebalanceTimeout() {
        let talk = GroupConversation { $0.initialRebalanceDelayMs = 3000 }
        let first = talk.join(rebalanceMs: 7000)
        for _ in 0..<6 {
            talk.advance(1000)
            _ = talk.join(rebalanceMs: 7000)
            #expect(talk.joined(first) == nil)
        }
        talk.advance(1000)
        #expect(talk.joined(first)?.members.count == 7)
    }

    @Test func theProtocolOfMostVotesThatAllSpeakIsChosen() throws {
        let talk = GroupConversation { $0.initialRebalanceDelayMs = 10 }
        let tokens = [["a", "b", "c"], ["b", "c"], ["c", "b"], ["b", "x", "c"]].map { talk.join(protocols: $0) }
        talk.advance(20)
        for token in tokens { #expect(talk.joined(token)?.protocolName == "b") }
        let stranger = talk.join(protocols: ["z"])
        #expect(talk.joined(stranger)?.errorCode == .inconsistentGroupProtocol)
        let other = talk.join(type: "connect", protocols: ["b"])
        #expect(talk.joined(other)?.errorCode == .inconsistentGroupProtocol)
    }

    @Test func refusesBadRequestsToJoin() {
        let talk = GroupConversation { $0.maximumSize = 1 }
        let cases: [(HeldToken, ErrorCode)] = [
            (talk.join(group: ""), .invalidGroupId),
            (talk.join(sessionMs: 5999), .invalidSessionTimeout),
            (talk.join(sessionMs: 1_800_001), .invalidSessionTimeout),
            (talk.join("unknown"), .unknownMemberId),
            (talk.join(type: ""), .inconsistentGroupProtocol),
            (talk.join(protocols: []), .inconsistentGroupProtocol),
        ]
        for (token, expected) in cases { #expect(talk.joined(token)?.errorCode == expected) }
        #expect(talk.group() == nil)
        let ids = talk.settle(members: 1)
        let full = talk.join()
        #expect(talk.joined(full)?.errorCode == .groupMaxSizeReached)
        #expect(talk.joined(full)?.memberId == "")
        #expect(talk.heartbeat(ids[0], 1) == ErrorCode.none, "the group goes on")
    }

    @Test func aLostAnswerIsGivenAgain() throws {
        let talk = GroupConversation()
        let first = talk.join()
        #expect(talk.joined(first)?.generationId == 1)
        let again = talk.join("m1")
        #expect(talk.joined(again)?.generationId == 1, "same metadata, same generation")
        let changed = talk.join("m1", metadata: "new")
        #expect(talk.joined(changed)?.generationId == 2)
        _ = talk.sync("m1", 2, ["m1": "a"])
        let resynced = talk.sync("m1", 2)
        #expect(talk.assignment(resynced) == "a")
    }

    @Test func aFollowerOfAStableGroupMayAskAgainAndALeaderStartsARebalance() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let follower = talk.join(ids[1])
        #expect(talk.joined(follower)?.generationId == 2)
        #expect(talk.group()?.state == .stable)
        let leader = talk.join(ids[0])
        #expect(talk.joined(leader) == nil)
        #expect(talk.group()?.state == .preparingRebalance)
    }

    // MARK: Losing members

    @Test func aMemberThatFallsSilentIsRemoved() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        for _ in 0..<3 {
            talk.advance(4000)
            #expect(talk.heartbeat(ids[0], 2) != .unknownMemberId)
        }
        #expect(talk.heartbeat(ids[1], 2) == .unknownMemberId)
        #expect(talk.heartbeat(ids[0], 2) == .rebalanceInProgress)
        let alone = talk.join(ids[0])
        #expect(talk.joined(alone)?.generationId == 3)
        #expect(talk.joined(alone)?.members.count == 1)
    }

    @Test func aRebalanceGoesOnWithoutThoseThatDoNotJoin() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let new = talk.join()
        let first = talk.join(ids[0])
        for _ in 0..<6 {
            #expect(talk.joined(new) == nil)
            #expect(talk.heartbeat(ids[1], 2) == .rebalanceInProgress)
            talk.advance(5000)
        }
        #expect(talk.joined(first)?.members.count == 2)
        #expect(talk.joined(new)?.generationId == 3)
        #expect(talk.heartbeat(ids[1], 3) == .unknownMemberId)
    }

    @Test func aLeaderThatDoesNotJoinIsReplaced() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let new = talk.join()
        let second = talk.join(ids[1])
        talk.advance(30_000)
        #expect(talk.joined(new)?.leader == talk.joined(second)?.leader)
        #expect(talk.joined(new)?.leader != ids[0])
    }

    @Test func membersThatNeverSyncAreRemoved() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 1)
        let new = talk.join()
        _ = talk.join(ids[0])
        let lazy = talk.joined(new)?.memberId ?? ""
        let synced = talk.sync(ids[0], 2, [ids[0]: "a"])
        #expect(talk.assignment(synced) == "a")
        for _ in 0..<6 {
            talk.advance(5000)
            _ = talk.heartbeat(ids[0], 2)
            _ = talk.heartbeat(lazy, 2)
        }
        #expect(talk.heartbeat(lazy, 2) == .unknownMemberId)
        #expect(talk.heartbeat(ids[0], 2) == .rebalanceInProgress)
    }

    @Test func whoWaitsDoesNotTimeOut() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let first = talk.join(ids[0], metadata: "new")
        for _ in 0..<5 {
            talk.advance(5000)
            _ = talk.heartbeat(ids[1], 2)
        }
        #expect(talk.joined(first) == nil)
        let second = talk.join(ids[1])
        #expect(talk.joined(first)?.generationId == 3)
        #expect(talk.joined(second)?.generationId == 3)
    }

    @Test func theLastMemberLeavesAnEmptyGroup() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        #expect(talk.leave(ids[1]) == ErrorCode.none)
        #expect(talk.group()?.state == .preparingRebalance)
        #expect(talk.leave(ids[0]) == ErrorCode.none)
        let group = try #require(talk.group())
        #expect(group.state == .empty)
        #expect(group.generation == 3)
        #expect(group.protocolType == "consumer")
        talk.restart()
        #expect(talk.group()?.state == .empty)
        #expect(talk.group()?.generation == 3)
        let next = talk.join()
        #expect(talk.joined(next)?.generationId == 4)
    }

    @Test func severalMembersLeaveAtOnce() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 3, instances: ["i0", "i1"])
        let answer = try #require(
            talk.leave([
                .init(memberId: "", groupInstanceId: "i0"), .init(memberId: "nobody"),
                .init(memberId: ids[2], groupInstanceId: "i1"), .init(memberId: ids[2]),
                .init(memberId: "", groupInstanceId: "none"),
            ])
        )
        #expect(answer.errorCode == .none)
        #expect(
            answer.members.map(\.errorCode) == [.none, .unknownMemberId, .fencedInstanceId, .none, .unknownMemberId]
        )
        #expect(talk.group()?.members.keys.sorted() == [ids[1]])
    }

    @Test func whoIsRemovedWhileItWaitsIsTold() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let waiting = talk.join(ids[1], metadata: "new")
        #expect(talk.leave(ids[1]) == ErrorCode.none)
        #expect(talk.joined(waiting)?.errorCode == .unknownMemberId)
    }

    // MARK: Restarts and failed writes

    @Test func aStableGroupSurvivesARestart() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        talk.advance(9000)
        talk.restart()
        talk.advance(9000)
        #expect(talk.heartbeat(ids[0], 2) == ErrorCode.none, "sessions begin anew")
        let again = talk.sync(ids[1], 2)
        #expect(talk.assignment(again) == "of \(ids[1])")
        talk.advance(1000)
        #expect(talk.heartbeat(ids[0], 2) == ErrorCode.none)
    }

    @Test func aRebalanceThatARestartCutsShortBeginsAgain() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let first = talk.join(ids[0])
        _ = talk.join(ids[1])
        #expect(talk.joined(first)?.generationId == 3)
        talk.restart()
        #expect(talk.heartbeat(ids[0], 3) == .illegalGeneration)
        #expect(talk.heartbeat(ids[0], 2) == ErrorCode.none)
    }

    @Test func anAssignmentThatCannotBeWrittenStartsARebalance() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2)
        let first = talk.join(ids[0])
        _ = talk.join(ids[1])
        #expect(talk.joined(first)?.generationId == 3)
        let follower = talk.sync(ids[1], 3)
        talk.failsToWrite = true
        let leader = talk.sync(ids[0], 3, [ids[0]: "a", ids[1]: "b"])
        #expect(talk.synced(leader)?.errorCode == .coordinatorNotAvailable)
        #expect(talk.synced(follower)?.errorCode == .coordinatorNotAvailable)
        #expect(talk.heartbeat(ids[0], 3) == .rebalanceInProgress)
        let again = [talk.join(ids[0]), talk.join(ids[1])]
        #expect(talk.joined(again[0])?.generationId == 4)
        talk.restart()
        #expect(talk.group()?.generation == 2, "the lost generation was never in the log")
    }
}
