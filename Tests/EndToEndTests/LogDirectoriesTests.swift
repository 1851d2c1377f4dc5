import Foundation
import KafkaTestSupport
import Testing

/// A broker with its data on several disks, one of which goes away.
@Suite("Several data directories", .timeLimit(.minutes(5)))
struct LogDirectoriesTests {
    private func arguments(_ directory: String) -> [String] {
        [
            "--data-dir", "\(directory)/one,\(directory)/two",
            // Soon after something was written the broker looks at its directories.
            "--override", "replica.high.watermark.checkpoint.interval.ms=50",
        ]
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func leaders(_ broker: BrokerProcess) async throws -> [String] {
        let described = try await broker.swkafka("topics", "--describe", "--topic", "t")
        return described.text.split(separator: "\n").compactMap { line in
            line.split(separator: "\t").first { $0.hasPrefix("Leader: ") }.map { String($0.dropFirst(8)) }
        }
    }

    /// False when the record was to go where no leader is: it waits for one, but not for long here.
    private func write(_ value: String, _ broker: BrokerProcess) async throws -> Bool {
        let limits = ["--producer-property", "delivery.timeout.ms=1500", "--request-timeout-ms", "500"]
        let arguments = ["console-producer", "--topic", "t", "--timeout", "5"] + limits
        let target = ["--bootstrap-server", broker.address]
        return try await Swkafka.run(arguments + target, input: value + "\n").status == 0
    }

    @Test func oneGoesAndComesBack() async throws {
        try await withTemporaryDirectory { directory in
            try await BrokerProcess.with(arguments(directory)) { broker in
                _ = try await broker.swkafka("topics", "--create", "--topic", "t", "--partitions", "2")
                #expect(exists(directory + "/one/t-0") && exists(directory + "/two/t-1"))
                #expect(try await leaders(broker) == ["1", "1"])
                try FileManager.default.moveItem(atPath: directory + "/two", toPath: directory + "/gone")
                while try await leaders(broker) != ["1", "none"] { _ = try await write("before", broker) }
                while try await !write("after", broker) {}
                let consumed = try await broker.swkafka(
                    "console-consumer",
                    "--topic",
                    "t",
                    "--partition",
                    "0",
                    "--offset",
                    "earliest",
                    "--timeout-ms",
                    "1500"
                )
                #expect(consumed.text.hasSuffix("after\n"), "\(consumed)")
                #expect(broker.process.errors.text.contains("Log directory is offline"))
                broker.process.send(signal: SIGTERM)
                #expect(await broker.process.status() == 0, "\(broker.process.errors.text)")
            }
            #expect(!exists(directory + "/two"))
            try FileManager.default.moveItem(atPath: directory + "/gone", toPath: directory + "/two")
            try await BrokerProcess.with(arguments(directory)) { broker in
                let back = try await leaders(broker)
                #expect(back == ["1", "1"])
                broker.process.send(signal: SIGTERM)
                #expect(await broker.process.status() == 0)
            }
            for name in ["one", "two"] {
                let verified = try await Swkafka.run("log", "verify", "\(directory)/\(name)")
                #expect(verified.status == 0, "\(verified)")
            }
            // Somebody copied a partition instead of moving it.
            try FileManager.default.copyItem(atPath: directory + "/one/t-0", toPath: directory + "/two/t-0")
            let refused = try await Swkafka.run(["broker", "--listen", "127.0.0.1:0"] + arguments(directory))
            #expect(refused.status == 1)
            #expect(refused.errors.contains("/two/t-0: the partition is in \(directory)/one, too"), "\(refused)")
        }
    }
}
