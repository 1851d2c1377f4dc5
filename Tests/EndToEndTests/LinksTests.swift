import Foundation
import KafkaTestSupport
import Testing

@Suite("Links under the names of Kafka's scripts", .timeLimit(.minutes(1)))
struct LinksTests {
    private func withDirectory(_ body: (URL) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory)
    }

    @Test func commandsWorkAsTheyAreTyped() async throws {
        try await withDirectory { directory in
            let made = try await Swkafka.run("links", directory.path)
            #expect(made.status == 0, "\(made)")
            #expect(made.lines.contains { $0.hasSuffix("/kafka-topics.sh") })
            let again = try await Swkafka.run("links", directory.path)
            #expect(again.status == 0)
            #expect(again.output.isEmpty)

            try await BrokerProcess.with { broker in
                func script(_ name: String, _ arguments: String..., input: String = "") async throws -> CommandResult {
                    try await KafkaTestSupport.run(
                        directory.appendingPathComponent(name).path,
                        arguments,
                        input: Data(input.utf8),
                        environment: ["KAFKA_OPTS": "-Dno.such=thing", "KAFKA_HEAP_OPTS": "-Xmx1G"]
                    )
                }
                let topic = ["--bootstrap-server", broker.address, "--topic", "my_topic"]
                let created = try await script("kafka-topics.sh", "--create", topic[0], topic[1], topic[2], topic[3])
                #expect(created.status == 0)
                #expect(created.lines.last == "Created topic my_topic.")
                let sent = try await script(
                    "kafka-console-producer.sh",
                    "--topic",
                    "my_topic",
                    "--broker-list",
                    broker.address,
                    input: "hello\n"
                )
                #expect(sent.status == 0, "\(sent)")
                let read = try await script(
                    "kafka-console-consumer",
                    "--from-beginning",
                    "--max-messages=1",
                    topic[0],
                    topic[1],
                    topic[2],
                    topic[3]
                )
                #expect(read.text == "hello\n")
            }
            let wrong = try await KafkaTestSupport.run(directory.appendingPathComponent("kafka-topics").path, [])
            #expect(wrong.status == 1)
            #expect(wrong.output.isEmpty)
        }
    }

    @Test func othersFilesStayUnlessForced() async throws {
        try await withDirectory { directory in
            let file = directory.appendingPathComponent("kafka-topics.sh")
            try Data("mine".utf8).write(to: file)
            let refused = try await Swkafka.run("links", directory.path)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("kafka-topics.sh exists"))
            #expect(try Data(contentsOf: file) == Data("mine".utf8))
            let forced = try await Swkafka.run("links", "--force", directory.path)
            #expect(forced.status == 0)
            #expect(forced.lines.count == 1)
            #expect(FileManager.default.isExecutableFile(atPath: file.path))

            let nowhere = try await Swkafka.run("links", directory.path + "/none")
            #expect(nowhere.status == 1)
            #expect(nowhere.errors.contains("no such file or directory"))
        }
    }
}
