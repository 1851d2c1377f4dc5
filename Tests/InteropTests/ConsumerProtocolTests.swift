import Foundation
import KafkaTestSupport
import Testing

/// Groups of KIP-848 with librdkafka's consumers, and groups that change their protocol while members are in them.
@Suite("Consumer groups of KIP-848 with clients that others wrote", .timeLimit(.minutes(6)))
struct ConsumerProtocolTests {
    @Test func sharesAndChangesItsProtocol() async throws {
        let timing = ["group.consumer.heartbeat.interval.ms=300", "group.consumer.session.timeout.ms=6000"]
        try await BrokerProcess.with(["--ephemeral"] + timing.flatMap { ["--override", $0] }) { broker in
            let result = try await PythonClients.run(
                "consumer_protocol",
                [broker.address, PythonClients.environment.path]
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.lines.contains("migrating: every record at least once"))
        }
    }
}
