import KafkaMessages
import KafkaWire
import NIOCore
import Testing

/// What happens to values that a version cannot carry, and to what it does not know.
@Suite struct MessageRuleTests {
    @Test func aValueThatMayBeDroppedIsDropped() throws {
        let request = FetchRequest(maxBytes: 1, sessionId: 5, rackId: "r1")
        let bytes = try request.encoded(version: 0)
        #expect(try FetchRequest(decoding: bytes, version: 0) == FetchRequest())
    }

    @Test func aValueThatMayNotBeDroppedIsAnError() {
        let forgotten = FetchRequest(forgottenTopicsData: [FetchRequest.ForgottenTopic(topic: "t")])
        #expect(throws: WireError.unsupportedField("FetchRequest.forgottenTopicsData", version: 6)) {
            try forgotten.encoded(version: 6)
        }
        let inside = FetchRequest(topics: [.init(topic: "t", partitions: [.init(lastFetchedEpoch: 4)])])
        #expect(throws: WireError.unsupportedField("FetchPartition.lastFetchedEpoch", version: 11)) {
            try inside.encoded(version: 11)
        }
        let tagged = FetchRequest(replicaState: .init(replicaId: 2, replicaEpoch: 7))
        #expect(throws: WireError.unsupportedField("FetchRequest.replicaState", version: 14)) {
            try tagged.encoded(version: 14)
        }
    }

    @Test func nullIsWrittenOnlyWhereAVersionAllowsIt() throws {
        let all = MetadataRequest(topics: nil)
        #expect(try MetadataRequest(decoding: all.encoded(version: 1), version: 1).topics == nil)
        #expect(throws: WireError.unsupportedField("MetadataRequest.topics", version: 0)) {
            try all.encoded(version: 0)
        }
        #expect(throws: WireError.unexpectedNull("")) {
            try MetadataRequest(decoding: ByteBuffer(bytes: [0xFF, 0xFF, 0xFF, 0xFF]), version: 0)
        }
    }

    /// librdkafka's mock cluster sends no assignment beside an error; the error is what matters.
    @Test(arguments: [3, 4, 5] as [Int16]) func anAssignmentThatIsNullIsEmpty(version: Int16) throws {
        let expected = SyncGroupResponse(errorCode: .rebalanceInProgress)
        var bytes = try expected.encoded(version: version)
        // The length of the assignment is at the end, before the tagged fields.
        if version < 4 {
            bytes.moveWriterIndex(to: bytes.writerIndex - 4)
            bytes.writeInteger(Int32(-1))
        } else {
            bytes.moveWriterIndex(to: bytes.writerIndex - 2)
            bytes.writeBytes([0, 0])
        }
        #expect(try SyncGroupResponse(decoding: bytes, version: version) == expected)
        #expect(try SyncGroupResponse(decoding: bytes, version: version).encoded(version: version) != bytes)
    }

    @Test func namesAreEmptyThatAreNullBesideAnError() throws {
        // Throttle time, error, generation, three nulls, no members.
        let join: [UInt8] = [0, 0, 0, 0, 0, 25] + Array(repeating: 0xFF, count: 4 + 6) + [0, 0, 0, 0]
        let joined = try JoinGroupResponse(decoding: ByteBuffer(bytes: join), version: 5)
        #expect(joined == JoinGroupResponse(errorCode: .unknownMemberId, protocolName: nil))
        // Throttle time, error, no message, no node, no host, no port.
        let find: [UInt8] = [0, 0, 0, 0, 0, 15] + Array(repeating: 0xFF, count: 2 + 4 + 2 + 4)
        let found = try FindCoordinatorResponse(decoding: ByteBuffer(bytes: find), version: 2)
        #expect(found == FindCoordinatorResponse(errorCode: .coordinatorNotAvailable, nodeId: -1, host: "", port: -1))
    }

    @Test func unknownTaggedFieldsSurviveARoundTrip() throws {
        var request = try FetchRequest(decoding: FetchRequest().encoded(version: 17), version: 17)
        request.unknownTaggedFields = [UnknownTaggedField(tag: 99, value: ByteBuffer(bytes: [1, 2, 3]))]
        request.clusterId = "c"
        let again = try FetchRequest(decoding: request.encoded(version: 17), version: 17)
        #expect(again == request)
        #expect(throws: WireError.self) { try request.encoded(version: 11) }
    }

    /// Tag 1 is known from version 15 on; before, it is one of the unknown.
    @Test func aTagOfALaterVersionIsUnknown() throws {
        let later = FetchRequest(replicaState: .init(replicaId: 2, replicaEpoch: 7))
        var bytes = try later.encoded(version: 15)
        bytes.clear()
        bytes.writeImmutableBuffer(try FetchRequest().encoded(version: 12))
        // The empty section at the end is replaced by one field with tag 1.
        bytes.moveWriterIndex(to: bytes.writerIndex - 1)
        bytes.writeBytes([1, 1, 2, 0xAA, 0xBB])
        let request = try FetchRequest(decoding: bytes, version: 12)
        #expect(request.unknownTaggedFields.map(\.tag) == [1])
        #expect(request.replicaState == FetchRequest.ReplicaState())
        #expect(try request.encoded(version: 12) == bytes)
    }

    @Test func bytesAfterARequestAreIgnored() throws {
        var bytes = try HeartbeatRequest(groupId: "g").encoded(version: 4)
        bytes.writeInteger(0 as UInt8)
        #expect(try HeartbeatRequest(decoding: bytes, version: 4).groupId == "g")
    }

    @Test func consumerProtocolsOfLaterVersionsAreReadAsTheNewestKnown() throws {
        var bytes = try ConsumerProtocolSubscription(topics: ["t"], rackId: "r").versioned(3)
        bytes.setInteger(9 as Int16, at: 0)
        bytes.writeBytes([1, 2, 3])
        #expect(throws: WireError.unsupportedVersion(message: "ConsumerProtocolSubscription", version: 9)) {
            try ConsumerProtocolSubscription(versioned: bytes)
        }
        #expect(try ConsumerProtocolSubscription(versioned: bytes, acceptingNewer: true).rackId == "r")
    }

    @Test func metadataFrames() throws {
        let record = MetadataRecord.topic(TopicRecord(name: "t", topicId: .one))
        #expect(try MetadataRecord(decoding: record.encoded()) == record)
        #expect(throws: WireError.unknownRecordType(99)) {
            try MetadataRecord(decoding: ByteBuffer(bytes: [1, 99, 0]))
        }
        #expect(throws: WireError.unknownRecordType(70_000)) {
            try MetadataRecord(decoding: ByteBuffer(bytes: [1, 0xF0, 0xA2, 0x04, 0]))
        }
        #expect(throws: WireError.unsupportedVersion(message: "metadata frame", version: 2)) {
            try MetadataRecord(decoding: ByteBuffer(bytes: [2, 2, 0]))
        }
        #expect(throws: WireError.unsupportedVersion(message: "TopicRecord", version: 5)) {
            try MetadataRecord(decoding: ByteBuffer(bytes: [1, 2, 5]))
        }
        var bytes = try record.encoded()
        bytes.writeInteger(0 as UInt8)
        #expect(throws: WireError.trailingBytes(1)) { try MetadataRecord(decoding: bytes) }
    }
}
