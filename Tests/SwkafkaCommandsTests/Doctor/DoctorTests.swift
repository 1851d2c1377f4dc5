import Foundation
import KafkaMessages
import KafkaTestSupport
import KafkaTransport
import Testing

@testable import SwkafkaCommands

/// Each fault that `doctor` is there to find, made on purpose.
@Suite(.timeLimit(.minutes(2))) struct DoctorTests {
    private func examine(_ servers: String, _ words: String...) async -> Transcript {
        // Nothing may happen to listen on the ports that are looked at by default.
        await transcript(["doctor", "--bootstrap-server", servers, "--nearby-ports", "1"] + words)
    }

    @Test func noFault() async throws {
        try await CommandBench.with { bench in
            _ = try await bench.run("console-producer", "--topic", "t", input: "a\n")
            let result = await examine(bench.address)
            #expect(result.status == 0, "\(result)")
            #expect(result.output.hasPrefix("Bootstrap server \(bench.address)\n  ok    name lookup         127.0.0.1"))
            #expect(result.output.contains("ok    fetch               t-0 at offset 1"))
            #expect(result.output.hasSuffix("\nNo fault found: clients can work from here.\n"))
            let json = await examine(bench.address, "--output", "json")
            #expect(json.output.contains("\"healthy\": true"))
            #expect(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) is [String: Any])
        }
    }

    @Test func wrongPort() async throws {
        try await CommandBench.with { bench in
            let port = bench.address.split(separator: ":").last.map(String.init) ?? ""
            let result = await transcript("doctor", "--bootstrap-server", "127.0.0.1:1", "--nearby-ports", port)
            #expect(result.status == 1)
            #expect(result.output.contains("a Kafka broker answers on port \(port) of the same host"))
            #expect(result.output.contains("To do: --bootstrap-server 127.0.0.1:\(port)\n"))
        }
    }

    @Test func anotherKindOfServer() async throws {
        try await RawServer.with({ _ in Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) }) { server in
            let result = await examine("127.0.0.1:\(server.port)")
            #expect(result.status == 1)
            #expect(result.output.contains("is no Kafka broker: it answers in HTTP"), "\(result)")
        }
    }

    @Test func nameWithoutAddress() async {
        let result = await examine("no-such-host.invalid:9092")
        #expect(result.status == 1)
        #expect(result.output.contains("1. The name 'no-such-host.invalid' has no address on this machine."))
    }

    @Test func brokerDown() async {
        let result = await examine("127.0.0.1:1")
        #expect(result.status == 1)
        #expect(result.output.contains("1. Nothing listens at 127.0.0.1:1: the broker is not running"))
        #expect(result.output.contains("To do: Start the broker"))
    }

    @Test func oneOfTwoDown() async throws {
        try await CommandBench.with { bench in
            let result = await examine("\(bench.address),127.0.0.1:1")
            #expect(result.status == 0, "\(result)")
            #expect(result.output.contains("warn  TCP"))
            #expect(result.output.contains("Clients can work from here all the same."))
        }
    }

    @Test func advertisedAddressUnreachable() async throws {
        var script = Self.basics()
        script.answer(MetadataRequest.self, versions: 0...12) { _, _ in
            MetadataResponse(brokers: [.init(nodeId: 7, host: "127.0.0.1", port: 1)], controllerId: 7)
        }
        try await ScriptedCluster.with(script) { cluster in
            let result = await examine(cluster.address)
            #expect(result.status == 1)
            #expect(
                result.output.contains(
                    "Broker 7 tells its clients to connect to 127.0.0.1:1, and from here nothing listens there."
                ),
                "\(result)"
            )
            #expect(result.output.contains("To do: advertised.listeners="))
        }
    }

    /// A server of TLS hangs up on plain text, and greets back who greets in TLS.
    @Test(arguments: [[0x16, 0x03, 0x03, 0x00, 0x7a], [0x15, 0x03, 0x01, 0x00, 0x02]] as [[UInt8]])
    func needsTLS(hello: [UInt8]) async throws {
        try await RawServer.with({ $0.first == 0x16 ? hello : [] }) { server in
            let result = await examine("127.0.0.1:\(server.port)")
            #expect(result.status == 1)
            #expect(result.output.contains("The port at 127.0.0.1:\(server.port) wants TLS"), "\(result)")
        }
    }

    /// What clients need, without Metadata.
    private static func basics(fetch: ClosedRange<Int16> = 4...17) -> ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: [:])
        script.answer(ProduceRequest.self, versions: 3...11) { _, _ in ProduceResponse() }
        script.answer(FetchRequest.self, versions: fetch) { _, _ in FetchResponse() }
        script.answer(ListOffsetsRequest.self, versions: 1...10) { _, _ in ListOffsetsResponse() }
        return script
    }

    private struct HangUp: Error {}

    @Test func needsSASL() async throws {
        var script = Self.basics()
        script.answer(MetadataRequest.self, versions: 0...12) { _, _ in throw HangUp() }
        script.answer(SaslHandshakeRequest.self, versions: 0...1) { _, _ in
            SaslHandshakeResponse(errorCode: .unsupportedSaslMechanism, mechanisms: ["SCRAM-SHA-256", "SCRAM-SHA-512"])
        }
        try await ScriptedCluster.with(script) { cluster in
            let result = await examine(cluster.address)
            #expect(result.status == 1)
            #expect(result.output.contains("it offers SCRAM-SHA-256, SCRAM-SHA-512"), "\(result)")
            #expect(result.output.contains("wants clients to log in (SASL)"))
        }
    }

    @Test func versionsApart() async throws {
        try await ScriptedCluster.with(Self.basics(fetch: 90...91)) { cluster in
            let result = await examine(cluster.address)
            #expect(result.status == 1)
            #expect(result.output.contains("no version in common of Fetch: the client is too old"), "\(result)")
        }
    }

    @Test func noFaultInAScript() async throws {
        try await ScriptedCluster.with(Self.basics()) { cluster in
            let result = await examine(cluster.address)
            #expect(result.status == 0, "\(result)")
        }
    }

    @Test func settingsThatAreNotSpoken() async throws {
        try await CommandBench.with { bench in
            let result = try await bench.withFile("security.protocol=SASL_SSL\n") { path in
                await examine(bench.address, "--command-config", path)
            }
            #expect(result.status == 1)
            #expect(result.output.contains("ask for SASL_SSL, and this version speaks PLAINTEXT only"))
        }
    }

    @Test(arguments: [["--timeout", "0"], ["--nearby-ports", "x"], ["--nearby-ports", "0"]])
    func wrongWords(words: [String]) async {
        let result = await transcript(["doctor", "--bootstrap-server", "127.0.0.1:1"] + words)
        #expect(result.status == 2, "\(result)")
    }
}

/// What a cluster's description says, apart from connections.
@Suite struct ClusterHealthTests {
    private func partition(leader: Int32, _ replicas: [Int32], isr: [Int32])
        -> MetadataResponse.MetadataResponsePartition
    {
        var partition = MetadataResponse.MetadataResponsePartition()
        partition.leaderId = leader
        partition.replicaNodes = replicas
        partition.isrNodes = isr
        return partition
    }

    private func findings(
        controller: Int32 = 1,
        _ partitions: [MetadataResponse.MetadataResponsePartition]
    ) -> [Checkup] {
        var metadata = MetadataResponse()
        metadata.controllerId = controller
        metadata.brokers = [1, 2].map { .init(nodeId: $0, host: "h", port: 9092) }
        metadata.topics = [.init(name: "t", partitions: partitions)]
        return ClusterHealth.findings(metadata, subject: "cluster")
    }

    @Test func nothingToSay() {
        #expect(findings([partition(leader: 1, [1, 2], isr: [1, 2])]).isEmpty)
    }

    @Test func allThatCanBeWrong() {
        let found = findings(
            controller: -1,
            [partition(leader: -1, [3], isr: [3]), partition(leader: 1, [1, 3], isr: [1])]
        )
        #expect(found.map(\.step) == ["controller", "brokers", "leaders", "replicas"])
        #expect(found.map(\.verdict) == [.failure, .warning, .failure, .warning])
        #expect(found[1].diagnosis == "Broker 3 is down: it has replicas and does not take part.")
        #expect(found[2].diagnosis?.hasPrefix("1 partition, t-0 among them, can be neither written nor read") == true)
    }
}
