import Foundation
import KafkaTestSupport
import Testing

/// Whatever one connection sends, the broker goes on serving the others.
@Suite("Bad input to the broker", .timeLimit(.minutes(2)))
struct BadInputTests {
    /// ApiVersions v0, correlation id 7, client id "swkafka".
    static let apiVersions: [UInt8] = [0, 18, 0, 0, 0, 0, 0, 7, 0, 7] + Array("swkafka".utf8)

    static func header(key: Int16, version: Int16) -> [UInt8] {
        [key, version].flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
            + [0, 0, 0, 7, 0, 7] + Array("swkafka".utf8)
    }

    /// The broker answers a client of ours, and a raw one.
    static func expectServing(_ broker: BrokerProcess) async throws {
        let connection = try RawConnection(port: broker.port)
        try connection.sendFrame(apiVersions)
        let answer = try connection.receiveFrame()
        #expect(answer.prefix(6) == [0, 0, 0, 7, 0, 0])
        let listed = try await broker.swkafka("topics", "--list")
        #expect(listed.status == 0, "\(listed)")
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
        [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03],
        [0xff, 0xff, 0xff, 0xff, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 3, 0, 18, 0],
        [0x7f, 0xff, 0xff, 0xff, 0, 18],
    ])
    func bytesThatAreNotKafka(bytes: [UInt8]) async throws {
        try await BrokerProcess.with { broker in
            let connection = try RawConnection(port: broker.port)
            try connection.send(bytes)
            #expect(try connection.isClosedByPeer())
            try await Self.expectServing(broker)
            #expect(broker.process.isRunning)
        }
    }

    @Test func halfOfARequest() async throws {
        try await BrokerProcess.with { broker in
            for cut in [1, 4, 5, 12, 18] {
                let connection = try RawConnection(port: broker.port)
                let frame = [0, 0, 0, UInt8(Self.apiVersions.count)] + Self.apiVersions
                try connection.send(Array(frame[..<cut]))
                try await Self.expectServing(broker)
            }
            try await Self.expectServing(broker)
        }
    }

    @Test func aRequestInSingleBytes() async throws {
        try await BrokerProcess.with { broker in
            let connection = try RawConnection(port: broker.port)
            for byte in [0, 0, 0, UInt8(Self.apiVersions.count)] + Self.apiVersions { try connection.send([byte]) }
            #expect(try connection.receiveFrame().prefix(6) == [0, 0, 0, 7, 0, 0])
        }
    }

    /// A prefix of 2 GiB less one: refused before a byte of it is believed, so memory does not grow.
    @Test func aLengthOfTwoGibibytes() async throws {
        try await BrokerProcess.with { broker in
            for _ in 0..<20 {
                let connection = try RawConnection(port: broker.port)
                try connection.send([0x7f, 0xff, 0xff, 0xff] + Self.apiVersions)
                #expect(try connection.isClosedByPeer())
            }
            try await Self.expectServing(broker)
            #expect(try residentKilobytes(broker.process.processIdentifier) < 100_000)
        }
    }

    @Test func versionsThatAreNotOffered() async throws {
        try await BrokerProcess.with { broker in
            let negotiation = try RawConnection(port: broker.port)
            try negotiation.sendFrame(Self.header(key: 18, version: 99))
            let refusal = try negotiation.receiveFrame()
            #expect(refusal.prefix(6) == [0, 0, 0, 7, 0, 35], "UNSUPPORTED_VERSION in a v0 body")
            try negotiation.sendFrame(Self.apiVersions)
            #expect(try negotiation.receiveFrame().prefix(6) == [0, 0, 0, 7, 0, 0], "the connection stays open")

            for (key, version) in [(Int16(3), Int16(99)), (1, 2), (999, 0), (-1, 0), (3, -1)] {
                let connection = try RawConnection(port: broker.port)
                try connection.sendFrame(Self.header(key: key, version: version))
                #expect(try connection.isClosedByPeer(), "key \(key) version \(version)")
            }
            try await Self.expectServing(broker)
        }
    }

    @Test func aThousandIdleConnections() async throws {
        try await BrokerProcess.with { broker in
            let idle = try (0..<1_000).map { _ in try RawConnection(port: broker.port) }
            try await Self.expectServing(broker)
            for connection in idle {
                try connection.sendFrame(Self.apiVersions)
                #expect(try connection.receiveFrame().prefix(6) == [0, 0, 0, 7, 0, 0])
            }
            try await Self.expectServing(broker)
            #expect(idle.count == 1_000)
        }
    }

    /// A client that asks for everything and reads nothing holds neither the broker's memory nor the others up.
    @Test func aSlowReader() async throws {
        try await BrokerProcess.with { broker in
            let input = String(repeating: String(repeating: "x", count: 1_023) + "\n", count: 16_384)
            let created = try await broker.swkafka("topics", "--create", "--topic", "big", "--partitions", "1")
            #expect(created.status == 0, "\(created)")
            let produced = try await broker.swkafka("console-producer", "--topic", "big", input: input)
            #expect(produced.status == 0, "\(produced.errors)")

            let slow = try RawConnection(port: broker.port)
            for _ in 0..<8 { try slow.sendFrame(Self.fetchEverything("big")) }
            try await Self.expectServing(broker)
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "big",
                "--from-beginning",
                "--max-messages",
                "16384"
            )
            #expect(consumed.text == input)
            #expect(try residentKilobytes(broker.process.processIdentifier) < 250_000)
            #expect(try slow.receive(exactly: 8).count == 8, "it is still served when it reads")
        }
    }

    /// Fetch v4 of partition 0 from offset 0, up to 16 MiB.
    static func fetchEverything(_ topic: String) -> [UInt8] {
        header(key: 1, version: 4)
            + [0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1]
            + [0, UInt8(topic.utf8.count)] + Array(topic.utf8)
            + [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
    }

    @Test func aRecordAboveTheLimit() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "small", "--config", "max.message.bytes=1000")
            let produced = try await broker.swkafka(
                "console-producer",
                "--topic",
                "small",
                "--batch-size",
                "1",
                input: "before\n\(String(repeating: "x", count: 5_000))\nafter\n"
            )
            #expect(produced.status == 1)
            #expect(produced.errors.contains("1 of 3") || produced.errors.contains("1 record"), "\(produced.errors)")
            let consumed = try await broker.swkafka(
                "console-consumer",
                "--topic",
                "small",
                "--from-beginning",
                "--max-messages",
                "2"
            )
            #expect(consumed.text == "before\nafter\n")
        }
    }

    @Test func anUnknownTopic() async throws {
        try await BrokerProcess.with(["--ephemeral", "--auto-create-topics", "false"]) { broker in
            let described = try await broker.swkafka("topics", "--describe", "--topic", "nobody")
            #expect(described.status == 1)
            #expect(described.errors.contains("nobody"))
            let produced = try await broker.swkafka(
                "console-producer",
                "--topic",
                "nobody",
                "--max-block-ms",
                "300",
                input: "lost?\n"
            )
            #expect(produced.status == 1)
            #expect(produced.errors.contains("nobody"), "\(produced)")
            try await Self.expectServing(broker)
        }
    }

    @Test(arguments: ["retention.ms=soon", "cleanup.policy=burn", "no.such.config=1", "min.insync.replicas=0"])
    func configValuesThatAreWrong(config: String) async throws {
        try await BrokerProcess.with { broker in
            let created = try await broker.swkafka("topics", "--create", "--topic", "t", "--config", config)
            #expect(created.status == 1, "\(created)")
            #expect(created.errors.contains(config.prefix { $0 != "=" }), "\(created)")
            _ = try await broker.swkafka("topics", "--create", "--topic", "t")
            let altered = try await broker.swkafka(
                "configs",
                "--alter",
                "--entity-type",
                "topics",
                "--entity-name",
                "t",
                "--add-config",
                config
            )
            #expect(altered.status == 1, "\(altered)")
            try await Self.expectServing(broker)
        }
    }

    static func residentKilobytes(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.split(whereSeparator: \.isWhitespace)[1]) ?? .max
    }

    func residentKilobytes(_ process: Int32) throws -> Int { try Self.residentKilobytes(process) }
}
