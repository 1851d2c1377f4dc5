import Foundation
import KafkaTestSupport
import Testing

@Suite("A command with a broker of its own", .timeLimit(.minutes(1)))
struct RunTests {
    private func withTemporaryFolder(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    private func run(_ arguments: [String], input: String = "", in folder: URL) async throws -> CommandResult {
        try await Swkafka.run(["run"] + arguments, input: input, environment: ["TMPDIR": folder.path])
    }

    @Test func theCommandFindsBrokerAndTopics() async throws {
        try await withTemporaryFolder { folder in
            let script = """
                "$0" console-producer --bootstrap-server $KAFKA_BOOTSTRAP_SERVERS --topic seeded &&
                "$0" topics --bootstrap-server $BOOTSTRAP_SERVERS --describe --topic seeded &&
                "$0" console-consumer --bootstrap-server $KAFKA_BROKERS --topic seeded --from-beginning --max-messages 1
                """
            let result = try await run(
                ["--topic", "seeded:3:retention.ms=-1", "--", "sh", "-c", script, Swkafka.path],
                input: "from outside\n",
                in: folder
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.text.contains("PartitionCount: 3\tReplicationFactor: 1\tConfigs: retention.ms=-1"))
            #expect(result.lines.last == "from outside")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test(arguments: [
        ("exit 7", 7), ("kill -9 $$", 137), ("no-such-command-here", 127),
    ])
    func endsAsTheCommandDid(script: String, status: Int32) async throws {
        try await withTemporaryFolder { folder in
            let result = try await run(["--", "sh", "-c", script], in: folder)
            #expect(result.status == status)
            #expect(result.errors.contains("data are kept"))
            let kept = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(kept.count == 1)
            #expect(result.errors.contains(kept.first ?? "/"))
        }
    }

    @Test func tellsWhyNothingRan() async throws {
        try await withTemporaryFolder { folder in
            let missing = try await run(["--", "/no/such/program"], in: folder)
            #expect(missing.status == 127)
            #expect(missing.errors.contains("Cannot run '/no/such/program': no such file or directory"))
            let folderItself = try await run(["--", folder.path], in: folder)
            #expect(folderItself.status == 126)
            let topic = try await run(["--topic", "bad/name", "--", "true"], in: folder)
            #expect(topic.status == 1)
            #expect(topic.errors.contains("bad/name"))
            let setting = try await run(["--override", "num.partitions=x", "--", "true"], in: folder)
            #expect(setting.status == 1)
            #expect(setting.errors.contains("num.partitions"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func aSignalReachesTheCommand() async throws {
        try await withTemporaryFolder { folder in
            let script = "trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
            try await ManagedProcess.with(
                Swkafka.path,
                ["run", "--", "sh", "-c", script],
                environment: ["TMPDIR": folder.path]
            ) { process in
                _ = try await process.line(containing: "ready")
                process.send(signal: SIGTERM)
                #expect(await process.status() == 3)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            }
        }
    }

    /// A cluster for the time of a command, which kills one of its brokers.
    @Test func severalBrokers() async throws {
        try await withTemporaryFolder { folder in
            let script = """
                set -e
                "$0" cluster kill 1001
                echo kept | "$0" console-producer --bootstrap-server $KAFKA_BOOTSTRAP_SERVERS --topic t
                "$0" console-consumer --bootstrap-server $KAFKA_BOOTSTRAP_SERVERS --topic t --from-beginning --max-messages 1
                test -d "$SWKAFKA_CLUSTER_DIR/1002"
                """
            let result = try await run(
                [
                    "--brokers", "2", "--override", "default.replication.factor=2", "--topic", "t:2", "--", "sh", "-c",
                    script, Swkafka.path,
                ],
                in: folder
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.lines.last == "kept")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
            let failed = try await run(["--brokers", "2", "--", "sh", "-c", "exit 5"], in: folder)
            #expect(failed.status == 5)
            #expect(failed.errors.contains("swkafka cluster start --data-dir "))
        }
    }
}
