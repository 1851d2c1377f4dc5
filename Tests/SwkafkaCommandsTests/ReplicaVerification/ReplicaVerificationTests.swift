import Foundation
import Glibc
import KafkaBroker
import KafkaClient
import NIOCore
import Testing

@testable import SwkafkaCommands

/// `replica-verification` against a controller and two brokers in this process.
@Suite("Replica verification", .timeLimit(.minutes(2))) struct ReplicaVerificationTests {
    /// A topic on both brokers, with records that both have.
    private static func withTopic(_ body: @Sendable @escaping (ClusterBench) async throws -> Void) async throws {
        try await ClusterBench.with([1001, 1002]) { bench in
            let made = await bench.run(
                "topics",
                "--create",
                "--topic",
                "t",
                "--partitions",
                "2",
                "--replication-factor",
                "2"
            )
            try #require(made.status == 0, "\(made)")
            let servers = try ServerAddress.parseList(bench.addresses)
            try await KafkaCluster.withCluster(ClientConfiguration(bootstrapServers: servers)) { cluster in
                try await KafkaProducer.withProducer(cluster) { producer in
                    for number in 0..<20 {
                        let record = ProducerRecord(
                            topic: "t",
                            partition: Int32(number % 2),
                            value: .init(string: "record \(number)")
                        )
                        _ = try await producer.send(record)
                    }
                }
            }
            try await body(bench)
        }
    }

    private static var start: Regex<Substring> {
        #/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: verification process is started\n/#
    }

    @Test func equalCopies() async throws {
        try await Self.withTopic { bench in
            let result = await bench.run(
                "replica-verification",
                "--time",
                "-2",
                "--exit-at-end",
                "--topics-include",
                "t",
                "--report-interval-ms",
                "0"
            )
            #expect(result.status == 0, "\(result)")
            #expect(result.output.firstMatch(of: Self.start) != nil, "\(result)")
            #expect(
                result.output.contains(#/max lag is \d+ for partition t-\d at offset \d+ among 2 partitions\n/#),
                "\(result)"
            )
            #expect(result.errors == "The copies of 2 partitions are the same.\n", "\(result)")
            // All topics, internal ones too; by Kafka's old names of the options.
            let all = await transcript(
                "replica-verification",
                "--time",
                "-2",
                "--exit-at-end",
                "--broker-list",
                bench.addresses,
                "--topic-white-list",
                "t|_.*"
            )
            #expect(all.status == 0, "\(all)")
        }
    }

    /// One byte of one record on one broker's disk is another: the script of Kafka, which compares what batches say of
    /// themselves, would not see it.
    @Test func aDamagedCopyIsFound() async throws {
        try await Self.withTopic { bench in
            let directory = try #require(bench.brokers[1002]?.broker.dataDirectory)
            let path = "\(directory)/t-1/00000000000000000000.log"
            let file = open(path, O_RDWR | O_CLOEXEC)
            try #require(file >= 0, "\(path)")
            defer { close(file) }
            // The last byte of the file's first batch belongs to a value or to the count of headers.
            var length: UInt32 = 0
            try #require(pread(file, &length, 4, 8) == 4)
            var byte: UInt8 = 0
            let place = off_t(12 + UInt32(bigEndian: length) - 2)
            try #require(pread(file, &byte, 1, place) == 1)
            byte ^= 0x55
            try #require(pwrite(file, &byte, 1, place) == 1)
            let result = await bench.run(
                "replica-verification",
                "--time",
                "-2",
                "--exit-at-end",
                "--topics-include",
                "t"
            )
            #expect(result.status == 1, "\(result)")
            let line =
                #/: partition t-1 has unmatched checksum at offset (\d+); replica 1001's checksum \d+; replica 1002's checksum \d+\n/#
            #expect(result.output.contains(line), "\(result)")
            #expect(result.output.split(separator: "\n").count == 2, "\(result)")
            #expect(result.errors.contains("The copy of t-1 on broker 1002 is damaged"), "\(result)")
            #expect(result.errors.hasSuffix("The copies of 2 partitions differ at 1 offset.\n"), "\(result)")
        }
    }

    @Test func anInterruptionEndsIt() async throws {
        try await Self.withTopic { bench in
            for (interruption, status) in [(Interruption.signal(SIGINT), Int32(130)), (.outputClosed, 0)] {
                let interruptions = ManualInterruptions()
                let output = InterruptingSink(interruptions, interruption)
                let errors = MemorySink()
                var context = testContext(output: output, errors: errors)
                context.interruptions = interruptions
                let words = ["replica-verification", "--bootstrap-server", bench.addresses, "--max-wait-ms", "50"]
                #expect(await runCommand(words, in: context).rawValue == status)
                #expect(output.text.wholeMatch(of: Self.start) != nil, "\(output.text)")
                #expect(errors.text.isEmpty, "\(errors.text)")
            }
        }
    }

    @Test func mistakes() async throws {
        try await CommandBench.with { bench in
            let none = try await bench.run("replica-verification", "--topics-include", "nothing")
            #expect(none.status == 1 && none.errors.hasPrefix("No topics found."), "\(none)")
        }
        let dead = await transcript("replica-verification", "--broker-list", "127.0.0.1:1")
        #expect(dead.status == 1 && dead.errors.contains("127.0.0.1:1"), "\(dead)")
        let wrong = await transcript("replica-verification", "--broker-list", "127.0.0.1:1", "--fetchsize", "1")
        #expect(wrong.status == 2 && wrong.errors.contains("--fetch-size"), "\(wrong)")
        let time = await transcript("replica-verification", "--broker-list", "127.0.0.1:1", "--time", "-7")
        #expect(time.status == 2, "\(time)")
        let regex = await transcript("replica-verification", "--broker-list", "127.0.0.1:1", "--topics-include", "(")
        #expect(regex.status == 1 && regex.errors.contains("invalid regex"), "\(regex)")
    }
}
