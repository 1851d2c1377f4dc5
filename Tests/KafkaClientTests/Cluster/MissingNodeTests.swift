import KafkaMessages
import KafkaTestSupport
import Testing

@testable import KafkaClient

/// A leader or coordinator that died between two looks at the cluster.
@Suite(.timeLimit(.minutes(1))) struct MissingNodeTests {
    /// Else a consumer would give its partitions up.
    @Test func isNoReasonToGiveUp() async throws {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["t": 1])
        try await ScriptedCluster.with(script) { scripted in
            let servers = try ServerAddress.parseList(scripted.address)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
                let error = await #expect(throws: KafkaClientError.self) {
                    _ = try await cluster.connection(to: .node(9), lane: .fetch, deadline: cluster.callDeadline())
                }
                #expect(error?.isRetriable == true)
                #expect(error?.refreshesMetadata == true)
                #expect(error?.refreshesCoordinator == true)
            }
        }
    }

    /// What a broker answers is another thing.
    @Test func anAnswerIsFinal() {
        #expect(!KafkaClientError("x", .brokerNotAvailable).isRetriable)
    }
}
