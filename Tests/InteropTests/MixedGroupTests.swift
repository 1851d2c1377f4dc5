import Foundation
import KafkaTestSupport
import Testing

/// One group of kcat, confluent-kafka, both releases of kafka-python and aiokafka on a topic of 12 partitions.
@Suite("A group of clients that others wrote", .timeLimit(.minutes(4)))
struct MixedGroupTests {
    @Test func sharesATopicAndKeepsItsPlaceThroughACrashOfTheBroker() async throws {
        try await withTemporaryDirectory { directory in
            let data = directory + "/data"
            let before = try await BrokerProcess.with(["--data-dir", data]) { broker in
                let result = try await PythonClients.run(
                    "mixed_group",
                    [broker.address, PythonClients.environment.path]
                )
                #expect(result.status == 0, "\(result)")
                broker.process.send(signal: SIGKILL)
                _ = await broker.process.status()
                return result.lines.first { $0.hasPrefix("committed: ") }
            }
            let committed = try #require(before)
            try await BrokerProcess.with(["--data-dir", data]) { broker in
                let result = try await PythonClients.run("committed_offsets", [broker.address])
                #expect(result.lines.last == committed, "\(result)")
            }
        }
    }
}
