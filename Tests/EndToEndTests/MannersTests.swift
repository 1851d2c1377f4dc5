import Foundation
import KafkaTestSupport
import Testing

@Suite("Manners of the commands", .timeLimit(.minutes(2)))
struct MannersTests {
    static func shell(_ command: String, _ arguments: String...) async throws -> CommandResult {
        try await run("/bin/bash", ["-o", "pipefail", "-c", command, "bash", Swkafka.path] + arguments)
    }

    @Test func helpIsData() async throws {
        for arguments in [["--help"], ["topics", "--help"], ["console-producer", "--help"], ["describe", "--help"]] {
            let result = try await Swkafka.run(arguments)
            #expect(result.status == 0, "\(arguments): \(result)")
            #expect(result.errors.isEmpty)
            #expect(result.text.contains("USAGE"))
        }
    }

    @Test(arguments: [
        (["topics", "--lsit"], "--list"),
        (["topcis"], "topics"),
        (["console-consumer", "--from-begining"], "--from-beginning"),
    ])
    func nearestRightWord(arguments: [String], expected: String) async throws {
        let result = try await Swkafka.run(arguments)
        #expect(result.status == 2, "\(result)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(expected), "\(result)")
    }

    @Test func wrongUsageIsTwo() async throws {
        for arguments in [
            ["topics", "--bootstrap-server", "127.0.0.1:1"],
            ["topics", "--bootstrap-server", "127.0.0.1:1", "--list", "--create"],
            ["console-producer", "--bootstrap-server", "127.0.0.1:1"],
            ["console-consumer", "--bootstrap-server", "127.0.0.1:1", "--topic", "t", "--offset", "5"],
        ] {
            let result = try await Swkafka.run(arguments)
            #expect(result.status == 2, "\(arguments): \(result)")
            #expect(result.output.isEmpty)
            #expect(!result.errors.isEmpty)
        }
    }

    /// Nobody listens on port 1: every command says so, names the address, and ends soon.
    @Test(arguments: [
        ["topics", "--list"], ["get-offsets"], ["broker-api-versions"], ["describe"],
        ["configs", "--describe", "--entity-type", "topics"],
    ])
    func deadBroker(arguments: [String]) async throws {
        let result = try await Swkafka.run(arguments + ["--bootstrap-server", "127.0.0.1:1"])
        #expect(result.status == 1, "\(result)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("127.0.0.1:1"), "\(result)")
    }

    @Test func deadBrokerLosesNoLineSilently() async throws {
        let result = try await Swkafka.run(
            "console-producer",
            "--bootstrap-server",
            "127.0.0.1:1",
            "--topic",
            "t",
            "--max-block-ms",
            "500",
            input: "a\nb\n"
        )
        #expect(result.status == 1, "\(result)")
        #expect(result.errors.contains("127.0.0.1:1"), "\(result)")
    }

    @Test func headEndsTheConsumerSilently() async throws {
        try await BrokerProcess.with { broker in
            let lines = (0..<100_000).map { "line \($0)\n" }.joined()
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            _ = try await broker.swkafka("console-producer", "--topic", "t", input: lines)
            let result = try await Self.shell(
                #""$1" console-consumer --bootstrap-server "$2" --topic t --from-beginning | head -1"#,
                broker.address
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.text == "line 0\n")
            #expect(!result.errors.lowercased().contains("pipe"))
        }
    }

    @Test func interruptedConsumerSaysHowMany() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            _ = try await broker.swkafka("console-producer", "--topic", "t", input: "a\nb\nc\n")
            let arguments = [
                "console-consumer", "--bootstrap-server", broker.address, "--topic", "t", "--from-beginning",
            ]
            try await ManagedProcess.with(Swkafka.path, arguments) { consumer in
                _ = try await consumer.line(containing: "c")
                consumer.send(signal: SIGINT)
                #expect(await consumer.status() == 130)
                #expect(consumer.output.text == "a\nb\nc\n")
                #expect(consumer.errors.text.contains("Processed a total of 3 messages"))
            }
        }
    }

    @Test func interruptedProducerKeepsWhatItRead() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            let arguments = [
                "console-producer", "--bootstrap-server", broker.address, "--topic", "t", "--timeout", "1",
            ]
            try await ManagedProcess.with(Swkafka.path, arguments) { producer in
                try producer.write(Data("kept\n".utf8))
                let consumed = try await broker.swkafka(
                    "console-consumer",
                    "--topic",
                    "t",
                    "--from-beginning",
                    "--max-messages",
                    "1"
                )
                #expect(consumed.text == "kept\n")
                producer.send(signal: SIGINT)
                #expect(await producer.status() == 130, "\(producer.errors.text)")
            }
        }
    }

    @Test func consumerTimeout() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            _ = try await broker.swkafka("console-producer", "--topic", "t", input: "a\n")
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--timeout-ms",
                "300"
            )
            #expect(consumed.text == "a\n")
            #expect(consumed.errors.contains("Processed a total of 1 messages"))
        }
    }

    /// On a terminal the producer prompts, and takes what is typed.
    @Test func promptOnATerminal() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            let arguments = [
                "-c",
                """
                import os, pty, sys
                child, terminal = pty.fork()
                if child == 0:
                    os.execv(sys.argv[1], sys.argv[1:])
                seen = b""
                while b">" not in seen:
                    seen += os.read(terminal, 1024)
                os.write(terminal, b"typed\\x02\\x02X\\n")
                while seen.count(b">") < 2:
                    seen += os.read(terminal, 1024)
                os.write(terminal, b"\\x04")
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                """,
                Swkafka.path, "console-producer", "--bootstrap-server", broker.address, "--topic", "t",
            ]
            let typed = try await run("/usr/bin/env", ["python3"] + arguments, environment: ["TERM": "xterm"])
            #expect(typed.text == "0\n", "\(typed)")
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "t",
                "--from-beginning",
                "--max-messages",
                "1"
            )
            #expect(consumed.text == "typXed\n", "readline moved the cursor two back before the X")
        }
    }

    @Test func machineReadableOutput() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "2")
            for arguments in [["topics", "--list"], ["topics", "--describe"], ["describe"]] {
                let result = try await Swkafka.run(
                    arguments + ["--output", "json", "--bootstrap-server", broker.address]
                )
                #expect(result.status == 0, "\(result)")
                #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: result.output) }
            }
        }
    }

    /// A person at a terminal is asked before something is deleted; under a script's name, and elsewhere, nobody is.
    @Test func deletingAsksAtATerminal() async throws {
        try await BrokerProcess.with { broker in
            for name in ["a", "b", "c"] { _ = try await broker.swkafka("topics", "--create", "--topic", name) }
            let script = """
                import os, pty, sys
                answer = sys.argv[1].encode()
                child, terminal = pty.fork()
                if child == 0:
                    os.execv(sys.argv[2], sys.argv[3:])
                seen = b""
                if answer:
                    while b"[y/N]" not in seen:
                        seen += os.read(terminal, 1024)
                    os.write(terminal, answer + b"\\n")
                try:
                    while True:
                        more = os.read(terminal, 1024)
                        if not more: break
                        seen += more
                except OSError:
                    pass
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), b"[y/N]" in seen)
                """
            func delete(_ topic: String, answer: String, name: String = "swkafka") async throws -> String {
                let words = name == "swkafka" ? ["swkafka", "topics"] : [name]
                let result = try await run(
                    "/usr/bin/env",
                    ["python3", "-c", script, answer, Swkafka.path] + words
                        + ["--delete", "--topic", topic, "--bootstrap-server", broker.address]
                )
                return result.text
            }
            #expect(try await delete("a", answer: "n") == "1 True\n")
            #expect(try await broker.swkafka("topics", "--list").text == "a\nb\nc\n")
            #expect(try await delete("a", answer: "y") == "0 True\n")
            #expect(try await delete("b", answer: "", name: "kafka-topics.sh") == "0 False\n")
            #expect(try await broker.swkafka("topics", "--delete", "--topic", "c").status == 0)
            #expect(try await broker.swkafka("topics", "--list").text == "\n")
        }
    }
}
