import KafkaClient
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@testable import SwkafkaCommands

@Suite struct JSONRecordTests {
    private func line(_ fields: RecordFields) throws -> String {
        let sink = MemorySink()
        let output = ByteOutput(sink)
        var formatter = JSONRecordFormatter()
        try formatter.write(fields, topic: "t", to: output)
        try output.flush()
        return sink.text
    }

    private func record(_ line: String) throws -> ProducerRecord {
        try Array(line.utf8).withUnsafeBytes { bytes throws -> ProducerRecord in
            try JSONRecordReader.record(bytes, topic: "other", number: 7)
        }
    }

    /// Lends bytes to a record for the time of the call.
    private func withFields<Result>(
        _ key: [UInt8]?,
        _ value: [UInt8]?,
        _ headers: [([UInt8], [UInt8]?)] = [],
        _ body: (RecordFields) throws -> Result
    ) rethrows -> Result {
        let parts = [key, value] + headers.flatMap { [$0.0, $0.1] }
        let all = parts.flatMap { $0 ?? [] }
        return try all.withUnsafeBytes { bytes in
            var position = 0
            let slices = parts.map { part -> UnsafeRawBufferPointer? in
                guard let part else { return nil }
                defer { position += part.count }
                return UnsafeRawBufferPointer(rebasing: bytes[position..<position + part.count])
            }
            var fields = RecordFields(partition: 3, offset: 5, timestamp: 9, timestampKind: .create, leaderEpoch: 2)
            (fields.key, fields.value) = (slices[0], slices[1])
            for index in headers.indices {
                guard let name = slices[2 + 2 * index] else { continue }
                fields.headers.append(RecordFields.Header(key: name, value: slices[3 + 2 * index]))
            }
            return try body(fields)
        }
    }

    @Test func shape() throws {
        let text = try withFields(
            nil,
            Array("a\"\\\n\u{1}é".utf8),
            [(Array("h".utf8), nil), (Array("h".utf8), [0xFF])]
        ) {
            try line($0)
        }
        #expect(
            text
                == #"{"topic":"t","partition":3,"offset":5,"timestamp":9,"timestampType":"CreateTime","leaderEpoch":2,"#
                + #""key":null,"value":"a\"\\\n\u0001é","headers":[{"key":"h","value":null},"#
                + #"{"key":"h","value":{"base64":"/w=="}}]}"# + "\n"
        )
    }

    @Test(arguments: 0..<200)
    func whatWasPrintedIsReadBack(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func bytes() -> [UInt8]? {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: nil
            case 1: []
            case 2: Array("Zürich 東京 \u{0}\u{7F}\u{2028}\"\\".utf8)
            default:
                (0..<Int.random(in: 1..<40, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
                }
            }
        }
        let (key, value) = (bytes(), bytes())
        let headers = (0..<Int.random(in: 0..<4, using: &generator)).map { index in
            (Array("name \(index % 2) ä".utf8), bytes())
        }
        let read = try record(try withFields(key, value, headers) { String(try line($0).dropLast()) })
        #expect(read.key.map { Array($0.readableBytesView) } == key, "seed \(seed)")
        #expect(read.value.map { Array($0.readableBytesView) } == value, "seed \(seed)")
        #expect(read.headers.map { Array($0.key.utf8) } == headers.map(\.0), "seed \(seed)")
        #expect(read.headers.map { $0.value.map { Array($0.readableBytesView) } } == headers.map(\.1), "seed \(seed)")
        #expect(read.partition == 3 && read.timestampMs == 9 && read.topic == "other")
    }

    @Test(
        arguments: [
            "", "[]", "{", "{\"key\":5}", "{\"value\":{\"base64\":\"A\"}}", "{\"value\":{\"base64\":\"AA=A\"}}",
            "{\"values\":\"a\"}", "{\"partition\":-1}", "{\"timestamp\":\"now\"}", "{\"headers\":{}}",
            "{\"headers\":[{\"value\":\"v\"}]}", "{\"partition\":99999999999}",
        ]
    )
    func refusesOtherLines(text: String) {
        #expect { try record(text) } throws: {
            ($0 as? CommandFailure)?.message.hasPrefix("Line 7 is no record: ") == true
        }
    }

    @Test func whatIsAbsentIsNull() throws {
        let read = try record("{}")
        #expect(read.key == nil && read.value == nil && read.headers.isEmpty && read.partition == nil)
        #expect(read.timestampMs == nil)
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64(plain: String, encoded: String) {
        #expect(Base64.text(plain.utf8) == encoded)
        #expect(Base64.bytes(encoded) == Array(plain.utf8))
    }
}
