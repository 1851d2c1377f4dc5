import Foundation
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

/// Our broker on a data directory that Apache Kafka wrote.
@Suite(.timeLimit(.minutes(3))) struct KafkaDirectoryTests {
    @Test func servesEveryRecord() async throws {
        try await KafkaDirectory.with { directory in
            // The records are of 2023: the default retention would soon delete them.
            let properties = ["log.retention.hours": "-1"]
            try await withBroker(properties, directory: directory.path) { client in
                let expected = Dictionary(grouping: try KafkaDirectory.records()) { "\($0.topic)-\($0.partition)" }
                for (name, all) in expected.sorted(by: { $0.key < $1.key }) {
                    // trimmed-0 begins at offset 4, though its file holds more.
                    let records = all.filter { name != "trimmed-0" || $0.offset >= 4 }
                    let served = try await served(
                        by: client,
                        records[0].topic,
                        records[0].partition,
                        from: records[0].offset
                    )
                    let wanted = records.filter { $0.control == nil }
                    #expect(served.map(\.offset) == wanted.map(\.offset))
                    #expect(served.map(\.timestamp) == wanted.map(\.timestamp))
                    #expect(served.map(\.key) == wanted.map(\.key))
                    #expect(served.map(\.value) == wanted.map(\.value))
                }
                let answer = try await client.produce("mixed", try batch())
                #expect(answer.errorCode == .none)
                #expect(answer.baseOffset == 54)
            }
            // And once more, now with what our broker has written beside it.
            try await withBroker(properties, directory: directory.path) { client in
                let rest = try await served(by: client, "mixed", 0, from: 50)
                #expect(rest.count == 5)
            }
        }
    }

    private func batch() throws -> ByteBuffer {
        var builder = RecordBatchBuilder()
        _ = builder.append(key: nil, value: nil, timestampMs: 1)
        return try builder.finish()
    }

    private func served(
        by client: TestClient,
        _ topic: String,
        _ partition: Int32,
        from start: Int64
    ) async throws -> [KafkaDirectory.Record] {
        var found: [KafkaDirectory.Record] = []
        var offset = start
        while true {
            let part = try await client.fetch(topic, partition, from: offset)
            try #require(part.errorCode == .none, "\(topic)-\(partition) at \(offset)")
            guard let data = part.records, data.count > 0 else { return found }
            var batches = RecordBatchSequence(try data.bytes())
            while let batch = try batches.next() {
                offset = batch.header.nextOffset
                guard !batch.header.isControl else { continue }
                var records = try batch.records()
                while let record = try records.next() {
                    guard record.offset >= start else { continue }
                    found.append(
                        KafkaDirectory.Record(
                            topic: topic,
                            partition: partition,
                            offset: record.offset,
                            timestamp: record.timestampMs,
                            key: record.key.map { String(buffer: $0) },
                            value: record.value.map { String(buffer: $0) }
                        )
                    )
                }
            }
        }
    }
}
