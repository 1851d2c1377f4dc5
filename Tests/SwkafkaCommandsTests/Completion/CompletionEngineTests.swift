import Testing

@testable import SwkafkaCommands

@Suite struct CompletionEngineTests {
    private static var engine: CompletionEngine {
        CompletionEngine(
            cluster: { _ in
                ClusterSnapshot(
                    parsing: """
                        topic\torders
                        topic\torders-2
                        topic\tpayments
                        group\tbilling
                        broker\t1\th:9092
                        topic-config\tcleanup.policy
                        topic-config\tretention.ms
                        broker-config\tlog.retention.ms
                        unknown\tline

                        """
                )
            },
            profiles: { ["prod", "test"] }
        )
    }

    private func texts(_ words: String...) -> [String] {
        guard case .candidates(let candidates) = Self.engine.complete(words) else { return [":files"] }
        return candidates.map(\.text)
    }

    @Test func commandsAndOptions() {
        #expect(texts("top") == ["topics"])
        #expect(texts("console-").contains("console-producer"))
        #expect(texts("transactions", "l") == ["list"])
        #expect(texts("topics", "--under-r") == ["--under-replicated-partitions"])
        #expect(!texts("topics", "--list", "--l").contains("--list"))
        #expect(texts("topics", "--config", "a=b", "--conf") == ["--config"], "may be given again")
        #expect(texts("nothing", "x") == [])
        // What the help says of JSON names options, too.
        #expect(texts("topics", "--desc") == ["--describe"])
        #expect(texts() == [])
    }

    @Test func values() {
        #expect(texts("topics", "--topic", "or") == ["orders", "orders-2"])
        #expect(texts("console-consumer", "--topic=pay") == ["--topic=payments"])
        #expect(texts("console-consumer", "--group", "") == ["billing"])
        #expect(texts("topics", "--list", "--bootstrap-server", "") == ["h:9092"])
        #expect(texts("topics", "--list", "--output", "") == OutputFormat.allCases.map(\.rawValue))
        #expect(texts("console-consumer", "--output", "") == RecordOutput.allCases.map(\.rawValue))
        #expect(texts("topics", "--profile", "p") == ["prod"])
        #expect(texts("profile", "use", "t") == ["test"])
        #expect(texts("topics", "--describe", "pay") == ["payments"])
        #expect(texts("topics", "--command-config", "x") == [":files"])
    }

    @Test func settingsOfUsersAndOthers() {
        #expect(texts("configs", "--alter", "--client", "c", "--add-config", "prod") == ["producer_byte_rate="])
        #expect(texts("configs", "--alter", "--user", "u", "--add-config", "SCRAM-SHA-2") == ["SCRAM-SHA-256="])
        #expect(
            texts("configs", "--alter", "--ip=1.2.3.4", "--delete-config", "") == ["connection_creation_rate"]
        )
        #expect(texts("configs", "--alter", "--broker-logger", "1", "--add-config", "root=E") == ["root=ERROR"])
        #expect(texts("configs", "--alter", "--broker-defaults", "--add-config", "log.r") == ["log.retention.ms="])
        #expect(texts("configs", "--alter", "--topic", "t", "--add-config", "ret") == ["retention.ms="])
    }

    @Test func settings() {
        let configs = ["configs", "--alter", "--entity-type"]
        func texts(_ words: [String]) -> [String] {
            guard case .candidates(let candidates) = Self.engine.complete(words) else { return [":files"] }
            return candidates.map(\.text)
        }
        #expect(texts(configs + ["topics", "--add-config", ""]) == ["cleanup.policy=", "retention.ms="])
        #expect(texts(configs + ["brokers", "--add-config", "log"]) == ["log.retention.ms="])
        #expect(texts(configs + ["topics", "--add-config", "cleanup.policy=d"]) == ["cleanup.policy=delete"])
        #expect(texts(configs + ["topics", "--add-config", "retention.ms=1,cl"]) == ["retention.ms=1,cleanup.policy="])
        #expect(texts(configs + ["topics", "--delete-config", "ret"]) == ["retention.ms"])
        #expect(texts(configs + ["topics", "--entity-name", "o"]) == ["orders", "orders-2"])
        #expect(texts(configs + ["brokers", "--entity-name", ""]) == ["1"])
        #expect(texts(["topics", "--create", "--config", "cl"]) == ["cleanup.policy="])
    }

    /// bash takes words apart at = and :, and puts the answer in place of the last part.
    @Test func requestsOfBash() throws {
        let request = try #require(CompletionRequest(["__complete", "bash", "or", "swkafka topics --topic=or"]))
        #expect(request.words == ["topics", "--topic=or"] && request.replaced == "or")
        let lines = request.lines(Self.engine.complete(request.words), withMeanings: false)
        #expect(lines == ["orders", "orders-2"])
        let script = try #require(CompletionRequest(["__complete", "bash", "", "x | kafka-topics.sh --topic "]))
        #expect(script.words == ["topics", "--topic", ""])
        #expect(CompletionRequest(["__complete", "tcsh", "", "x"]) == nil)
        #expect(CompletionRequest(["__complete", "bash"]) == nil)
        #expect(CompletionRequest(["__complete", "bash", "", ""])?.words == [""])
    }

    @Test func snapshotsAreReadAsWritten() {
        let snapshot = Self.engine.cluster([])
        #expect(ClusterSnapshot(parsing: snapshot.text) == snapshot)
        #expect(ClusterSnapshot(parsing: "\t\n\ntopic\n") == ClusterSnapshot())
    }
}
