import Foundation
import KafkaTestSupport
import Testing

/// One group of kcat, confluent-kafka, both releases of kafka-python, aiokafka and our own console consumer on a topic of
/// 12 partitions.
@Suite("A group of our client and of those that others wrote", .timeLimit(.minutes(5)))
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

    @Test func readsOnWhenItsBrokerIsKilled() async throws {
        let port = try PortReservation()
        try await withTemporaryDirectory { directory in
            let result = try await PythonClients.run(
                "killed_broker",
                ["127.0.0.1:\(port.port)", directory + "/data", PythonClients.environment.path]
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.lines.last?.hasPrefix("committed: all of ") == true)
        }
    }
}
