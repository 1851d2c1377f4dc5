import KafkaMessages
import Testing

@testable import KafkaCoordination

@Suite struct StaticMemberTests {
    @Test func aRestartedMemberTakesItsOldPlaceUnnoticed() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2, instances: ["i0", "i1"])
        let token = talk.join(instance: "i1")
        let answer = try #require(talk.joined(token))
        #expect(answer.errorCode == .none)
        #expect(answer.generationId == 2, "no rebalance")
        #expect(answer.memberId != ids[1])
        #expect(answer.leader == ids[0])
        #expect(!answer.skipAssignment && answer.members.isEmpty)
        #expect(talk.heartbeat(ids[0], 2) == ErrorCode.none)
        #expect(talk.heartbeat(ids[1], 2, instance: "i1") == .fencedInstanceId)
        #expect(talk.heartbeat(ids[1], 2) == .unknownMemberId)
        let synced = talk.sync(answer.memberId, 2, instance: "i1")
        #expect(talk.assignment(synced) == "of \(ids[1])")
        talk.restart()
        #expect(talk.heartbeat(answer.memberId, 2, instance: "i1") == ErrorCode.none)
        #expect(talk.commit(ids[1], 2, instance: "i1") == [.fencedInstanceId])
    }

    @Test func aRestartedLeaderIsToldNotToAssign() throws {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2, instances: ["i0", "i1"])
        let new = try #require(talk.joined(talk.join(instance: "i0")))
        #expect(new.skipAssignment && new.leader == new.memberId)
        #expect(new.members.map(\.groupInstanceId).compactMap(\.self).sorted() == ["i0", "i1"])
        let old = try #require(talk.joined(talk.join(instance: "i0", canSkip: false)))
        #expect(!old.skipAssignment && old.members.isEmpty)
        #expect(old.leader == new.memberId, "the leader before keeps the newcomer from assigning")
        #expect(ids[0] != old.memberId)
    }

    @Test func aChangeOfTheProtocolStartsARebalance() {
        let talk = GroupConversation()
        _ = talk.settle(members: 1, instances: ["i0"])
        let token = talk.join(instance: "i0", protocols: ["sticky"])
        #expect(talk.joined(token)?.errorCode == .inconsistentGroupProtocol, "no protocol that all speak")
        let both = talk.join(instance: "i0", protocols: ["sticky", "range"])
        #expect(talk.joined(both)?.generationId == 2)
        #expect(talk.joined(both)?.protocolName == "sticky")
    }

    @Test func theRequestsOfTheFormerSelfAreFenced() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2, instances: ["i0", "i1"])
        let joining = talk.join(ids[1], instance: "i1", metadata: "new")
        let again = talk.join(instance: "i1", metadata: "new")
        #expect(talk.joined(joining)?.errorCode == .fencedInstanceId)
        _ = talk.join(ids[0], instance: "i0")
        #expect(talk.joined(again)?.generationId == 3)
        let newID = talk.joined(again)?.memberId ?? ""
        let syncing = talk.sync(newID, 3, instance: "i1")
        let third = talk.join(instance: "i1", metadata: "new")
        #expect(talk.synced(syncing)?.errorCode == .fencedInstanceId)
        #expect(talk.joined(third) == nil, "while the assignment is awaited everybody joins again")
        #expect(talk.join("x", instance: "i1") > third)
        let stranger = talk.join(ids[1], instance: "i1")
        #expect(talk.joined(stranger)?.errorCode == .fencedInstanceId)
        let unknown = talk.join(ids[0], instance: "i9")
        #expect(talk.joined(unknown)?.errorCode == .unknownMemberId)
    }

    @Test func aStaticMemberStaysForItsSession() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2, instances: ["i0", "i1"])
        let leader = talk.join(ids[0], instance: "i0", metadata: "new", rebalanceMs: 6000)
        #expect(talk.joined(leader) == nil)
        _ = talk.heartbeat(ids[1], 2, instance: "i1")
        // The rebalance timeout is that of the slowest.
        talk.advance(9000)
        _ = talk.heartbeat(ids[1], 2, instance: "i1")
        talk.advance(9000)
        _ = talk.heartbeat(ids[1], 2, instance: "i1")
        talk.advance(9000)
        _ = talk.heartbeat(ids[1], 2, instance: "i1")
        talk.advance(3000)
        #expect(talk.joined(leader)?.members.count == 2, "it is counted in although it did not join")
    }

    @Test func aReplacementThatCannotBeWrittenDoesNotCount() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 2, instances: ["i0", "i1"])
        talk.failsToWrite = true
        let token = talk.join(instance: "i1")
        #expect(talk.joined(token) == nil, "the shell refuses it")
        #expect(talk.heartbeat(ids[1], 2, instance: "i1") == ErrorCode.none)
        #expect(talk.group()?.state == .stable)
    }
}
