import Foundation
import KafkaTestSupport
import Testing

@Suite("The broker's directory", .timeLimit(.minutes(2)))
struct DiskTests {
    /// Appending fails with a clear error while the disk is full; reading goes on, and so does the rest of the broker.
    @Test func aFullDisk() async throws {
        try await withTemporaryDirectory { directory in
            // The file system lives and dies with the broker's own mount namespace.
            let command = """
                mount -t tmpfs -o size=4m tmpfs "$1" && exec "$2" broker --listen 127.0.0.1:0 --data-dir "$1/data"
                """
            try await ManagedProcess.with(
                "/usr/bin/unshare",
                ["--map-root-user", "--mount", "sh", "-c", command, "sh", directory, Swkafka.path]
            ) { process in
                let line = try await process.line(containing: "127.0.0.1:")
                let broker = try #require(BrokerProcess(process: process, readyLine: line))
                _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
                let first = try await broker.swkafka("console-producer", "--topic", "t", input: "kept\n")
                #expect(first.status == 0, "\(first)")

                let input = String(repeating: String(repeating: "x", count: 1_000) + "\n", count: 8_000)
                let tooMuch = try await broker.swkafka(
                    "console-producer",
                    "--topic",
                    "t",
                    "--producer-property",
                    "delivery.timeout.ms=3000",
                    "--request-timeout-ms",
                    "1000",
                    "--timeout",
                    "5",
                    input: input
                )
                #expect(tooMuch.status == 1, "\(tooMuch.errors)")
                // Without a group, whose coordinator would have to write.
                let consumed = try await broker.swkafka(
                    "console-consumer",
                    "--topic",
                    "t",
                    "--partition",
                    "0",
                    "--offset",
                    "earliest",
                    "--max-messages",
                    "1"
                )
                #expect(consumed.text == "kept\n")
                let listed = try await broker.swkafka("topics", "--list")
                #expect(listed.text == "t\n")

                // Whether the last checkpoints still fit is a matter of bytes: a stop that could not write them says so.
                process.send(signal: SIGTERM)
                let status = await process.status()
                let last = process.errors.text.split(separator: "\n").last ?? ""
                let isToldApart = status == 1 && last.hasPrefix("swkafka broker: ") && last.contains("No space left")
                #expect(status == 0 || isToldApart, "status \(status): \(process.errors.text)")
            }
        }
    }

    @Test(arguments: ["/proc/swkafka", "/dev/null/data"])
    func aDirectoryThatCannotBeWritten(path: String) async throws {
        let result = try await Swkafka.run("broker", "--listen", "127.0.0.1:0", "--data-dir", path)
        #expect(result.status == 1, "\(result)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(path), "\(result)")
    }

    @Test func aDirectoryInUse() async throws {
        try await withTemporaryDirectory { directory in
            try await BrokerProcess.with(["--data-dir", directory]) { _ in
                let second = try await Swkafka.run("broker", "--listen", "127.0.0.1:0", "--data-dir", directory)
                #expect(second.status == 1)
                #expect(second.errors.contains(directory), "\(second)")
            }
        }
    }

    @Test func aPortInUse() async throws {
        try await BrokerProcess.with { broker in
            let second = try await Swkafka.run("broker", "--listen", broker.address, "--ephemeral")
            #expect(second.status == 1)
            #expect(second.output.isEmpty)
            #expect(second.errors.contains(broker.address), "\(second)")
        }
    }

    @Test func dataSurviveKill() async throws {
        try await withTemporaryDirectory { directory in
            let lines = (0..<10_000).map { "record \($0)\n" }.joined()
            try await BrokerProcess.with(["--data-dir", directory]) { broker in
                _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
                let produced = try await broker.swkafka("console-producer", "--topic", "t", input: lines)
                #expect(produced.status == 0, "\(produced)")
                broker.process.send(signal: SIGKILL)
                #expect(await broker.process.status() == 137)
            }
            try await BrokerProcess.with(["--data-dir", directory]) { broker in
                let consumed = try await broker.swkafka(
                    "console-consumer",
                    "--topic",
                    "t",
                    "--from-beginning",
                    "--max-messages",
                    "10000"
                )
                #expect(consumed.text == lines)
            }
        }
    }

    @Test func dataSurviveARestart() async throws {
        try await withTemporaryDirectory { directory in
            try await BrokerProcess.with(["--data-dir", directory]) { broker in
                _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--config", "retention.ms=-1")
                _ = try await broker.swkafka("console-producer", "--topic", "t", input: "once\n")
                broker.process.send(signal: SIGINT)
                #expect(await broker.process.status() == 0, "\(broker.process.errors.text)")
            }
            try await BrokerProcess.with(["--data-dir", directory]) { broker in
                let described = try await broker.swkafka("topics", "--describe", "--topic", "t")
                #expect(described.text.contains("Configs: retention.ms=-1"), "\(described)")
                _ = try await broker.swkafka("console-producer", "--topic", "t", input: "twice\n")
                let consumed = try await broker.swkafka(
                    "console-consumer",
                    "--topic",
                    "t",
                    "--from-beginning",
                    "--max-messages",
                    "2"
                )
                #expect(consumed.text == "once\ntwice\n")
            }
        }
    }

    @Test func dataStayWithTheUserByDefault() async throws {
        try await withTemporaryDirectory { directory in
            for variables in [
                ["XDG_DATA_HOME": directory + "/data"], ["HOME": directory + "/home", "XDG_DATA_HOME": ""],
            ] {
                try await BrokerProcess.with([], environment: variables) { broker in
                    let created = try await broker.swkafka("topics", "--create", "--topic", "t")
                    #expect(created.status == 0, "\(created)")
                }
            }
            for folder in ["/data/swkafka/t-0", "/home/.local/share/swkafka/t-0"] {
                #expect(FileManager.default.fileExists(atPath: directory + folder), "\(folder)")
            }
        }
    }

    @Test func ephemeralDataGo() async throws {
        try await withTemporaryDirectory { directory in
            try await BrokerProcess.with(["--ephemeral"], environment: ["TMPDIR": directory]) { broker in
                _ = try await broker.swkafka("topics", "--create", "--topic", "t")
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 1)
                broker.process.send(signal: SIGTERM)
                #expect(await broker.process.status() == 0)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        }
    }
}
