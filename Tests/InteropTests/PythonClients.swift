import Foundation
import KafkaTestSupport
import Testing

/// The clients in `Clients/`, run by the interpreter that `Scripts/install-interop-clients` set up.
enum PythonClients {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let environment = root.appendingPathComponent(".interop-venv")
    static let interpreter = environment.appendingPathComponent("bin/python").path

    static func script(_ name: String) -> String {
        root.appendingPathComponent("Tests/InteropTests/Clients/\(name).py").path
    }

    /// Runs a client; `library` is a folder of the environment that holds one of several releases.
    static func run(_ name: String, _ arguments: [String], library: String? = nil) async throws -> CommandResult {
        var variables = ["PYTHONDONTWRITEBYTECODE": "1", "SWKAFKA": Swkafka.path]
        if let library { variables["PYTHONPATH"] = environment.appendingPathComponent(library).path }
        return try await KafkaTestSupport.run(
            interpreter,
            [script(name)] + arguments,
            environment: variables
        )
    }
}

@Suite("Clients that others wrote, against our broker", .timeLimit(.minutes(3)))
struct ForeignClientTests {
    static let everyCodec = ["none", "gzip", "snappy", "lz4", "zstd"].map { "\($0): 506 records" }

    @Test func confluentKafka() async throws {
        try await BrokerProcess.with { broker in
            let result = try await PythonClients.run("confluent_client", [broker.address])
            #expect(result.status == 0, "\(result)")
            #expect(result.lines.prefix(5) == Self.everyCodec[...])
            #expect(result.lines.last?.hasPrefix("admin: ") == true)
        }
    }

    @Test(arguments: ["kafka-python-current", "kafka-python-2.0.2"])
    func kafkaPython(release: String) async throws {
        try await BrokerProcess.with { broker in
            let result = try await PythonClients.run("kafka_python_client", [broker.address], library: release)
            #expect(result.status == 0, "\(result)")
            #expect(result.lines.prefix(5) == Self.everyCodec[...])
            #expect(result.lines.last?.hasPrefix("admin: ") == true)
        }
    }

    @Test func aiokafka() async throws {
        try await BrokerProcess.with { broker in
            let result = try await PythonClients.run("aiokafka_client", [broker.address])
            #expect(result.status == 0, "\(result)")
            #expect(result.lines.prefix(5) == Self.everyCodec[...])
            #expect(result.lines.last?.hasPrefix("admin: ") == true)
        }
    }
}
