import Foundation
import KafkaBroker
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// `storage`, beside the words of Kafka's own script (its transcripts of 4.0).
@Suite(.timeLimit(.minutes(2))) struct StorageTests {
    private func with(
        _ directories: String,
        _ more: String = "controller.quorum.voters=1@127.0.0.1:9093\n",
        _ body: @Sendable (String, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { folder in
            let file = folder + "/server.properties"
            let names = directories.split(separator: ",").map { "\(folder)/\($0)" }.joined(separator: ",")
            let text = "process.roles=broker,controller\nnode.id=1\nlog.dirs=\(names)\n" + more
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            try await body(folder, file)
        }
    }

    private let id = "3Db5QLSqSZieL3rJBUUegA"

    @Test func formattingAndLooking() async throws {
        try await with("d1") { folder, file in
            let before = await transcript("storage", "info", "-c", file)
            #expect(
                before == Transcript(status: 1, output: "Found problem:\n  \(folder)/d1 does not exist\n\n", errors: "")
            )
            let made = await transcript("storage", "format", "-t", id, "-c", file, "-r", "4.0-IV0")
            #expect(made.status == 0)
            #expect(made.output == "Formatting metadata directory \(folder)/d1 with metadata.version 4.0-IV0.\n")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/d1").sorted()
            #expect(files == ["bootstrap.checkpoint", "meta.properties"])
            #expect(await transcript("log", "verify", folder + "/d1").status == 0)
            let dump = await transcript(
                "dump-log",
                "--cluster-metadata-decoder",
                "--files",
                folder + "/d1/bootstrap.checkpoint"
            )
            #expect(dump.output.contains("SnapshotHeader {\"version\":0,\"lastContainedLogTimestamp\":0}"))
            #expect(dump.output.contains("\"name\":\"metadata.version\",\"featureLevel\":22"))
            #expect(dump.output.contains("\"name\":\"group.version\",\"featureLevel\":1"))
            #expect(dump.output.hasSuffix("SnapshotFooter {\"version\":0}\n"))
            let info = await transcript("storage", "info", "-c", file)
            #expect(info.status == 0)
            #expect(
                info.output.hasPrefix("Found log directory:\n  \(folder)/d1\n\nFound metadata: {cluster.id=\(id), ")
            )
            #expect(info.output.hasSuffix(", node.id=1, version=1}\n\n"))
            let again = await transcript("storage", "format", "-t", id, "-c", file)
            #expect(again.status == 1)
            #expect(again.errors.hasPrefix("Log directory \(folder)/d1 is already formatted. Use --ignore-formatted "))
            let ignored = await transcript("storage", "format", "-t", id, "-c", file, "-g")
            #expect(ignored.output == "All of the log directories are already formatted.\n")
            let other = await transcript("storage", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", file, "-g")
            #expect(other.status == 1)
            #expect(other.errors.contains("belongs to cluster \(id)"))
        }
    }

    @Test func severalDirectories() async throws {
        try await with("d2,d3") { folder, file in
            let made = await transcript("storage", "format", "-t", "not-a-uuid", "-c", file, "-r", "3.9")
            #expect(
                made.output == "Formatting metadata directory \(folder)/d2 with metadata.version 3.9-IV0.\n"
                    + "Formatting data directory \(folder)/d3 with metadata.version 3.9-IV0.\n"
            )
            let both = await transcript("storage", "info", "-c", file)
            #expect(
                both.output.hasPrefix("Found log directories:\n  \(folder)/d2\n  \(folder)/d3\n\nFound metadata: {")
            )
            try FileManager.default.removeItem(atPath: folder + "/d3")
            let one = await transcript("storage", "info", "-c", file)
            #expect(one.status == 1)
            #expect(one.output.hasSuffix("Found problem:\n  \(folder)/d3 does not exist\n\n"))
        }
    }

    @Test func whatCannotBeFormatted() async throws {
        try await with("d6", "controller.quorum.bootstrap.servers=127.0.0.1:9093\n") { _, file in
            #expect(await transcript("storage", "format", "-t", id, "-c", file).status == 1)
            #expect(await transcript("storage", "format", "-t", id, "-c", file, "-s").status == 1)
            #expect(await transcript("storage", "format", "-t", id, "-c", file, "-s", "-N").status == 2)
            #expect(await transcript("storage", "format", "-t", id, "-c", file, "-N", "-r", "9.9").status == 1)
            #expect(await transcript("storage", "format", "-t", id, "-c", file, "-N").status == 0)
        }
        #expect(await transcript("storage", "format", "-t", id, "-c", "/no/such/file").status == 1)
        #expect(await transcript("storage", "format", "-c", "/no/such/file").status == 2)
    }

    /// As Kafka's quick start has it; the bundled broker starts there, too.
    @Test func aQuorumOfOneVoter() async throws {
        let listeners = "listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:9093\n"
        let more =
            "controller.quorum.bootstrap.servers=127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\n" + listeners
        try await with("d7", more) { folder, file in
            let made = await transcript(
                "storage",
                "format",
                "--standalone",
                "-t",
                id,
                "-c",
                file,
                "-S",
                "SCRAM-SHA-256=[name=admin,password=secret]"
            )
            #expect(
                made.output
                    == "Formatting dynamic metadata voter directory \(folder)/d7 with metadata.version 4.0-IV3.\n",
                "\(made)"
            )
            let snapshot = folder + "/d7/__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"
            let dump = await transcript("dump-log", "--cluster-metadata-decoder", "--files", snapshot)
            #expect(dump.output.contains("KRaftVersion {\"version\":0,\"kRaftVersion\":1}"), "\(dump)")
            #expect(dump.output.contains("\"name\":\"CONTROLLER\",\"host\":\"127.0.0.1\",\"port\":9093"), "\(dump)")
            let users = await transcript(
                "dump-log",
                "--cluster-metadata-decoder",
                "--files",
                folder + "/d7/bootstrap.checkpoint"
            )
            #expect(users.output.contains("\"name\":\"admin\",\"mechanism\":1"), "\(users)")
            #expect(await transcript("log", "verify", folder + "/d7").status == 0)
            let configuration = try BrokerConfiguration(
                properties: ["listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": folder + "/d7"],
                isEphemeral: false
            )
            try await Broker(configuration: configuration).serve { address async throws -> Void in
                let bench = CommandBench(address: address.description)
                #expect(try await bench.run("topics", "--create", "--topic", "t").status == 0)
                #expect(try await bench.run("cluster", "cluster-id").output == "Cluster ID: \(id)\n")
            }
            #expect(await transcript("log", "verify", folder + "/d7").status == 0)
        }
    }

    @Test func versions() async {
        let release = await transcript("storage", "version-mapping", "--release-version", "3.9-IV0")
        #expect(
            release.output == "metadata.version=21 (3.9-IV0)\nkraft.version=1\ntransaction.version=0\ngroup.version=0\n"
        )
        #expect(await transcript("storage", "version-mapping").status == 0)
        #expect(await transcript("storage", "version-mapping", "--release-version", "1.0").status == 1)
    }
}
