import Foundation
import KafkaTestSupport
import Testing

/// librdkafka's mock cluster is a broker that others wrote: three nodes, leaders spread over them.
@Suite("Our client against librdkafka's mock cluster", .timeLimit(.minutes(2)))
struct MockClusterTests {
    static func with(_ body: @Sendable (String) async throws -> Void) async throws {
        try await ManagedProcess.with(
            PythonClients.interpreter,
            [PythonClients.script("mock_cluster"), "3"],
            environment: ["PYTHONDONTWRITEBYTECODE": "1"]
        ) { process in
            let addresses = try await process.line(containing: "127.0.0.1:")
            #expect(addresses.split(separator: ",").count == 3)
            try await body(addresses)
            process.closeInput()
            _ = await process.status()
        }
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func producesAndConsumes(codec: String) async throws {
        let lines = (0..<5_000).map { "\($0 % 40)\tvalue \($0)" }
        try await Self.with { addresses in
            let produced = try await Swkafka.run(
                "console-producer",
                "--bootstrap-server",
                addresses,
                "--topic",
                "mocked",
                "--compression-codec",
                codec,
                "--property",
                "parse.key=true",
                input: lines.map { $0 + "\n" }.joined()
            )
            #expect(produced.status == 0, "\(produced)")
            // By partition: the mock offers a flexible JoinGroup that it cannot read.
            let ends = try await Swkafka.run("get-offsets", "--bootstrap-server", addresses, "--topic", "mocked")
            #expect(ends.status == 0, "\(ends)")
            var read: [String] = []
            for end in ends.lines.map({ $0.split(separator: ":") }) where end.count == 3 && end[2] != "0" {
                let consumed = try await Swkafka.run(
                    "console-consumer",
                    "--bootstrap-server",
                    addresses,
                    "--topic",
                    "mocked",
                    "--partition",
                    String(end[1]),
                    "--offset",
                    "earliest",
                    "--max-messages",
                    String(end[2]),
                    "--property",
                    "print.key=true"
                )
                #expect(consumed.status == 0, "\(consumed.errors)")
                read += consumed.lines
            }
            #expect(read.sorted() == lines.sorted())
        }
    }

    @Test func describesTheCluster() async throws {
        try await Self.with { addresses in
            _ = try await Swkafka.run(
                "console-producer",
                "--bootstrap-server",
                addresses,
                "--topic",
                "seen",
                input: "a\n"
            )
            let listed = try await Swkafka.run("topics", "--bootstrap-server", addresses, "--list")
            #expect(listed.text == "seen\n", "\(listed)")
            let described = try await Swkafka.run(
                "topics",
                "--bootstrap-server",
                addresses,
                "--describe",
                "--topic",
                "seen"
            )
            #expect(described.status == 0, "\(described)")
            #expect(described.text.contains("Topic: seen\t"))
            let offsets = try await Swkafka.run("get-offsets", "--bootstrap-server", addresses, "--topic", "seen")
            #expect(offsets.lines.compactMap { Int($0.split(separator: ":")[2]) }.reduce(0, +) == 1, "\(offsets)")
            let versions = try await Swkafka.run("broker-api-versions", "--bootstrap-server", addresses)
            #expect(versions.lines.filter { $0.hasSuffix("-> (") }.count == 3, "\(versions)")
        }
    }
}
