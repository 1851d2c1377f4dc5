import Foundation
import KafkaTestSupport
import Testing

/// `consumer-groups` and `groups` of the built executable against our own broker.
@Suite("Groups from the command line", .timeLimit(.minutes(2)))
struct GroupCommandTests {
    private func lag(_ broker: BrokerProcess, _ group: String) async throws -> [String] {
        let described = try await broker.swkafka("consumer-groups", "--describe", "--group", group)
        #expect(described.status == 0, "\(described)")
        return described.lines.dropFirst().map { line in
            line.split(separator: " ").dropFirst().prefix(5).joined(separator: " ")
        }
    }

    @Test func offsetsAreMovedAndDeleted() async throws {
        try await BrokerProcess.with { broker in
            #expect(try await broker.swkafka("consumer-groups", "--list").output.isEmpty)
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            _ = try await broker.swkafka("console-producer", "--topic", "t", input: "a\nb\nc\nd\n")
            let dry = try await broker.swkafka(
                "consumer-groups",
                "--reset-offsets",
                "--group",
                "g",
                "--topic",
                "t",
                "--to-offset",
                "1",
                "--dry-run"
            )
            #expect(dry.lines.last?.split(separator: " ") == ["g", "t", "0", "1"], "\(dry)")
            #expect(try await broker.swkafka("consumer-groups", "--list").output.isEmpty)

            let moved = try await broker.swkafka(
                "consumer-groups",
                "--reset-offsets",
                "--group",
                "g",
                "--topic",
                "t",
                "--to-offset",
                "1",
                "--execute"
            )
            #expect(moved.output == dry.output)
            #expect(try await lag(broker, "g") == ["t 0 1 4 3"])
            let json = try await broker.swkafka("consumer-groups", "--describe", "--group", "g", "--output", "json")
            #expect(json.text.contains("\"lag\": 3,\n        \"lagSeconds\": "))
            #expect(!json.text.contains("\"lagSeconds\": null"))

            let saved = try await broker.swkafka(
                "consumer-groups",
                "--reset-offsets",
                "--group",
                "g",
                "--all-topics",
                "--shift-by",
                "-9",
                "--export"
            )
            #expect(saved.text == "t,0,0\n\n")
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("swkafka-\(UUID().uuidString).csv")
            try saved.output.write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let loaded = try await broker.swkafka(
                "consumer-groups",
                "--reset-offsets",
                "--group",
                "g",
                "--from-file",
                file.path,
                "--execute"
            )
            #expect(loaded.status == 0, "\(loaded)")
            #expect(try await lag(broker, "g") == ["t 0 0 4 4"])

            let listed = try await broker.swkafka("consumer-groups", "--list", "--state", "--type")
            #expect(listed.lines.last?.split(separator: " ") == ["g", "Classic", "Empty"], "\(listed)")
            #expect(try await broker.swkafka("groups", "--list").lines.last?.hasPrefix("g ") == true)
            let deleted = try await broker.swkafka(
                "consumer-groups",
                "--delete-offsets",
                "--group",
                "g",
                "--topic",
                "t"
            )
            #expect(deleted.text.hasPrefix("Request succeed for deleting offsets with topic t group g\n"), "\(deleted)")
            let gone = try await broker.swkafka("consumer-groups", "--describe", "--group", "nope")
            #expect(gone.status == 1)
            #expect(gone.errors.contains("Error: Consumer group 'nope' does not exist."))
        }
    }

    /// `--watch` looks again and again: what changes shows in a later look, even that the group is gone for a while, and
    /// Ctrl-C ends it.
    @Test func aWatchShowsWhatChanges() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "1")
            _ = try await broker.swkafka("console-producer", "--topic", "t", input: "a\nb\nc\nd\n")
            @Sendable func move(to offset: Int) async throws {
                let words = [
                    "--reset-offsets", "--group", "g", "--topic", "t", "--to-offset", "\(offset)", "--execute",
                ]
                let moved = try await Swkafka.run(["consumer-groups", "--bootstrap-server", broker.address] + words)
                #expect(moved.status == 0, "\(moved)")
            }
            try await move(to: 1)
            let arguments = [
                "consumer-groups", "--bootstrap-server", broker.address, "--describe", "--group", "g", "--watch", "1",
                "--output", "json",
            ]
            try await ManagedProcess.with(Swkafka.path, arguments) { watch in
                _ = try await watch.line(containing: "\"lag\":3")
                try await move(to: 3)
                _ = try await watch.line(containing: "\"lag\":1")
                let deleted = try await broker.swkafka("consumer-groups", "--delete", "--group", "g")
                #expect(deleted.status == 0, "\(deleted)")
                let isTold = await watch.errors.wait {
                    String(decoding: $0, as: UTF8.self).contains("'g' does not exist")
                }
                #expect(isTold, "\(watch.errors.text)")
                try await move(to: 0)
                _ = try await watch.line(containing: "\"lag\":4")
                watch.send(signal: SIGINT)
                #expect(await watch.status() == 130)
                // Each look is one whole line.
                let looks = watch.output.text.split(separator: "\n")
                #expect(
                    looks.allSatisfy { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil },
                    "\(looks)"
                )
            }
        }
    }
}
