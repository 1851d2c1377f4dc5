import Foundation
import KafkaTestSupport
import Testing

/// Completion in the real shells, with a real broker behind it.
@Suite("Completion in shells", .timeLimit(.minutes(3)))
struct CompletionTests {
    /// A folder with `swkafka` in it, to stand in PATH, and room for the cache.
    static func withHome(_ body: @Sendable (_ home: String) async throws -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: home + "/bin", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        try FileManager.default.createSymbolicLink(atPath: home + "/bin/swkafka", withDestinationPath: Swkafka.path)
        try FileManager.default.createSymbolicLink(
            atPath: home + "/bin/kafka-topics.sh",
            withDestinationPath: Swkafka.path
        )
        try await body(home)
    }

    static func environment(_ home: String, _ broker: BrokerProcess) -> [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return [
            "HOME": home, "PATH": "\(home)/bin:\(path)", "XDG_CACHE_HOME": home + "/cache", "TERM": "xterm",
            "SWKAFKA_BOOTSTRAP_SERVER": broker.address, "XDG_CONFIG_HOME": home + "/config",
            // What is tested is what is answered; a machine with much to do takes its time.
            "SWKAFKA_COMPLETION_MS": "30000",
        ]
    }

    /// What the cluster has is known once the other process has asked it: a press of the key may come too early.
    static func warm(_ home: String, _ broker: BrokerProcess) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let answer = try await run(
                home + "/bin/swkafka",
                ["__complete", "fish", "", "swkafka", "topics", "--topic", ""],
                environment: environment(home, broker)
            )
            #expect(answer.status == 0, "\(answer)")
            if answer.text.contains("orders-unique") { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the cluster's topics never came")
    }

    static func withBroker(_ body: @Sendable (String, [String: String]) async throws -> Void) async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "orders-unique")
            try await withHome { home in
                try await warm(home, broker)
                try await body(home, environment(home, broker))
            }
        }
    }

    static func isInstalled(_ shell: String) -> Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(shell)")
        }
    }

    /// Types a line with tab keys into an interactive shell, then makes it print what stands there.
    private func typed(_ shell: [String], _ setup: String, _ line: String, _ environment: [String: String]) async throws
        -> CommandResult
    {
        let script = """
            import os, pty, sys, select, time
            setup, line = sys.argv[1], sys.argv[2]
            child, terminal = pty.fork()
            if child == 0:
                os.execvp(sys.argv[3], sys.argv[3:])
            seen = b""
            def until(text, seconds=40):
                global seen
                end = time.time() + seconds
                while text not in seen:
                    if time.time() > end or not select.select([terminal], [], [], end - time.time())[0]:
                        sys.stdout.write("no " + repr(text) + " in " + repr(seen)); sys.exit(1)
                    seen += os.read(terminal, 4096)
                seen = seen[seen.index(text) + len(text):]
            os.write(terminal, setup.encode() + b"; printf 'rea%s\\\\n' dy\\n")
            until(b"ready\\r\\n")
            os.write(terminal, line.encode() + b"\\t")
            until(b"unique")
            os.write(terminal, b"\\x01printf '<%s>' \\n")
            until(b"<swkafka>")
            words = seen
            end = time.time() + 40
            while b"unique>" not in words and time.time() < end:
                if select.select([terminal], [], [], 1)[0]: words += os.read(terminal, 4096)
            print(words.split(b"unique>")[0].decode() + "unique>")
            os.write(terminal, b"\\x03\\x15exit\\n")
            os.close(terminal)
            os.waitpid(child, 0)
            """
        return try await run("/usr/bin/env", ["python3", "-c", script, setup, line] + shell, environment: environment)
    }

    @Test func bash() async throws {
        try await Self.withBroker { _, environment in
            let setup = "PS1='$ '; source <(swkafka completion bash)"
            for line in ["swkafka topics --topic ord", "swkafka topics --topic=ord"] {
                let result = try await typed(["bash", "--norc", "-i"], setup, line, environment)
                #expect(result.text.contains("orders-unique>"), "\(result)")
            }
            let options = try await run(
                "/bin/bash",
                [
                    "-c",
                    """
                    source <(swkafka completion bash)
                    COMP_LINE='kafka-topics.sh --under-r' COMP_POINT=25 _swkafka kafka-topics.sh --under-r
                    printf '%s\\n' "${COMPREPLY[@]}"
                    """,
                ],
                environment: environment
            )
            #expect(options.text == "--under-replicated-partitions\n", "\(options)")
        }
    }

    @Test(.enabled(if: CompletionTests.isInstalled("zsh"))) func zsh() async throws {
        try await Self.withBroker { _, environment in
            let setup = "PS1='$ '; autoload -U compinit && compinit -u -D; source <(swkafka completion zsh)"
            let result = try await typed(["zsh", "-f", "-i"], setup, "swkafka topics --topic ord", environment)
            #expect(result.text.contains("orders-unique>"), "\(result)")
        }
    }

    @Test(.enabled(if: CompletionTests.isInstalled("fish"))) func fish() async throws {
        try await Self.withBroker { _, environment in
            let result = try await run(
                "/usr/bin/env",
                ["fish", "-c", "swkafka completion fish | source; complete -C 'swkafka topics --topic ord'"],
                environment: environment
            )
            #expect(result.text == "orders-unique\n", "\(result)")
            let options = try await run(
                "/usr/bin/env",
                ["fish", "-c", "swkafka completion fish | source; complete -C 'kafka-topics.sh --under-r'"],
                environment: environment
            )
            #expect(options.text.hasPrefix("--under-replicated-partitions\t"), "\(options)")
        }
    }

    /// Nobody answers at the address, packets to it vanish: the answer comes all the same, and from the other process
    /// nothing is heard.
    @Test func aClusterThatDoesNotAnswer() async throws {
        try await Self.withHome { home in
            let result = try await run(
                home + "/bin/swkafka",
                ["__complete", "fish", "", "swkafka", "topics", "--bootstrap-server", "192.0.2.1:9092", "--topic", ""],
                environment: ["HOME": home, "XDG_CACHE_HOME": home + "/cache"]
            )
            #expect(result.status == 0 && result.output.isEmpty && result.errors.isEmpty, "\(result)")
        }
    }
}
