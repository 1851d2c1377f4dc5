import Testing

@testable import SwkafkaCommands

/// `configs`, `get-offsets`, `delete-records`, `describe` and `broker-api-versions` against our own broker.
@Suite(.timeLimit(.minutes(2))) struct AdminTranscriptTests {
    @Test func configsOfTopics() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "t1")
            let heading = "Dynamic configs for topic t1 are:\n"
            #expect(try await bench.run("configs", "--describe", "--topic", "t1").output == heading)
            let altered = try await bench.run(
                "configs",
                "--alter",
                "--entity-type",
                "topics",
                "--entity-name",
                "t1",
                "--add-config",
                "retention.ms=3600000,cleanup.policy=[compact,delete]"
            )
            #expect(altered == Transcript(status: 0, output: "Completed updating config for topic t1.\n", errors: ""))
            #expect(
                try await bench.run("configs", "--describe", "--entity-type", "topics").output
                    == heading
                    + "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:"
                    + "cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}\n"
                    + "  retention.ms=3600000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=3600000}\n"
            )
            let deleted = try await bench.run("configs", "--alter", "--topic", "t1", "--delete-config", "retention.ms")
            #expect(deleted.status == 0)
            let again = try await bench.run("configs", "--alter", "--topic", "t1", "--delete-config", "retention.ms")
            #expect(again.status == 1)
            #expect(again.errors.hasPrefix("Invalid config(s): retention.ms\n"))
            for wrong in ["no.such=1", "retention.ms=x"] {
                let refused = try await bench.run("configs", "--alter", "--topic", "t1", "--add-config", wrong)
                #expect(refused.status == 1)
                #expect(refused.output.isEmpty)
            }
            let file = try await bench.withFile("max.message.bytes=2000\n") { path in
                try await bench.run("configs", "--alter", "--topic", "t1", "--add-config-file", path)
            }
            #expect(file.status == 0)
            let missing = try await bench.run("configs", "--describe", "--topic", "nope")
            #expect(missing.status == 1)
            #expect(missing.output == "Dynamic configs for topic nope are:\n")
        }
    }

    @Test func configsOfBrokersAndOthers() async throws {
        try await CommandBench.with { bench in
            #expect(
                try await bench.run("configs", "--describe", "--entity-type", "brokers").output
                    == "Dynamic configs for broker 1 are:\nDefault configs for brokers in the cluster are:\n"
            )
            let altered = try await bench.run(
                "configs",
                "--alter",
                "--broker-defaults",
                "--add-config",
                "log.retention.ms=86400000"
            )
            #expect(altered.output == "Completed updating default config for brokers in the cluster.\n")
            let missing = try await bench.run("configs", "--describe", "--broker", "9")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("Broker 9 is not among the live brokers"), "\(missing)")
            let user = try await bench.run("configs", "--describe", "--user", "alice")
            #expect(user == Transcript(status: 0, output: "", errors: ""))
        }
    }

    @Test func offsetsAndDeletedRecords() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "dr", "--partitions", "2")
            let lines = (0..<10).map { "k:\($0)\n" }.joined()
            _ = try await bench.run("console-producer", "--topic", "one", input: lines)
            #expect(try await bench.run("get-offsets").output == "dr:0:0\ndr:1:0\none:0:10\n")
            #expect(
                try await bench.run("get-offsets", "--topic-partitions", "o.*,dr:1-", "--time", "-2").output
                    == "dr:1:0\none:0:0\n"
            )
            #expect(try await bench.run("get-offsets", "--time", "max-timestamp", "--topic", "dr").output.isEmpty)
            let none = try await bench.run("get-offsets", "--topic", "nope_x")
            #expect(none.status == 1)
            #expect(none.errors.hasPrefix("Error occurred: "))
            let deleted = try await bench.withFile(
                """
                {"partitions":[{"topic":"one","partition":0,"offset":4},{"topic":"dr","partition":7,"offset":1},
                 {"topic":"dr","partition":0,"offset":99}],"version":1}
                """
            ) { path in try await bench.run("delete-records", "--offset-json-file", path) }
            #expect(deleted.status == 1)
            let outcome = deleted.output.split(separator: "\n").map(String.init)
            #expect(outcome.prefix(2) == ["Executing records delete operation", "Records delete operation completed:"])
            #expect(
                outcome[2].hasPrefix(
                    "partition: dr-0\terror: org.apache.kafka.common.errors.OffsetOutOfRangeException: "
                )
            )
            #expect(
                outcome[3].hasPrefix(
                    "partition: dr-7\terror: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: "
                )
            )
            #expect(outcome[4] == "partition: one-0\tlow_watermark: 4")
            #expect(try await bench.run("get-offsets", "--topic", "one", "--time", "earliest").output == "one:0:4\n")
        }
    }

    @Test func overviewsAndVersions() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "orders", "--partitions", "3")
            let cluster = try await bench.run("describe").output
            #expect(cluster.contains("1 broker, 1 topic, 3 partitions"))
            #expect(cluster.contains("Every partition has a leader and all its replicas in sync."))
            #expect(try await bench.run("describe", "topic", "orders").output.contains("Topic orders"))
            #expect(try await bench.run("describe", "broker", "1").output.contains("controller"))
            let missing = try await bench.run("describe", "topic", "ordres")
            #expect(missing.status == 1)
            #expect(missing.errors.contains("Did you mean 'orders'?"))
            #expect(try await bench.run("describe", "broker", "9").status == 1)
            let versions = try await bench.run("broker-api-versions").output
            #expect(versions.hasPrefix("\(bench.address) (id: 1 rack: null) -> (\n\tProduce(0): "))
            #expect(versions.hasSuffix("\n)\n"))
        }
    }

    @Test func aDeadBrokerIsNamed() async {
        let result = await transcript("topics", "--list", "--bootstrap-server", "127.0.0.1:1")
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("127.0.0.1:1"))
    }
}
