import KafkaMessages
import KafkaTestSupport
import KafkaWire
import Synchronization
import Testing

@testable import KafkaBroker

/// Compaction as clients of a broker see it.
@Suite struct LogCleanerTests {
    private let start: Int64 = 1_800_000_000_000
    private let small = ["segment.bytes": "1048576", "min.cleanable.dirty.ratio": "0.01"]

    /// Writes values of a quarter of a megabyte each, all with the same key.
    private func fill(_ client: TestClient, _ topic: String, _ count: Int) async throws {
        for index in 0..<count {
            let value = String(repeating: "\(index % 10)", count: 250_000)
            let answer = try await client.produce(topic, try batch([value], timestampMs: start))
            #expect(answer.errorCode == .none)
        }
    }

    /// The first record from offset 4 on, where the second segment begins, once the cleaner came to it or `rounds` of its intervals have passed.
    private func firstOffset(
        _ client: TestClient,
        _ topic: String,
        _ clock: ManualClock,
        rounds: Int,
        until isDone: (Int64) -> Bool
    ) async throws -> Int64 {
        var first: Int64 = 0
        for _ in 0..<rounds where !isDone(first) {
            clock.advance(byMs: 15_000)
            let data = try await client.fetch(topic, from: 4, maxBytes: 1)
            first = try values(data).first?.offset ?? -1
        }
        return first
    }

    @Test func compactedTopicsAreCompacted() async throws {
        let clock = ManualClock(nowMs: start)
        let small = small
        try await withBroker(environment: BrokerEnvironment(clock: clock)) { client async throws -> Void in
            try await client.create("c", configs: small.merging(["cleanup.policy": "compact"]) { $1 })
            try await client.create("d", configs: small)
            try await fill(client, "c", 12)
            try await fill(client, "d", 12)
            let first = try await firstOffset(client, "c", clock, rounds: 2000) { $0 == 7 }
            // Segments hold four records; the second one, the last that is closed, keeps the newest of the key.
            #expect(first == 7)
            #expect(try values(try await client.fetch("c", from: 0)).isEmpty)
            #expect(try values(try await client.fetch("d", from: 0, maxBytes: 1)).first?.offset == 0)
        }
    }

    @Test func canBeSwitchedOff() async throws {
        let clock = ManualClock(nowMs: start)
        let small = small
        try await withBroker(
            ["log.cleaner.enable": "false"],
            environment: BrokerEnvironment(clock: clock)
        ) { client async throws -> Void in
            try await client.create("c", configs: small.merging(["cleanup.policy": "compact"]) { $1 })
            try await fill(client, "c", 12)
            #expect(try await firstOffset(client, "c", clock, rounds: 50) { $0 == 7 } == 4)
        }
    }
}
