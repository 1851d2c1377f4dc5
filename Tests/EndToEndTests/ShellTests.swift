import Foundation
import KafkaTestSupport
import Testing

@Suite("swkafka shell", .timeLimit(.minutes(3)))
struct ShellTests {
    @Test func scripts() async throws {
        try await BrokerProcess.with { broker in
            let script = """
                # makes a topic and looks at it
                topics --create --topic orders --partitions 2
                !printf 'a\\nb\\n' > "$FILE"
                use orders
                console-producer < "$FILE"
                console-consumer --exit-at-end --count
                topics --describe | grep -c Partition:
                use
                topics --list
                exit
                not run any more
                """
            let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
            defer { try? FileManager.default.removeItem(atPath: file) }
            let result = try await Swkafka.run(
                ["shell", "--bootstrap-server", broker.address],
                input: script,
                environment: ["FILE": file]
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.text == "Created topic orders.\n2\n2\norders\n", "\(result)")
        }
    }

    /// The first failure ends a script, with its status; in a pipe that of the shell's own command.
    @Test(arguments: [
        ("!exit 7", 7, "line 2 failed"), ("topics --lsit", 2, "--list"),
        ("topisc --list", 127, "Did you mean 'topics'?"),
        ("topics --list --bootstrap-server 127.0.0.1:1 | cat", 1, "127.0.0.1:1"), ("!false | true", 0, ""),
        ("profile list | grep nothing", 1, "line 2 failed"),
    ])
    func failures(line: String, status: Int32, message: String) async throws {
        let result = try await Swkafka.run(
            ["shell"],
            input: "!echo one\n\(line)\n!echo two\n",
            environment: ["XDG_CONFIG_HOME": "/nonexistent"]
        )
        #expect(result.status == status, "\(result)")
        #expect(result.text == (status == 0 ? "one\ntwo\n" : "one\n"), "\(result)")
        #expect(message.isEmpty || result.errors.contains(message), "\(result)")
    }

    /// At a terminal: prompt, completion, topic in the prompt, a pipe, Ctrl-C on a command and on a line, history.
    @Test func terminal() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "orders-unique")
            _ = try await broker.swkafka("console-producer", "--topic", "orders-unique", input: "x1\ny2\n")
            try await CompletionTests.withHome { home in
                try await CompletionTests.warm(home, broker)
                let script = """
                    import os, pty, sys, select, time
                    child, terminal = pty.fork()
                    if child == 0:
                        os.execv(sys.argv[1], sys.argv[1:])
                    seen = b""
                    def until(text):
                        global seen
                        end = time.time() + 60
                        while text not in seen:
                            if time.time() > end or not select.select([terminal], [], [], end - time.time())[0]:
                                print("no", repr(text), "in", repr(seen)); sys.exit(1)
                            seen += os.read(terminal, 4096)
                        seen = seen[seen.index(text) + len(text):]
                    def type(text): os.write(terminal, text)
                    until(b"swkafka[prod]> ")
                    type(b"use ord\\t\\n"); until(b"swkafka[prod] orders-unique> ")
                    type(b"console-con\\t--tail 5 | grep y\\n"); until(b"y2\\r\\n"); until(b"> ")
                    type(b"console-consumer --from-beginning\\n"); until(b"y2\\r\\n")
                    type(b"\\x03"); until(b"Processed a total of 2 messages"); until(b"> ")
                    type(b"half a line"); until(b"half a line"); type(b"\\x03"); until(b"> ")
                    type(b"!echo st$((20+1))\\n"); until(b"st21\\r\\n"); until(b"> ")
                    type(b"topisc\\n"); until(b"Did you mean 'topics'?"); until(b"> ")
                    type(b"\\x04")
                    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                    """
                let set = try await Swkafka.run(
                    ["profile", "set", "prod", "bootstrap.servers=\(broker.address)"],
                    environment: ["XDG_CONFIG_HOME": home + "/config"]
                )
                #expect(set.status == 0, "\(set)")
                let result = try await run(
                    "/usr/bin/env",
                    ["python3", "-c", script, Swkafka.path, "shell"],
                    environment: CompletionTests.environment(home, broker).merging(["XDG_STATE_HOME": home + "/state"])
                    { $1 }
                )
                #expect(result.text == "0\n", "\(result)")
                let history = try String(contentsOfFile: home + "/state/swkafka/history", encoding: .utf8)
                #expect(history.contains("use orders-unique"), "\(history)")
            }
        }
    }

    /// The password that a profile says to ask for is asked on the terminal, and not shown; Ctrl-C gives the terminal back.
    @Test(arguments: [("geheim\\n", false), ("\\x03", true)])
    func passwords(typed: String, isGivenUp: Bool) async throws {
        try await CompletionTests.withHome { home in
            let environment = ["XDG_CONFIG_HOME": home + "/config", "HOME": home]
            let set = try await Swkafka.run(
                [
                    "profile", "set", "prod", "bootstrap.servers=127.0.0.1:1", "sasl.username=alice",
                    "password.prompt=true",
                ],
                environment: environment
            )
            #expect(set.status == 0, "\(set)")
            let script = """
                import os, pty, sys, termios
                child, terminal = pty.fork()
                if child == 0:
                    os.execv(sys.argv[1], sys.argv[1:])
                seen = b""
                def more():
                    global seen
                    try:
                        data = os.read(terminal, 1024)
                    except OSError:
                        return False
                    seen += data
                    return bool(data)
                while b"Password for alice: " not in seen: more()
                os.write(terminal, b"\(typed)")
                while more(): pass
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), b"geheim" in seen)
                """
            let result = try await run(
                "/usr/bin/env",
                ["python3", "-c", script, Swkafka.path, "topics", "--list"],
                environment: environment
            )
            #expect(result.text == (isGivenUp ? "130 False\n" : "1 False\n"), "\(result)")
        }
    }
}
