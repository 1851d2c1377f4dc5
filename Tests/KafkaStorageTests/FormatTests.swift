import KafkaStorage
import KafkaWire
import Testing

@Suite struct FormatTests {
    @Test func offsetCheckpoint() throws {
        let offsets = [
            TopicPartition(topic: "b", partition: 0): Int64(7), TopicPartition(topic: "a", partition: 12): Int64(1),
        ]
        let bytes = OffsetCheckpoint.encode(offsets)
        #expect(bytes == Array("0\n2\na 12 1\nb 0 7\n".utf8))
        #expect(try OffsetCheckpoint.decode(bytes, path: "") == offsets)
        #expect(try OffsetCheckpoint.decode([], path: "").isEmpty)
        for text in ["1\n0\n", "0\n2\na 0 1\n", "0\n1\na 0\n", "0\n1\na x 1\n", "0\n1\na 0 1 2\n", "\u{0}"] {
            #expect(throws: StorageError.self) { try OffsetCheckpoint.decode(Array(text.utf8), path: "f") }
        }
    }

    @Test func folderNames() {
        #expect(TopicPartition(directoryName: "my-topic-12") == TopicPartition(topic: "my-topic", partition: 12))
        for name in ["topic", "-1", "topic-", "topic-x", "topic-1.0123-delete", "topic-99999999999"] {
            #expect(TopicPartition(directoryName: name) == nil, "\(name)")
        }
    }

    @Test func metaPropertiesWithSpacesAndComments() throws {
        let text = "# comment\n! other\n\n version = 1\r\ncluster.id:abc\nnode.id =  4\nunknown=x\n"
        let meta = try MetaProperties.decode(Array(text.utf8), path: "m")
        #expect(meta == MetaProperties(clusterID: "abc", nodeID: 4, directoryID: nil))
        for text in [
            "", "version=0\nbroker.id=1\n", "version=1\nnode.id=1\n", "version=1\ncluster.id=a\nnode.id=x\n", "version",
        ] {
            #expect(throws: StorageError.self) { try MetaProperties.decode(Array(text.utf8), path: "m") }
        }
    }

    @Test func hostileQuorumState() {
        let nested = String(repeating: "[", count: 10_000)
        for text in [
            "", "{", "[]", nested, "{\"data_version\":3}", "{\"leaderId\":1,\"data_version\":0}", "{\"a\":\"\\u12\"}",
        ] {
            #expect(throws: StorageError.self) { try QuorumState.decode(Array(text.utf8), path: "q") }
        }
    }

    @Test func errorsNamePathOperationReasonAndRemedy() {
        let error = StorageError.system(SystemErrorCode.outOfSpace, operation: "write", path: "/d/f")
        #expect(error.isOutOfSpace)
        #expect(error.description.hasPrefix("cannot write /d/f: No space left on device; free space"))
    }
}
