import Foundation
import KafkaClient
import NIOCore
import Testing

@testable import SwkafkaCommands

/// The topics that Kafka's transcripts of `console-consumer`, `get-offsets` and `delete-records` were recorded with.
struct RecordedTopics {
    let bench: CommandBench

    private static let start = 1_700_000_000_000

    func make() async throws {
        for (topic, count) in [("c1", "1"), ("c2", "3"), ("c3", "1"), ("nums", "1"), ("empty", "1"), ("tx", "1")] {
            try await create(topic, count)
        }
        try await create("clog", "1", "message.timestamp.type=LogAppendTime")
        try await write(
            "c1",
            [
                #""key":"k1","value":"v1","headers":[{"key":"h1","value":"a"},{"key":"h2","value":"b"}]"#,
                #""key":null,"value":"v2""#, #""key":"k3","value":null,"headers":[{"key":"h","value":null}]"#,
                #""key":"","value":"","headers":[{"key":"e","value":""}]"#, #""key":"k5","value":"grüße""#,
                #""key":{"base64":"/wA="},"value":{"base64":"/oA="}"#,
            ]
        )
        try await write("c2", (0..<9).map { #""partition":\#($0 % 3),"key":"k\#($0)","value":"m\#($0)""# })
        try await write("c3", [#""key":"a","value":"other""#])
        try await write("clog", [#""key":"k","value":"v""#])
        try await write(
            "nums",
            [
                #""key":{"base64":"AAAAKg=="},"value":{"base64":"AAAAAAAAAAc="}"#,
                #""key":{"base64":"/////w=="},"value":{"base64":"f/////////8="}"#,
                #""key":null,"value":{"base64":"AAAAAAAAAAE="}"#, #""key":{"base64":"AQ=="},"value":{"base64":"AQ=="}"#,
            ]
        )
        try await writeTransactions()
        try await store(group: "g-off", [("c1", 0, 2, "meta"), ("c2", 1, 1, "")])
    }

    func makeForDeletion() async throws {
        try await create("dr", "2")
        try await create("cpt", "1", "cleanup.policy=compact")
        try await write("dr", (0..<20).map { #""partition":\#($0 % 2),"key":null,"value":"\#($0)""# })
        try await write("cpt", (0..<5).map { #""key":"\#($0)","value":"v""# })
    }

    private func create(_ topic: String, _ partitions: String, _ config: String...) async throws {
        let words = ["topics", "--create", "--topic", topic, "--partitions", partitions]
        let result = try await bench.run(words + config.flatMap { ["--config", $0] })
        #expect(result.status == 0, "\(result)")
    }

    /// Records as members of JSON objects, a second from one to the next.
    private func write(_ topic: String, _ records: [String]) async throws {
        let lines = records.enumerated().map { "{\"timestamp\":\(Self.start + 1000 * $0),\($1)}\n" }.joined()
        let words = ["console-producer", "--topic", topic, "--input", "json"]
        let result = try await bench.run(words, input: Data(lines.utf8))
        #expect(result.status == 0, "\(result)")
    }

    /// One committed, one aborted, and one committed with an offset of a group.
    private func writeTransactions() async throws {
        let servers = try ServerAddress.parseList(bench.address)
        try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
            var configuration = ProducerConfiguration()
            configuration.transactionalID = "tx-a"
            let producer = try KafkaProducer(cluster: cluster, configuration: configuration)
            try await producer.initTransactions()
            for (number, value) in ["committed", "aborted", "committed2"].enumerated() {
                try producer.beginTransaction()
                var record = ProducerRecord(topic: "tx", partition: 0, value: ByteBuffer(string: value))
                record.timestampMs = Int64(Self.start + number)
                _ = try await producer.send(record)
                if value == "aborted" {
                    try await producer.abortTransaction()
                } else {
                    try await producer.commitTransaction()
                }
            }
            await producer.close(within: .seconds(10))
        }
    }

    private func store(group: String, _ offsets: [(String, Int32, Int64, String)]) async throws {
        let servers = try ServerAddress.parseList(bench.address)
        try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
            var wanted: [TopicPartition: GroupOffset] = [:]
            for (topic, partition, offset, metadata) in offsets {
                wanted[TopicPartition(topic: topic, partition: partition)] = GroupOffset(
                    offset,
                    leaderEpoch: 0,
                    metadata: metadata
                )
            }
            let results = try await KafkaAdmin(cluster: cluster).alterGroupOffsets(wanted, of: group)
            for (_, result) in results { try result.get() }
        }
    }
}
