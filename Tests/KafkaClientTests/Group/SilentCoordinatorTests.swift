import KafkaMessages
import KafkaTestSupport
import Synchronization
import Testing

@testable import KafkaClient

/// A coordinator that is gone without a word while it owes an answer.
@Suite(.timeLimit(.minutes(1))) struct SilentCoordinatorTests {
    /// Not for as long as the application may take for its records, which is five minutes.
    @Test func aLostSyncIsWaitedForAsLongAsAnyAnswer() async throws {
        let joins = Mutex(0)
        let isOver = OneShot<Void>()
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["t": 1])
        script.answer(JoinGroupRequest.self, versions: 5...5) { _, _ in
            let generation = joins.withLock { joins in
                joins += 1
                return Int32(joins)
            }
            return JoinGroupResponse(generationId: generation, protocolName: "range", leader: "other", memberId: "m")
        }
        script.answer(SyncGroupRequest.self, versions: 3...3) { _, _ in
            await isOver.value
            return SyncGroupResponse()
        }
        script.answer(LeaveGroupRequest.self, versions: 3...3) { _, _ in LeaveGroupResponse() }
        try await ScriptedCluster.with(script) { scripted in
            var client = ClientConfiguration(bootstrapServers: try ServerAddress.parseList(scripted.address))
            client.request.timeout = .milliseconds(200)
            try await KafkaCluster.withCluster(client) { cluster in
                var configuration = ConsumerConfiguration()
                configuration.group = GroupConfiguration(id: "g")
                let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
                try consumer.subscribe(topics: ["t"])
                while joins.withLock({ $0 }) < 2 {
                    #expect(try await consumer.nextBatch(timeout: .milliseconds(20)) == nil)
                }
                isOver.open(())
                await consumer.close()
            }
        }
    }
}
