import KafkaMessages
import NIOCore
import Testing

@testable import KafkaCoordination

@Suite struct GroupRecordTests {
    static let records: [GroupRecord] = [
        .offset(
            OffsetCommitKey(group: "g", topic: "t", partition: 3),
            OffsetCommitValue(offset: 7, leaderEpoch: 2, metadata: "m", commitTimestamp: 9)
        ),
        .offset(
            OffsetCommitKey(group: "g", topic: "t", partition: 3),
            OffsetCommitValue(offset: 7, metadata: "m", commitTimestamp: 9, expireTimestamp: 10)
        ),
        .offset(OffsetCommitKey(group: "g", topic: "t", partition: 3), nil),
        .group(
            GroupMetadataKey(group: "g"),
            GroupMetadataValue(
                protocolType: "consumer",
                generation: 4,
                protocol: "range",
                leader: "a",
                currentStateTimestamp: 5,
                members: [
                    .init(
                        memberId: "a",
                        groupInstanceId: "i",
                        clientId: "c",
                        clientHost: "/127.0.0.1",
                        rebalanceTimeout: 1,
                        sessionTimeout: 2,
                        subscription: ByteBuffer(string: "s"),
                        assignment: ByteBuffer(string: "x")
                    )
                ]
            )
        ),
        .group(GroupMetadataKey(group: "g"), nil),
        .consumerGroup(ConsumerGroupMetadataKey(groupId: "g"), ConsumerGroupMetadataValue(epoch: 3)),
        .partitionMetadata(ConsumerGroupPartitionMetadataKey(groupId: "g"), nil),
        .member(
            ConsumerGroupMemberMetadataKey(groupId: "g", memberId: "m"),
            ConsumerGroupMemberMetadataValue(clientId: "c")
        ),
        .targetAssignment(ConsumerGroupTargetAssignmentMetadataKey(groupId: "g"), nil),
        .memberTarget(ConsumerGroupTargetAssignmentMemberKey(groupId: "g", memberId: "m"), nil),
        .memberAssignment(
            ConsumerGroupCurrentMemberAssignmentKey(groupId: "g", memberId: "m"),
            ConsumerGroupCurrentMemberAssignmentValue(memberEpoch: 4)
        ),
        .regularExpression(ConsumerGroupRegularExpressionKey(groupId: "g", regularExpression: "a.*"), nil),
    ]

    @Test(arguments: records) func survivesTheLog(_ record: GroupRecord) throws {
        #expect(try GroupRecord(decoding: try record.encoded()) == record)
    }

    @Test func writesTheVersionsThatKafkaWrites() throws {
        let versions = try Self.records.prefix(4).map { record in
            let encoded = try record.encoded()
            return [encoded.key.getInteger(at: 0, as: Int16.self), encoded.value?.getInteger(at: 0, as: Int16.self)]
        }
        #expect(versions == [[1, 3], [1, 1], [1, nil], [2, 3]])
    }

    @Test(arguments: [9, 15, 17, -1] as [Int16]) func passesOverUnknownTypes(_ type: Int16) throws {
        var key = ByteBuffer()
        key.writeInteger(type)
        #expect(try GroupRecord(decoding: CoordinatorRecord(key: key, value: nil)) == nil)
    }

    @Test func refusesWhatIsCutShort() throws {
        for record in try Self.records.map({ try $0.encoded() }) {
            for count in 2..<record.key.readableBytes {
                let cut = CoordinatorRecord(key: record.key.getSlice(at: 0, length: count)!, value: record.value)
                #expect(throws: (any Error).self) { try GroupRecord(decoding: cut) }
            }
        }
    }
}
