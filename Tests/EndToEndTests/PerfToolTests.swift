import Foundation
import KafkaTestSupport
import Testing

/// The tools that measure, and those that tell what they do, against our own broker. Numbers vary, so digits are compared
/// as `#`; the texts are those that Kafka's own scripts printed.
@Suite("Perf and verifiable tools", .timeLimit(.minutes(2)))
struct PerfToolTests {
    /// Every number, with its sign and fraction, as one `#`.
    private func masked(_ text: String) -> String {
        text.replacing(/-?[0-9]+(\.[0-9]+)?(E-?[0-9]+)?/, with: "#")
    }

    @Test func producersAndConsumers() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "perf")
            let properties = ["--topic", "perf", "--throughput", "-1", "--producer-props"]
            let sent = try await Swkafka.run(
                ["producer-perf-test", "--num-records", "1000", "--record-size", "100"] + properties
                    + ["bootstrap.servers=\(broker.address)", "acks=1"]
            )
            #expect(
                masked(sent.text)
                    == "# records sent, # records/sec (# MB/sec), # ms avg latency, # ms max latency, # ms #th, # ms #th, # ms "
                    + "#th, # ms #th.\n",
                "\(sent)"
            )
            #expect(sent.text.hasPrefix("1000 records sent, ") && sent.status == 0)
            let committed = try await broker.swkafka(
                "producer-perf-test",
                "--num-records",
                "500",
                "--payload-monotonic",
                "--transactional-id",
                "perf",
                "--transaction-duration-ms",
                "5",
                "--topic",
                "perf"
            )
            #expect(committed.text.hasPrefix("500 records sent, "), "\(committed)")

            let read = try await broker.swkafka("consumer-perf-test", "--topic", "perf", "--messages", "1500")
            #expect(read.status == 0 && read.lines.count == 2, "\(read)")
            #expect(
                read.lines.first
                    == "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, "
                    + "rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec"
            )
            #expect(
                read.lines.last.map(masked) == "### #:#:#:#, ### #:#:#:#, #, #, #, #, #, #, #, #"
                    && read.lines.last?.contains(", 1500, ") == true
            )
            let late = try await broker.swkafka(
                "consumer-perf-test",
                "--topic",
                "perf",
                "--messages",
                "1000000",
                "--timeout",
                "500",
                "--hide-header",
                "--date-format",
                "HH:mm"
            )
            #expect(late.status == 1 && late.errors.hasPrefix("WARNING: Exiting before consuming"), "\(late)")
            #expect(masked(late.text) == "#:#, #:#, #, #, #, #, #, #, #, #\n")
        }
    }

    @Test func endToEndLatency() async throws {
        try await BrokerProcess.with { broker in
            let first = try await Swkafka.run("e2e-latency", broker.address, "e2e", "20", "all", "100")
            #expect(
                masked(first.text)
                    == "Topic \"e#e\" does not exist. Will create topic with # partition(s) and replication factor = #\n"
                    + "#\t#\nAvg latency: # ms\nPercentiles: #th = #, #th = #, #th = #\n",
                "\(first)"
            )
            let again = try await broker.swkafka(
                "e2e-latency",
                "--topic",
                "e2e",
                "--num-records",
                "3",
                "--producer-acks",
                "1",
                "--record-size",
                "5",
                "--num-headers",
                "2",
                "--record-header-size",
                "-1"
            )
            #expect(again.status == 0 && again.lines.count == 3, "\(again)")
            #expect(try await Swkafka.run("e2e-latency", broker.address, "e2e", "5", "0", "10").status == 2)
        }
    }

    @Test func verifiableTools() async throws {
        try await BrokerProcess.with { broker in
            _ = try await broker.swkafka("topics", "--create", "--topic", "vp")
            let sent = try await broker.swkafka(
                "verifiable-producer",
                "--topic",
                "vp",
                "--max-messages",
                "3",
                "--value-prefix",
                "7",
                "--repeating-keys",
                "2"
            )
            let lines = sent.lines.map { $0.replacing(/"timestamp":[0-9]+/, with: "\"timestamp\":0") }
            #expect(
                lines.dropLast() == [
                    #"{"timestamp":0,"name":"startup_complete"}"#,
                    #"{"timestamp":0,"name":"producer_send_success","key":"0","value":"7.0","offset":0,"topic":"vp","partition":0}"#,
                    #"{"timestamp":0,"name":"producer_send_success","key":"1","value":"7.1","offset":1,"topic":"vp","partition":0}"#,
                    #"{"timestamp":0,"name":"producer_send_success","key":"0","value":"7.2","offset":2,"topic":"vp","partition":0}"#,
                    #"{"timestamp":0,"name":"shutdown_complete"}"#,
                ]
            )
            #expect(lines.last?.contains(#""name":"tool_data","sent":3,"acked":3,"target_throughput":-1"#) == true)
            let read = try await broker.swkafka(
                "verifiable-consumer",
                "--topic",
                "vp",
                "--group-id",
                "vg",
                "--max-messages",
                "2",
                "--verbose"
            )
            #expect(
                read.lines.map { $0.replacing(/"timestamp":[0-9]+/, with: "\"timestamp\":0") } == [
                    #"{"timestamp":0,"name":"startup_complete"}"#,
                    #"{"timestamp":0,"name":"partitions_assigned","partitions":[{"topic":"vp","partition":0}]}"#,
                    #"{"timestamp":0,"name":"record_data","key":"0","value":"7.0","topic":"vp","partition":0,"offset":0}"#,
                    #"{"timestamp":0,"name":"record_data","key":"1","value":"7.1","topic":"vp","partition":0,"offset":1}"#,
                    #"{"timestamp":0,"name":"records_consumed","count":3,"partitions":[{"topic":"vp","partition":0,"count":2,"minOffset":0,"maxOffset":1}]}"#,
                    #"{"timestamp":0,"name":"offsets_committed","offsets":[{"topic":"vp","partition":0,"offset":2}],"success":true}"#,
                    #"{"timestamp":0,"name":"partitions_revoked","partitions":[{"topic":"vp","partition":0}]}"#,
                    #"{"timestamp":0,"name":"shutdown_complete"}"#,
                ],
                "\(read)"
            )
            #expect(read.status == 0)
        }
    }

    @Test func nobodyListens() async throws {
        let result = try await Swkafka.run(
            "producer-perf-test",
            "--topic",
            "t",
            "--num-records",
            "3",
            "--record-size",
            "1",
            "--bootstrap-server",
            "127.0.0.1:1",
            "--command-property",
            "max.block.ms=200"
        )
        #expect(result.status == 1 && result.errors.hasSuffix("3 of 3 records were not acknowledged.\n"), "\(result)")
    }
}
