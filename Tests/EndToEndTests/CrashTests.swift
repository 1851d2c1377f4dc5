import Foundation
import Glibc
import KafkaClient
import KafkaTestSupport
import Testing

/// Kills the broker again and again while it is written to. `SWKAFKA_KILLS` says how often, `SWKAFKA_SEED` repeats what
/// a failed run drew.
@Suite("Crashes") struct CrashTests {
    private static let kills = number("SWKAFKA_KILLS") ?? 200
    private static let seed = number("SWKAFKA_SEED").map { UInt64($0) } ?? UInt64.random(in: 0..<1 << 32)
    private static let topic = "crash"
    private static let partitions: Int32 = 4
    /// How long the slowest machine may take for one step, be it a start or a few hundred acknowledgements.
    private static let patience = Duration.seconds(90)

    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    @Test func nothingAcknowledgedIsLost() async throws {
        let label = "SWKAFKA_SEED=\(Self.seed) SWKAFKA_KILLS=\(Self.kills)"
        print("crash test: \(label)")
        do {
            try await withTemporaryDirectory { directory in
                let port = try PortReservation()
                defer { withExtendedLifetime(port) {} }
                try await Self.run(port: port.port, directory: directory)
            }
        } catch {
            Issue.record("\(label): \(error)")
        }
    }

    private static func run(port: Int, directory: String) async throws {
        let started = ContinuousClock.now
        let arguments = ["broker", "--listen", "127.0.0.1:\(port)", "--data-dir", directory]
        var configuration = ClientConfiguration(bootstrapServers: [ServerAddress(host: "127.0.0.1", port: port)])
        configuration.connection.reconnectBackoff = .milliseconds(2)
        configuration.connection.reconnectBackoffMax = .milliseconds(20)
        configuration.retry.backoff = .milliseconds(2)
        configuration.retry.backoffMax = .milliseconds(20)
        let ledger = CrashLedger()
        try await KafkaCluster.withCluster(configuration) { cluster in
            try await withBroker(arguments, ledger) { _ in
                // Small segments, so that kills hit rolls too.
                let topic = NewTopic(topic, partitions: partitions, configs: ["segment.bytes": "262144"])
                _ = try await KafkaAdmin(cluster: cluster).createTopics([topic])[Self.topic]?.get()
            }
            let written = try await write(arguments, cluster, ledger)
            // What is read has gone through one more recovery.
            try await withBroker(arguments, ledger) { _ in
                try await check(cluster, written: written, acknowledged: ledger.offsets)
                let verified = try await Swkafka.run("log", "verify", directory)
                guard verified.status == 0 else { throw Failure(description: "log verify: \(verified)") }
            }
        }
        print("crash test: \(kills) kills, \(ledger.count) records in \(ContinuousClock.now - started)")
    }

    /// Writes and kills side by side. How many records each stream was given, all of them acknowledged.
    private static func write(
        _ arguments: [String],
        _ cluster: KafkaCluster,
        _ ledger: CrashLedger
    ) async throws -> [CrashStream: Int64] {
        let writers = try (0..<2).map { try CrashWriter($0, cluster: cluster, ledger: ledger) }
        let tasks = writers.enumerated().map { index, writer in
            Task { try await writer.run(topic: topic, partitions: partitions, seed: seed &+ UInt64(index) &+ 1) }
        }
        do {
            try await kill(arguments, ledger)
            // The rest is acknowledged by a broker that lives until then, and is killed as well.
            let written = try await withBroker(arguments, ledger) { _ in
                for writer in writers { writer.stop() }
                var written: [CrashStream: Int64] = [:]
                for task in tasks { written.merge(try await task.value) { first, _ in first } }
                for writer in writers { await writer.close(within: patience) }
                return written
            }
            guard ledger.failures.isEmpty else {
                throw Failure(description: "not delivered: \(ledger.failures.prefix(5))")
            }
            return written
        } catch {
            for task in tasks { task.cancel() }
            for writer in writers { await writer.close(within: .zero) }
            throw error
        }
    }

    /// Each broker but a few lives until a random number of records was acknowledged, and a random moment longer.
    private static func kill(_ arguments: [String], _ ledger: CrashLedger) async throws {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<kills {
            let isEarly = Int.random(in: 0..<8, using: &generator) == 0
            let progress = Int.random(in: 1...400, using: &generator)
            let moment = Duration.microseconds(Int.random(in: 0...(isEarly ? 30_000 : 3_000), using: &generator))
            if isEarly {
                // In the middle of its start and its recovery.
                try await ManagedProcess.with(Swkafka.path, arguments) { process in
                    try await Task.sleep(for: moment)
                    try await end(process, "round \(round), early")
                }
                continue
            }
            try await withBroker(arguments, ledger) { process in
                let goal = ledger.count + progress
                guard await ledger.reaches(goal) else {
                    throw Failure(
                        description: "round \(round): \(ledger.count) of \(goal) records were acknowledged. "
                            + "\(ledger.failures.prefix(5)) \(process.errors.text)"
                    )
                }
                try await Task.sleep(for: moment)
            }
        }
    }

    /// Runs `body` with a broker that is ready, and kills it then. Nothing takes longer than the patience there is.
    private static func withBroker<Result: Sendable>(
        _ arguments: [String],
        _ ledger: CrashLedger,
        _ body: @Sendable (ManagedProcess) async throws -> Result
    ) async throws -> Result {
        try await ManagedProcess.with(Swkafka.path, arguments) { process in
            let watch = Task {
                try await Task.sleep(for: patience * 2)
                ledger.abandon()
                process.send(signal: SIGKILL)
            }
            defer { watch.cancel() }
            _ = try await process.line(containing: "127.0.0.1:")
            let result = try await body(process)
            try await end(process, "at work")
            return result
        }
    }

    private static func end(_ process: ManagedProcess, _ when: String) async throws {
        process.send(signal: SIGKILL)
        let status = await process.status()
        guard status == 128 + SIGKILL else {
            throw Failure(description: "\(when): the broker ended by itself, status \(status). \(process.errors.text)")
        }
    }

    /// Every record is there once, whole, in the order of its stream, where its acknowledgement said.
    private static func check(
        _ cluster: KafkaCluster,
        written: [CrashStream: Int64],
        acknowledged: [CrashStream: [Int64]]
    ) async throws {
        let consumer = KafkaConsumer(cluster: cluster)
        var next: [CrashStream: Int] = [:]
        var ends: [Int32: Int64] = [:]
        do {
            try await consumer.assign(topics: [topic], from: .beginning)
            var left = written.values.reduce(0, +)
            while left > 0 || !consumer.hasReachedEnd {
                guard let batch = try await consumer.nextBatch(timeout: left > 0 ? patience : .seconds(1)) else {
                    if left == 0 { continue }
                    throw Failure(description: "\(left) records are missing; ends \(ends), read \(next)")
                }
                var records = try batch.records()
                while let record = try records.next() {
                    let place = "partition \(record.partition.partition), offset \(record.offset)"
                    guard record.offset == ends[record.partition.partition, default: 0] else {
                        throw Failure(description: "\(place): a gap before it; ends \(ends)")
                    }
                    guard let found = CrashRecord(record.value),
                        found.stream.partition == record.partition.partition
                    else { throw Failure(description: "\(place): not what was written") }
                    let number = next[found.stream, default: 0]
                    let offset = acknowledged[found.stream].flatMap { $0.indices.contains(number) ? $0[number] : nil }
                    guard found.number == number, record.offset == offset else {
                        throw Failure(
                            description: "\(place): \(found.stream) has number \(found.number) where \(number) is due, "
                                + "acknowledged at \(offset.map(String.init) ?? "none")"
                        )
                    }
                    next[found.stream] = number + 1
                    ends[record.partition.partition] = record.offset + 1
                    left -= 1
                }
            }
            await consumer.close()
        } catch {
            await consumer.close()
            throw error
        }
        #expect(next.mapValues { Int64($0) } == written, "SWKAFKA_SEED=\(seed)")
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }
}
