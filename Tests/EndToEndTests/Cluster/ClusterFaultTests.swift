import Foundation
import KafkaTestSupport
import Testing

/// Faults on purpose in clusters of real processes.
@Suite("Faults of clusters") struct ClusterFaultTests {
    private static func line(leader: Int, isr: String) -> String {
        "\tTopic: t\tPartition: 0\tLeader: \(leader)\tReplicas: 1001,1002\tIsr: \(isr)\tElr: \tLastKnownElr: "
    }

    private static func create(_ cluster: LocalCluster) async throws {
        let words = ["topics", "--create", "--topic", "t", "--replica-assignment", "1001:1002"]
        try await cluster.swkafka(words)
    }

    @Test func aBrokerThatIsCutOffLosesItsLeadershipAndComesBack() async throws {
        try await LocalCluster.with(brokers: 2) { cluster in
            try await Self.create(cluster)
            try await cluster.describe("t", until: [Self.line(leader: 1001, isr: "1001,1002")])
            try await cluster.run("fault", "cut", "1001|1002,controller")
            #expect(try await cluster.run(["fault"]) == "cut 1001|controller,1002\n")
            // The one that is cut off tells what it last heard: the other is asked.
            let other = try await cluster.servers(1002)
            try await cluster.describe("t", at: other, until: [Self.line(leader: 1002, isr: "1002")])
            let status = try await cluster.run(["status"])
            #expect(status.contains("Fault: cut 1001|controller,1002\n"))
            #expect(status.contains("1001  broker      running  fenced"))
            try await cluster.run("fault", "clear")
            #expect(try await cluster.run(["fault", "--output", "json"]) == "[]\n")
            try await cluster.describe("t", at: other, until: [Self.line(leader: 1002, isr: "1002,1001")])
        }
    }

    @Test func refusedConnectionsAndSlowOnes() async throws {
        try await LocalCluster.with(brokers: 2) { cluster in
            try await Self.create(cluster)
            try await cluster.run("fault", "slow", "1002", "50ms")
            try await cluster.swkafka(["console-producer", "--topic", "t"], input: "one\n")
            try await cluster.run("fault", "cut", "controller", "1002", "refused")
            let other = try await cluster.servers(1001)
            try await cluster.describe("t", at: other, until: [Self.line(leader: 1001, isr: "1001")])
            // A node that is started again finds them.
            #expect(try await cluster.run(["fault"]) == "cut controller|1002 refused\nslow 1002 50ms\n")
            try await cluster.run("fault", "clear", "1002")
            try await cluster.describe("t", at: other, until: [Self.line(leader: 1001, isr: "1001,1002")])
        }
    }

    @Test func aFullDiskAndOneThatFails() async throws {
        try await LocalCluster.with(brokers: 2) { cluster in
            try await Self.create(cluster)
            try await cluster.swkafka(["console-producer", "--topic", "t"], input: "one\n")
            try await cluster.run("fault", "disk-full", "1001")
            let servers = try await cluster.servers()
            let full = try await Swkafka.run(
                [
                    "console-producer", "--topic", "t", "--bootstrap-server", servers, "--request-timeout-ms", "1000",
                    "--producer-property", "delivery.timeout.ms=2000",
                ],
                input: "two\n"
            )
            #expect(full.status != 0, "\(full)")
            // Without a group, whose topic might need room.
            let read = [
                "console-consumer", "--topic", "t", "--partition", "0", "--offset", "earliest", "--max-messages", "1",
            ]
            #expect(try await cluster.swkafka(read).lines == ["one"])
            try await cluster.run("fault", "clear")
            try await cluster.swkafka(["console-producer", "--topic", "t"], input: "three\n")
            // Whoever cannot make anything durable must not go on.
            try await cluster.run("fault", "fsync-error", "1001")
            try await cluster.describe(
                "t",
                at: try await cluster.servers(1002),
                until: [Self.line(leader: 1002, isr: "1002")]
            )
            // The others may have done without it before it has ended.
            try await cluster.wait(within: .seconds(60), for: "the broker to crash") {
                try await cluster.run(["status"]).contains("1001  broker      crashed")
            }
            try await cluster.run("fault", "clear")
            try await cluster.run("start", "1001")
            try await cluster.describe("t", until: [Self.line(leader: 1002, isr: "1002,1001")])
        }
    }

    /// Nobody would lead for a minute, had it gone without a word.
    @Test func aBrokerThatStopsWaitsForALateController() async throws {
        try await LocalCluster.with(brokers: 2, ["--override", "broker.session.timeout.ms=60000"]) { cluster in
            try await Self.create(cluster)
            try await cluster.describe("t", until: [Self.line(leader: 1001, isr: "1001,1002")])
            try await cluster.run("fault", "cut", "controller|1001")
            async let stopped: Void = cluster.run("stop", "1001")
            try await cluster.log(1001, until: "Controller does not answer")
            try await cluster.run("fault", "clear")
            try await stopped
            let words = ["topics", "--describe", "--topic", "t", "--bootstrap-server", try await cluster.servers(1002)]
            let described = try await Swkafka.run(words)
            #expect(described.lines.last == Self.line(leader: 1002, isr: "1002"), "\(described)")
        }
    }

    @Test func aScriptIsPlayedAsItsSeedSays() async throws {
        try await LocalCluster.with(brokers: 2) { cluster in
            let script = cluster.directory + "/script"
            let text = """
                every 200ms random pause,cut,slow,kill for 100ms
                300ms stop 1002
                400ms start 1002
                until 1s
                """
            try Data(text.utf8).write(to: URL(fileURLWithPath: script))
            let first = try await cluster.run(["play", script, "--seed", "5"])
            #expect(first.contains("0.300s stop 1002\n0.300s ") && first.split(separator: "\n").count == 10)
            #expect(try await cluster.run(["play", script, "--seed", "5"]) == first)
            // Whatever was done to them, brokers come back.
            try await cluster.run("fault", "clear")
            try await cluster.run("start", "--detach")
            try FileManager.default.removeItem(atPath: script)
        }
    }

    @Test func saysWhatIsWrong() async throws {
        let usage = try await Swkafka.run("cluster", "fault", "melt", "1001")
        #expect(usage.status == 2 && usage.errors.contains("'melt' is no fault"))
        try await LocalCluster.with(brokers: 1) { cluster in
            let unknown = try await Swkafka.run("cluster", "fault", "slow", "7", "1s", "--data-dir", cluster.directory)
            #expect(unknown.status == 2 && unknown.errors.contains("has no node 7"))
        }
    }
}
