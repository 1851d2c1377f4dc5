import Foundation
import Testing

@testable import SwkafkaCommands

@Suite("--zookeeper", .timeLimit(.minutes(2)))
struct ZooKeeperTests {
    @Test func addresses() throws {
        let host = { (name: String, port: UInt16) in ZooKeeperAddress.Host(name: name, port: port) }
        #expect(try ZooKeeperAddress("h:2182").hosts == [host("h", 2182)])
        #expect(try ZooKeeperAddress("h").hosts == [host("h", 2181)])
        #expect(try ZooKeeperAddress("h:1/kafka/").chroot == "/kafka")
        let several = try ZooKeeperAddress("a:1, b:2,[::1]:3/a/b")
        #expect(several.hosts == [host("a", 1), host("b", 2), host("::1", 3)] && several.chroot == "/a/b")
        for text in ["", "h:", "h:x", "h:0", ":1", "a:1,,b:2", "::1:2181", "[::1:2181", "/kafka"] {
            #expect(throws: CommandFailure.self, "\(text)") { try ZooKeeperAddress(text) }
        }
    }

    @Test func registrations() {
        let read = { (text: String) in
            BrokerRegistration(Array(text.utf8))?.endpoints.map { "\($0.securityProtocol) \($0.address)" }
        }
        #expect(read(#"{"version":1,"host":"a","port":9092,"jmx_port":-1}"#) == ["PLAINTEXT a:9092"])
        #expect(
            read(#"{"endpoints":["PLAINTEXT://a:1","SSL://[::1]:2"],"host":"a","port":1,"version":3}"#)
                == ["PLAINTEXT a:1", "SSL [::1]:2"]
        )
        #expect(
            read(
                #"{"listener_security_protocol_map":{"OUT":"SASL_SSL"},"endpoints":["OUT://a:1"],"host":null,"port":-1}"#
            ) == ["SASL_SSL a:1"]
        )
        #expect(read("{}") == [] && read("no") == nil && read(#"{"host":"a","port":0}"#) == [])
    }

    /// Answers that are cut anywhere, and lengths that lie, are no more than a failure.
    @Test func hostileAnswers() {
        for answer in [RecordedZooKeeper.session, RecordedZooKeeper.children, RecordedZooKeeper.nothing] {
            for length in 4...answer.count {
                let frame = Array(answer[4..<length])
                #expect(
                    ZooKeeperMessages.isSession(frame)
                        == (answer == RecordedZooKeeper.session && length >= answer.count - 1)
                )
                var body = ZooKeeperMessages.answer(frame)?.body
                _ = body?.strings()
            }
        }
        var reader = JuteReader([0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1])
        #expect(reader.strings() == nil)
        reader = JuteReader([0x7F, 0xFF, 0xFF, 0xFF, 1])
        #expect(reader.buffer() == nil)
        reader = JuteReader([0xFF, 0xFF, 0xFF, 0xFF])
        #expect(reader.buffer() == [])
    }

    private func run(_ words: [String], input: String = "") async throws -> Transcript {
        let (output, errors) = (MemorySink(), MemorySink())
        var context = testContext(output: output, errors: errors)
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        context.input = open(file.path, O_RDONLY | O_CLOEXEC)
        defer { close(context.input) }
        let status = await SwkafkaCommands.run(words, in: context)
        return Transcript(status: status.rawValue, output: output.text, errors: errors.text)
    }

    /// The article's own commands, typed under the names of Kafka's scripts.
    @Test(arguments: ["", "/kafka"])
    func commandsOfTheArticle(chroot: String) async throws {
        try await CommandBench.with { bench in
            let registration = #"""
                {"listener_security_protocol_map":{"PLAINTEXT":"PLAINTEXT"},"endpoints":["PLAINTEXT://\#(bench.address)"],
                "jmx_port":-1,"features":{},"host":"localhost","timestamp":"1700000000000","port":9092,"version":5}
                """#
            let server = try ScriptedServer(RecordedZooKeeper.script(registration: registration, chroot: chroot))
            let created = try await bench.run("topics", "--create", "--topic", "my_topic")
            #expect(created.status == 0, "\(created)")
            try await server.serve {
                let zookeeper = "127.0.0.1:\(server.port)\(chroot)"
                let sent = try await run(
                    ["kafka-console-producer.sh", "--topic", "my_topic", "--broker-list", bench.address],
                    input: "hello\nworld\n"
                )
                #expect(sent.status == 0, "\(sent)")
                let read = try await run([
                    "kafka-console-consumer.sh", "--topic", "my_topic", "--zookeeper", zookeeper, "--from-beginning",
                    "--max-messages", "2",
                ])
                #expect(read.status == 0 && read.output == "hello\nworld\n", "\(read)")
                #expect(read.errors.contains("the brokers registered there are \(bench.address)"), "\(read)")
                let described = try await run([
                    "kafka-topics.sh", "--describe", "my_topic", "--zookeeper", zookeeper,
                ])
                #expect(described.status == 0 && described.output.hasPrefix("Topic: my_topic\t"), "\(described)")
                let wrongChroot = try await run(["kafka-topics.sh", "--list", "--zookeeper", zookeeper + "/other"])
                #expect(wrongChroot.status == 1 && wrongChroot.errors.contains("/other/brokers/ids"), "\(wrongChroot)")
            }
        }
    }

    @Test func aBrokerInItsPlace() async throws {
        try await CommandBench.with { bench in
            let result = try await run(["kafka-topics.sh", "--list", "--zookeeper", bench.address])
            #expect(result.status == 0, "\(result)")
            #expect(result.errors.contains("there is a Kafka broker at \(bench.address)"), "\(result)")
        }
    }

    @Test func otherListeners() async throws {
        let server = try ScriptedServer(
            RecordedZooKeeper.script(registration: #"{"endpoints":["SSL://a:1"],"host":null,"port":-1,"version":4}"#)
        )
        try await server.serve {
            let result = try await run(["kafka-topics.sh", "--list", "--zookeeper", "127.0.0.1:\(server.port)"])
            #expect(result.status == 1 && result.errors.contains("no PLAINTEXT listener"), "\(result)")
        }
    }

    @Test func somethingElse() async throws {
        let server = try ScriptedServer { _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }
        try await server.serve {
            let result = try await run(["kafka-topics.sh", "--list", "--zookeeper", "127.0.0.1:\(server.port)"])
            #expect(
                result.status == 1 && result.errors.contains("neither ZooKeeper's protocol nor Kafka's"),
                "\(result)"
            )
        }
        let nobody = try await run(["kafka-topics.sh", "--list", "--zookeeper", "127.0.0.1:1"])
        #expect(nobody.status == 1 && nobody.errors.contains("127.0.0.1:1"), "\(nobody)")
    }
}
