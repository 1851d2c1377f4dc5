import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct OffsetTests {
    @Test func anybodyMayCommitForAGroupWithoutMembers() {
        let talk = GroupConversation()
        #expect(talk.offset() == -1)
        #expect(talk.commit(offsets: [0: 5, 3: 7], metadata: "why") == [.none, .none])
        #expect(talk.offset() == 5 && talk.offset(3) == 7)
        talk.restart()
        #expect(talk.offset() == 5 && talk.offset(3) == 7)
        #expect(talk.group()?.protocolType == nil)
        let all = talk.run { machine, _ in
            machine.fetchOffsets(.init(groupId: "g", topics: nil), requireStable: true)
        }
        #expect(all?.topics.map(\.name) == ["t"])
        #expect(all?.topics.first?.partitions.map(\.committedOffset) == [5, 7])
        #expect(all?.topics.first?.partitions.map(\.metadata) == ["why", "why"])
    }

    @Test func membersOfAnUnknownGroupAreRefused() {
        let talk = GroupConversation()
        #expect(talk.commit("m", 0) == [.illegalGeneration])
        #expect(talk.commit("m", 0, version: 9) == [.groupIdNotFound])
        #expect(talk.commitInTransaction(1, member: "m", generation: 3) == [.illegalGeneration])
        let member = talk.run { machine, _ in
            machine.fetchOffsets(.init(groupId: "g", memberId: "m", memberEpoch: 1, topics: nil), requireStable: false)
        }
        #expect(member?.errorCode == .unknownMemberId)
    }

    @Test func metadataHasALimit() {
        let talk = GroupConversation { $0.maximumMetadataBytes = 4 }
        #expect(talk.commit(metadata: "1234") == [.none])
        #expect(talk.commit(offsets: [0: 9], metadata: "12345") == [.offsetMetadataTooLarge])
        #expect(talk.commit(offsets: [0: 9], metadata: "ääx") == [.offsetMetadataTooLarge], "bytes count")
        #expect(talk.offset() == 1)
        #expect(talk.commit(offsets: [0: 9], metadata: nil) == [.none])
    }

    @Test func committingKeepsTheSession() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 1)
        for offset in 1...4 {
            talk.advance(8000)
            #expect(talk.commit(ids[0], 1, offsets: [0: Int64(offset)]) == [.none])
        }
        #expect(talk.offset() == 4)
        talk.advance(10_000)
        #expect(talk.commit(ids[0], 1) == [.unknownMemberId])
    }

    // MARK: Transactions

    @Test func aTransactionalCommitCountsWhenItsTransactionCommits() {
        let talk = GroupConversation()
        _ = talk.commit(offsets: [0: 1, 1: 1])
        #expect(talk.commitInTransaction(7, offsets: [0: 10]) == [.none])
        #expect(talk.offset() == 1)
        #expect(talk.offset(stable: true) == nil)
        #expect(talk.offset(1, stable: true) == 1)
        talk.restart()
        #expect(talk.offset(stable: true) == nil, "still open after a restart")
        talk.endTransaction(7, isCommit: true)
        #expect(talk.offset(stable: true) == 10)
    }

    @Test func anAbortedCommitNeverCounts() {
        let talk = GroupConversation()
        #expect(talk.commitInTransaction(7, offsets: [0: 10]) == [.none])
        #expect(talk.offset(stable: true) == nil)
        talk.endTransaction(7, isCommit: false)
        #expect(talk.offset(stable: true) == -1)
        talk.endTransaction(8, isCommit: true)
        #expect(talk.group() == nil, "there never was a group")
    }

    @Test func theLaterCommitWinsWhenTransactionsEndInAnotherOrder() {
        let talk = GroupConversation()
        _ = talk.commitInTransaction(1, offsets: [0: 10])
        _ = talk.commitInTransaction(2, offsets: [0: 20])
        talk.endTransaction(2, isCommit: true)
        #expect(talk.offset() == 20)
        #expect(talk.offset(stable: true) == nil, "the first is still open")
        talk.endTransaction(1, isCommit: true)
        #expect(talk.offset(stable: true) == 20)
        _ = talk.commitInTransaction(1, offsets: [0: 30])
        _ = talk.commit(offsets: [0: 40])
        talk.endTransaction(1, isCommit: true)
        #expect(talk.offset() == 40)
    }

    @Test func aTransactionalCommitOfAMemberIsChecked() {
        let talk = GroupConversation()
        let ids = talk.settle(members: 1)
        #expect(talk.commitInTransaction(1, member: "stranger", generation: 1) == [.unknownMemberId])
        #expect(talk.commitInTransaction(1, member: ids[0], generation: 0) == [.illegalGeneration])
        #expect(talk.commitInTransaction(1, member: ids[0], generation: 1) == [.none])
        #expect(talk.commitInTransaction(1) == [.none], "who names no member is not checked")
    }

    // MARK: Deleting

    @Test func deletesOffsetsThatNobodyReads() {
        let talk = GroupConversation()
        let delete = { (talk: GroupConversation, group: String) in
            talk.run { machine, _ in
                machine.deleteOffsets(
                    .init(groupId: group, topics: [.init(name: "t", partitions: [.init(), .init()])])
                )
            }
        }
        #expect(delete(talk, "g")?.errorCode == .groupIdNotFound)
        #expect(delete(talk, "")?.errorCode == .invalidGroupId)
        _ = talk.commit()
        #expect(delete(talk, "g")?.topics.first?.partitions.map(\.errorCode) == [.none, .none])
        #expect(talk.offset() == -1)
        _ = talk.settle(members: 1)
        #expect(
            delete(talk, "g")?.topics.first?.partitions.map(\.errorCode)
                == [.groupSubscribedToTopic, .groupSubscribedToTopic],
            "the subscription cannot be read"
        )
        let other = talk.join(group: "h", type: "connect")
        #expect(talk.joined(other)?.errorCode == ErrorCode.none)
        #expect(delete(talk, "h")?.errorCode == .nonEmptyGroup)
    }

    @Test func deletesGroupsWithoutMembers() {
        let talk = GroupConversation()
        _ = talk.commit(group: "simple", offsets: [0: 1, 1: 2])
        let ids = talk.settle(members: 1)
        let delete = { (talk: GroupConversation) in
            talk.run { machine, _ in machine.deleteGroups(["simple", "g", "none", "simple"]) }?.map(\.errorCode)
        }
        #expect(delete(talk) == [.none, .nonEmptyGroup, .groupIdNotFound, .none])
        #expect(talk.offset(group: "simple") == -1)
        _ = talk.leave(ids[0])
        #expect(delete(talk) == [.groupIdNotFound, .none, .groupIdNotFound, .groupIdNotFound])
        talk.restart()
        #expect(talk.machine.groups.isEmpty)
        #expect(talk.machine.offsets.count == 0)
    }

    @Test func offsetsOfADeletedTopicGo() {
        let talk = GroupConversation()
        _ = talk.commit(topic: "t")
        _ = talk.commit(topic: "u")
        let removed = RemovedTopic(name: "t", id: KafkaUUID(high: 0, low: 1))
        _ = talk.run { $0.metadataChanged(MetadataImage(), removedTopics: [removed], nowMs: $1) }
        #expect(talk.offset(topic: "t") == -1)
        #expect(talk.offset(topic: "u") == 1)
    }

    /// The cluster after so many changes; t is the topic of this id.
    private func image(_ offset: Int64, _ id: KafkaUUID?) throws -> MetadataImage {
        var image = MetadataImage()
        if let id { try image.apply(.topic(TopicRecord(name: "t", topicId: id))) }
        image.offset = offset
        return image
    }

    private let old = KafkaUUID(high: 0, low: 1)
    private let new = KafkaUUID(high: 0, low: 2)

    private func commit(_ talk: GroupConversation, seen: MetadataImage, _ offset: Int64) -> ErrorCode? {
        let request = OffsetCommitRequest(
            groupId: "g",
            topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: offset)])]
        )
        return talk.run { $0.commit(request, version: 8, seen: seen, nowMs: $1) }?.topics[0].partitions[0].errorCode
    }

    @Test func offsetsOfATopicDoNotPassToTheNextOfItsName() throws {
        let talk = GroupConversation()
        let (before, after) = (try image(1, old), try image(3, new))
        _ = talk.run { $0.metadataChanged(before, removedTopics: [], nowMs: $1) }
        #expect(commit(talk, seen: before, 5) == ErrorCode.none)
        let removed = RemovedTopic(name: "t", id: old)
        _ = talk.run { $0.metadataChanged(after, removedTopics: [removed], nowMs: $1) }
        #expect(talk.offset() == -1)
        // Somebody who still meant the old one.
        #expect(commit(talk, seen: before, 6) == .unknownTopicOrPartition)
        #expect(commit(talk, seen: after, 1) == ErrorCode.none)
        #expect(talk.offset() == 1)
        talk.restart()
        #expect(talk.offset() == 1)
    }

    @Test func aCommitForANewTopicOutlivesTheNewsOfTheOldOnesEnd() throws {
        let talk = GroupConversation()
        let (before, after) = (try image(1, old), try image(3, new))
        _ = talk.run { $0.metadataChanged(before, removedTopics: [], nowMs: $1) }
        #expect(commit(talk, seen: before, 5) == ErrorCode.none)
        #expect(commit(talk, seen: after, 1) == ErrorCode.none)
        let removed = RemovedTopic(name: "t", id: old)
        _ = talk.run { $0.metadataChanged(after, removedTopics: [removed], nowMs: $1) }
        #expect(talk.offset() == 1)
        talk.restart()
        #expect(talk.offset() == 1)
    }

    @Test(arguments: [true, false]) func whatATransactionBringsGoesWithItsTopic(isCommit: Bool) throws {
        let talk = GroupConversation()
        let before = try image(1, old)
        _ = talk.run { $0.metadataChanged(before, removedTopics: [], nowMs: $1) }
        _ = talk.commitInTransaction(1, offsets: [0: 7])
        #expect(talk.offset(stable: true) == nil)
        let removed = RemovedTopic(name: "t", id: old)
        let after = try image(2, nil)
        _ = talk.run { $0.metadataChanged(after, removedTopics: [removed], nowMs: $1) }
        #expect(talk.offset(stable: true) == -1)
        talk.endTransaction(1, isCommit: isCommit)
        #expect(talk.offset() == -1)
        talk.restart()
        #expect(talk.offset() == -1)
    }

    // MARK: Expiry

    private static let dayMs: Int64 = 86_400_000

    @Test func offsetsOfASimpleGroupExpireAfterTheCommit() {
        let talk = GroupConversation { $0.offsetRetentionMs = Self.dayMs }
        _ = talk.commit(offsets: [0: 1])
        talk.advance(Self.dayMs / 2)
        _ = talk.commit(offsets: [1: 1])
        talk.advance(Self.dayMs / 2 + 600_000)
        #expect(talk.offset(0) == -1)
        #expect(talk.offset(1) == 1)
        talk.advance(Self.dayMs / 2)
        #expect(talk.group() == nil)
        talk.restart()
        #expect(talk.machine.groups.isEmpty)
    }

    @Test func offsetsOfAGroupExpireAfterItBecameEmpty() {
        let talk = GroupConversation { $0.offsetRetentionMs = Self.dayMs }
        let ids = talk.settle(members: 1)
        _ = talk.commit(ids[0], 1)
        for _ in 0..<200 {
            talk.advance(9000)
            _ = talk.heartbeat(ids[0], 1)
        }
        talk.nowMs += 2 * Self.dayMs
        _ = talk.leave(ids[0])
        talk.advance(Self.dayMs - 600_000)
        #expect(talk.offset() == 1)
        talk.advance(1_200_000)
        #expect(talk.offset() == -1)
        #expect(talk.group() == nil)
    }

    @Test func anOffsetMayHaveARetentionTimeOfItsOwn() {
        let talk = GroupConversation()
        _ = talk.commit(offsets: [0: 1], retentionMs: 1000)
        _ = talk.commit(offsets: [1: 1])
        talk.restart()
        talk.advance(600_000)
        #expect(talk.offset(0) == -1)
        #expect(talk.offset(1) == 1)
    }

    @Test func nothingExpiresWhileATransactionIsOpen() {
        let talk = GroupConversation { $0.offsetRetentionMs = Self.dayMs }
        _ = talk.commit(offsets: [0: 1])
        _ = talk.commitInTransaction(1, offsets: [0: 2])
        talk.advance(3 * Self.dayMs)
        #expect(talk.offset() == 1)
        talk.endTransaction(1, isCommit: false)
        talk.advance(600_000)
        #expect(talk.offset() == -1)
    }
}
