import KafkaClient
import Testing

@testable import SwkafkaCommands

@Suite struct RecordTemplateTests {
    private func printed(_ format: String, key: String?, value: String?, headers: [(String, String?)] = []) throws
        -> String
    {
        let sink = MemorySink()
        let output = ByteOutput(sink)
        var template = try RecordTemplate(format)
        var record = RecordFields(
            partition: 3,
            offset: 42,
            timestamp: 1_700_000_000_123,
            timestampKind: .create,
            leaderEpoch: 1
        )
        func bytes(_ text: String?) -> UnsafeRawBufferPointer? {
            guard let text else { return nil }
            // Lives as long as the test process.
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, text.utf8.count), alignment: 1)
            copy.copyBytes(from: text.utf8)
            return UnsafeRawBufferPointer(rebasing: copy[..<text.utf8.count])
        }
        record.key = bytes(key)
        record.value = bytes(value)
        for (name, value) in headers {
            if let name = bytes(name) { record.headers.append(.init(key: name, value: bytes(value))) }
        }
        try template.write(record, topic: "t", to: output)
        try output.flush()
        return sink.text
    }

    @Test func tokens() throws {
        #expect(try printed("%t [%p] %o: %k=%s\\n", key: "k", value: "v") == "t [3] 42: k=v\n")
        #expect(try printed("%K %S|%k|%s", key: nil, value: nil) == "-1 -1||")
        #expect(try printed("%K %S", key: "", value: "grün") == "0 5")
        #expect(try printed("%T%%\\t\\x41\\\\", key: nil, value: nil) == "1700000000123%\tA\\")
        #expect(try printed("%h", key: nil, value: nil, headers: [("a", "1"), ("a", nil), ("", "")]) == "a=1,a=NULL,=")
        #expect(try printed("%R%s", key: nil, value: "ab") == "\0\0\0\u{2}ab")
    }

    @Test(arguments: ["%", "%x", "%ö", "a\\", "\\xZZ"])
    func wrongFormats(format: String) {
        #expect(throws: CommandFailure.self) { try RecordTemplate(format) }
    }

    @Test func tailsOfAllPartitions() {
        let (a, b) = (TopicPartition(topic: "t", partition: 0), TopicPartition(topic: "t", partition: 1))
        let seen: [TopicPartition: [TailFinder.Seen]] = [
            a: [.init(offset: 5, timestampMs: 10), .init(offset: 7, timestampMs: 40)],
            b: [.init(offset: 1, timestampMs: 20), .init(offset: 2, timestampMs: 30)],
        ]
        #expect(TailFinder.starts(seen, count: 1) == [a: 7])
        #expect(TailFinder.starts(seen, count: 2) == [a: 7, b: 2])
        #expect(TailFinder.starts(seen, count: 3) == [a: 7, b: 1])
        #expect(TailFinder.starts(seen, count: 9) == [a: 5, b: 1])
        #expect(TailFinder.starts([:], count: 3) == [:])
    }
}
