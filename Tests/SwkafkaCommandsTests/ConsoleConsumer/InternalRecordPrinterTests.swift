import Foundation
import KafkaMessages
import KafkaWire
import NIOCore
import Testing

@testable import SwkafkaCommands

@Suite struct InternalRecordPrinterTests {
    /// The bytes of a record's key or value: its version and itself.
    private func bytes(_ message: some KafkaMessage, _ version: Int16) throws -> [UInt8] {
        var writer = WireWriter()
        writer.writeInt16(version)
        try message.write(to: &writer, version: version)
        return Array(writer.buffer.readableBytesView)
    }

    private func line(_ kind: FormatterKind, _ key: [UInt8], _ value: [UInt8]?) throws -> String? {
        try key.withUnsafeBytes { key in
            guard let value else { return try InternalRecordPrinter(kind: kind).line(key: key, value: nil) }
            return try value.withUnsafeBytes { try InternalRecordPrinter(kind: kind).line(key: key, value: $0) }
        }
    }

    @Test func offsets() throws {
        var key = OffsetCommitKey()
        key.group = "g-off"
        key.topic = "c1"
        var value = OffsetCommitValue()
        value.offset = 2
        value.metadata = "meta"
        value.commitTimestamp = 1_795_466_500_068
        #expect(
            try line(.offsets, bytes(key, 1), bytes(value, 3))
                == "{\"key\":{\"version\":1,\"data\":{\"group\":\"g-off\",\"topic\":\"c1\",\"partition\":0}},\"value\":"
                + "{\"version\":3,\"data\":{\"offset\":2,\"leaderEpoch\":-1,\"metadata\":\"meta\",\"commitTimestamp\":"
                + "1795466500068}}}"
        )
        #expect(try line(.offsets, bytes(key, 1), nil)?.hasSuffix("\"value\":null}") == true)
        #expect(try line(.offsets, bytes(key, 1), [0, 99])?.hasSuffix("\"data\":\"unknown\"}}") == true)
        #expect(try line(.groupMetadata, bytes(key, 1), nil) == nil)
        #expect(try line(.offsets, [0, 3, 1, 2], nil) == nil)
        #expect(throws: WireError.self) { try line(.offsets, [0, 1, 0, 9], nil) }
        #expect(throws: WireError.self) { try line(.offsets, [0], nil) }
    }

    @Test func groups() throws {
        var key = GroupMetadataKey()
        key.group = "fromfile"
        var value = GroupMetadataValue()
        value.protocolType = "consumer"
        value.generation = 1
        value.protocol = "range"
        value.currentStateTimestamp = 7
        var member = GroupMetadataValue.MemberMetadata()
        member.memberId = "m"
        member.clientHost = "/127.0.0.1"
        member.subscription = ByteBuffer(bytes: [0, 3, 0])
        member.assignment = ByteBuffer(bytes: [255, 255])
        value.members = [member]
        #expect(
            try line(.groupMetadata, bytes(key, 2), bytes(value, 3))
                == "{\"key\":{\"version\":2,\"data\":{\"group\":\"fromfile\"}},\"value\":{\"version\":3,\"data\":"
                + "{\"protocolType\":\"consumer\",\"generation\":1,\"protocol\":\"range\",\"leader\":null,"
                + "\"currentStateTimestamp\":7,\"members\":[{\"memberId\":\"m\",\"groupInstanceId\":null,\"clientId\":\"\","
                + "\"clientHost\":\"/127.0.0.1\",\"rebalanceTimeout\":-1,\"sessionTimeout\":0,\"subscription\":\"AAMA\","
                + "\"assignment\":\"//8=\"}]}}}"
        )
    }

    @Test func groupsOfTheNewProtocol() throws {
        var key = ConsumerGroupCurrentMemberAssignmentKey()
        key.groupId = "g"
        key.memberId = "m"
        var value = ConsumerGroupCurrentMemberAssignmentValue()
        value.memberEpoch = 4
        value.assignedPartitions = [
            ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions(topicId: KafkaUUID.zero, partitions: [0, 2])
        ]
        let line = try #require(try line(.consumerGroup, bytes(key, 8), bytes(value, 0)))
        #expect(line.hasPrefix("{\"key\":{\"type\":8,\"data\":{\"groupId\":\"g\",\"memberId\":\"m\"}},\"value\":"))
        #expect(line.contains("\"memberEpoch\":4,"))
        #expect(line.contains("{\"topicId\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"partitions\":[0,2]}"))
        #expect(try self.line(.consumerGroup, bytes(key, 8), nil)?.hasSuffix("\"value\":null}") == true)
        #expect(try self.line(.consumerGroup, bytes(key, 8), [0, 9])?.hasSuffix("\"data\":\"unknown\"}}") == true)
        #expect(try self.line(.consumerGroup, [0, 1], nil) == nil)
        #expect(throws: WireError.self) { try self.line(.consumerGroup, [0, 3, 0, 9], nil) }
    }

    @Test func transactions() throws {
        var key = TransactionLogKey()
        key.transactionalId = "tx-a"
        var value = TransactionLogValue()
        value.producerId = 1
        value.transactionTimeoutMs = 60000
        value.transactionLastUpdateTimestampMs = 5
        value.transactionStartTimestampMs = -1
        #expect(
            try line(.transactionLog, bytes(key, 0), bytes(value, 0))
                == "{\"key\":{\"version\":0,\"data\":{\"transactionalId\":\"tx-a\"}},\"value\":{\"version\":0,\"data\":"
                + "{\"producerId\":1,\"producerEpoch\":0,\"transactionTimeoutMs\":60000,\"transactionStatus\":0,"
                + "\"transactionPartitions\":null,\"transactionLastUpdateTimestampMs\":5,"
                + "\"transactionStartTimestampMs\":-1}}}"
        )
    }

    @Test func base64() {
        for count in 0..<20 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 200) }
            #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
        }
    }
}
