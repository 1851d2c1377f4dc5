import KafkaMessages
import KafkaWire
import NIOCore
import Testing

/// Fields by name, under the rules of Kafka's JSON converters.
@Suite struct FieldValueTests {
    @Test func fieldsFollowTheVersion() {
        let value = OffsetCommitValue(offset: 5, leaderEpoch: 2, metadata: "m", commitTimestamp: 9, expireTimestamp: 11)
        #expect(value.fieldValue(version: 0)["leaderEpoch"] == nil)
        #expect(value.fieldValue(version: 1)["expireTimestamp"] == .integer(11))
        #expect(
            value.fieldValue(version: 3)
                == .structure([
                    .init(name: "offset", value: .integer(5)), .init(name: "leaderEpoch", value: .integer(2)),
                    .init(name: "metadata", value: .string("m")), .init(name: "commitTimestamp", value: .integer(9)),
                ])
        )
    }

    @Test func taggedFieldsAreListedWhenTheyAreSet() {
        var change = PartitionChangeRecord(partitionId: 3)
        #expect(change.fieldValue(version: 2)["leader"] == nil)
        change.leader = 1
        change.isr = [1, 2]
        change.directories = [.one]
        #expect(change.fieldValue(version: 0)["leader"] == .integer(1))
        #expect(change.fieldValue(version: 0)["isr"] == .array([.integer(1), .integer(2)]))
        #expect(change.fieldValue(version: 0)["directories"] == nil)
        #expect(change.fieldValue(version: 1)["directories"] == .array([.uuid(.one)]))
    }

    @Test func namesOfTypes() {
        #expect(MetadataRecord.noOp(NoOpRecord()).typeName == "NO_OP_RECORD")
        #expect(MetadataRecord.topic(TopicRecord(name: "t")).typeName == "TOPIC_RECORD")
        #expect(MetadataRecord.noOp(NoOpRecord()).fieldValue(version: 0) == .structure([]))
        #expect(MetadataRecord.topic(TopicRecord(name: "t")).fieldValue(version: 0)["name"] == .string("t"))
    }

    @Test func everyRecordListsItsFields() {
        for type in MetadataRecord.recordTypes { #expect(type is any FieldValueConvertible.Type) }
    }
}
