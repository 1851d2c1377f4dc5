import Foundation
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// Recorded transcripts of the scripts that measure, check and prepare, against our own broker.
@Suite(.timeLimit(.minutes(5))) struct GoldenToolTests {
    /// Times, counts and rates that are others in each run.
    private static let withoutNumbers: @Sendable (String) -> String = { text in
        text.replacing(/-?[0-9]+(?:[.:-][0-9]+)*/, with: "N")
    }

    private static let silent = "without a word of what to do the exit status is that of a mistake"

    @Test func storage() async throws {
        let script = GoldenScript(
            name: "storage",
            differences: [
                "version-mapping": "the newest release is another",
                "version-mapping-unknown": "a release that nobody knows is a mistake",
                "format-help": "help is our own",
            ],
            masking: { text in
                // The newest release is another, and so is each directory's id.
                text.replacing(/4\.0-IV[0-9]/, with: "4.0").replacing(/[A-Za-z0-9_-]{22}/, with: "ID")
            },
            removing: { $0.id == "info-one-missing" ? ["d3", "d4", "d6"] : ["d4", "d6"] }
        )
        try await script.check(CommandBench(address: "127.0.0.1:1"), matching: 40, of: 44)
    }

    @Test func producerPerfTest() async throws {
        let script = GoldenScript(
            name: "producer-perf-test",
            differences: [
                "metrics": "the metrics of Java's client", "no-arguments": Self.silent,
                "no-throughput": "without --throughput it is not limited",
            ],
            changing: { item in
                // Five seconds between two lines are too long for a test.
                guard item.id == "throttled-window" else { return item.argv }
                return item.argv.map { $0 == "1300" ? "130" : $0 } + ["--reporting-interval", "200"]
            },
            masking: { text in
                Self.withoutNumbers(text).replacing(/(?:(N records sent[^\n]*max latency\.)\n)+/) { "\($0.1)\n" }
            },
            nowMs: { Int64(Date().timeIntervalSince1970 * 1000) }
        )
        try await CommandBench.with { bench in
            _ = try await bench.run("topics", "--create", "--topic", "perf")
            try await script.check(bench, matching: 9, of: 13)
        }
    }

    @Test func consumerPerfTest() async throws {
        let script = GoldenScript(
            name: "consumer-perf-test",
            differences: [
                "timeout": "records that are missing make the exit status 1, and the warning stands on standard error",
                "detailed": "all is read before an interval is over",
            ],
            masking: Self.withoutNumbers
        )
        let settings = ["group.initial.rebalance.delay.ms": "0"]
        try await CommandBench.with(settings) { bench in
            _ = try await bench.run("topics", "--create", "--topic", "perf")
            _ = try await bench.run(
                "producer-perf-test",
                "--topic",
                "perf",
                "--num-records",
                "2340",
                "--record-size",
                "50",
                "--throughput",
                "-1"
            )
            try await script.check(bench, matching: 7, of: 10)
        }
    }

    @Test func endToEndLatency() async throws {
        let script = GoldenScript(name: "e2e-latency", differences: [:], masking: Self.withoutNumbers)
        try await CommandBench.with { bench in try await script.check(bench, matching: 5, of: 5) }
    }

    @Test func verifiableTools() async throws {
        let producer = GoldenScript(
            name: "verifiable-producer",
            differences: ["no-arguments": Self.silent],
            masking: Self.withoutTimes
        )
        let consumer = GoldenScript(
            name: "verifiable-consumer",
            differences: ["no-arguments": Self.silent],
            masking: Self.withoutTimes
        )
        try await CommandBench.with(["group.initial.rebalance.delay.ms": "0"]) { bench in
            _ = try await bench.run("topics", "--create", "--topic", "vp")
            try await producer.check(bench, matching: 4, of: 6)
        }
        try await CommandBench.with(["group.initial.rebalance.delay.ms": "0"]) { bench in
            _ = try await bench.run("topics", "--create", "--topic", "vp")
            // In one batch, so that they arrive together.
            _ = try await bench.run("console-producer", "--topic", "vp", input: "0\n1\n2\n3\n4\n5\n6\n")
            try await consumer.check(bench, matching: 4, of: 6)
        }
    }

    private static let withoutTimes: @Sendable (String) -> String = { text in
        text.replacing(/"timestamp":[0-9]+/, with: "\"timestamp\":T")
            .replacing(/"avg_throughput":[0-9.E-]+/, with: "\"avg_throughput\":N")
    }

    @Test func brokerAPIVersions() async throws {
        let script = GoldenScript(
            name: "broker-api-versions",
            differences: ["ok": "this broker offers the APIs of another release"]
        )
        try await CommandBench.with { bench in try await script.check(bench, matching: 3, of: 5) }
    }

    @Test func clientMetrics() async throws {
        let script = GoldenScript(
            name: "client-metrics",
            differences: [:],
            masking: { $0.replacing(/for [A-Za-z0-9_-]{22}/, with: "for ID") }
        )
        try await CommandBench.with { bench in
            let made = try await bench.run(
                "configs",
                "--alter",
                "--client-metrics",
                "m1",
                "--add-config",
                "interval.ms=30000,match=[client_id=a.*],"
                    + "metrics=[org.apache.kafka.producer.,org.apache.kafka.consumer.]"
            )
            #expect(made.status == 0, "\(made)")
            try await script.check(bench, matching: 11, of: 12)
        }
    }

    /// On two brokers, of which one has led everything since the other was started anew.
    @Test func leaderElection() async throws {
        let script = GoldenScript(
            name: "leader-election",
            differences: [:],
            changing: { item in
                item.argv.map { $0.replacingOccurrences(of: "BROKER1001,BROKER1002", with: "BROKER") }
            },
            // Why not is told in our own words.
            masking: { $0.replacing(/(for partition: [a-z_]+-[0-9]+: )[^\n]*/) { "\($0.1)" } }
        )
        try await ClusterBench.with([1001, 1002]) { bench in
            let created = await bench.run(
                "topics",
                "--create",
                "--topic",
                "my_topic",
                "--replica-assignment",
                "1001:1002,1001:1002"
            )
            #expect(created.status == 0, "\(created)")
            // From now on 1002 ought to lead the other partition, and does not.
            let plan = #"{"version":1,"partitions":[{"topic":"my_topic","partition":1,"replicas":[1002,1001]}]}"#
            let moved = try await CommandBench(address: bench.addresses).withFile(plan) { path in
                await bench.run("reassign-partitions", "--execute", "--reassignment-json-file", path)
            }
            #expect(moved.status == 0, "\(moved)")
            try await script.check(CommandBench(address: bench.addresses), matching: 14, of: 15)
        }
    }
}
