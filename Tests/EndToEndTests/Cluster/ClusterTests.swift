import Foundation
import Glibc
import KafkaTestSupport
import Testing

/// Clusters of real processes on this machine.
@Suite("Clusters") struct ClusterTests {
    private static func line(_ partition: Int, leader: Int, replicas: String, isr: String) -> String {
        "\tTopic: my_topic\tPartition: \(partition)\tLeader: \(leader)\tReplicas: \(replicas)\tIsr: \(isr)"
            + "\tElr: \tLastKnownElr: "
    }

    /// What the article that this project goes back to does with its cluster of two, text as recorded from Kafka.
    @Test func aKilledBrokerIsReplacedAndComesBack() async throws {
        try await LocalCluster.with(brokers: 2) { cluster in
            let created = try await cluster.swkafka(
                "topics",
                "--create",
                "--topic",
                "my_topic",
                "--replica-assignment",
                "1001:1002,1002:1001"
            )
            #expect(created.lines.last == "Created topic my_topic.")
            try await cluster.describe(
                "my_topic",
                until: [
                    Self.line(0, leader: 1001, replicas: "1001,1002", isr: "1001,1002"),
                    Self.line(1, leader: 1002, replicas: "1002,1001", isr: "1002,1001"),
                ]
            )
            try await cluster.swkafka("console-producer", "--topic", "my_topic", input: "one\ntwo\nthree\n")
            try await cluster.run("kill", "1002")
            let killed = ContinuousClock.now
            let alone = [
                Self.line(0, leader: 1001, replicas: "1001,1002", isr: "1001"),
                Self.line(1, leader: 1001, replicas: "1002,1001", isr: "1001"),
            ]
            try await cluster.describe("my_topic", until: alone)
            print("cluster test: leader moved \(ContinuousClock.now - killed) after the kill")
            let status = try await cluster.run(["status"])
            #expect(status.contains("Session timeout: 3000 ms") && status.contains("1002  broker      crashed  fenced"))
            for filter in ["--under-replicated-partitions", "--at-min-isr-partitions"] {
                #expect(try await cluster.swkafka("topics", "--describe", filter).lines == alone)
            }
            for filter in ["--unavailable-partitions", "--under-min-isr-partitions"] {
                #expect(try await cluster.swkafka("topics", "--describe", filter).text == "")
            }
            // Work goes on.
            try await cluster.swkafka("console-producer", "--topic", "my_topic", input: "four\n")
            let read = try await cluster.swkafka(
                "console-consumer",
                "--topic",
                "my_topic",
                "--from-beginning",
                "--max-messages",
                "4"
            )
            #expect(read.lines.sorted() == ["four", "one", "three", "two"])
            try await cluster.run("start", "1002")
            // In sync again, and leaders stay where they are.
            try await cluster.describe(
                "my_topic",
                until: [
                    Self.line(0, leader: 1001, replicas: "1001,1002", isr: "1001,1002"),
                    Self.line(1, leader: 1001, replicas: "1002,1001", isr: "1001,1002"),
                ]
            )
            #expect(try await cluster.run(["status"]).contains("1002  broker      running  active"))
        }
    }

    /// Each filter of Kafka's, and the overview, against a broker that is gone.
    @Test func whatIsUnhealthyIsTold() async throws {
        try await LocalCluster.with(brokers: 2) { cluster in
            for (topic, replicas, minimum) in [
                ("alone", "1002", 1), ("pair", "1002:1001", 1), ("strict", "1001:1002", 2),
            ] {
                let words = ["topics", "--create", "--topic", topic, "--replica-assignment", replicas]
                try await cluster.swkafka(words + ["--config", "min.insync.replicas=\(minimum)"])
            }
            let line = { (topic: String, leader: String, replicas: String, isr: String) in
                "\tTopic: \(topic)\tPartition: 0\tLeader: \(leader)\tReplicas: \(replicas)\tIsr: \(isr)"
                    + "\tElr: \tLastKnownElr: "
            }
            try await cluster.run("kill", "1002")
            let alone = line("alone", "none", "1002", "1002")
            let pair = line("pair", "1001", "1002,1001", "1001")
            let strict = line("strict", "1001", "1001,1002", "1001")
            for (topic, expected) in [("alone", alone), ("pair", pair), ("strict", strict)] {
                try await cluster.describe(topic, until: [expected])
            }
            for (filter, expected) in [
                ("--under-replicated-partitions", [pair, strict]), ("--unavailable-partitions", [alone]),
                ("--under-min-isr-partitions", [alone, strict]), ("--at-min-isr-partitions", [alone, pair]),
            ] {
                let lines = try await cluster.swkafka("topics", "--describe", filter).lines
                #expect(lines == expected, "\(filter)")
            }
            let overview = try await cluster.swkafka("describe").lines
            #expect(
                overview.contains(
                    "Unhealthy partitions: 1 offline, 1 under min ISR, 1 at min ISR, 2 under-replicated"
                )
            )
            #expect(overview.contains("OFFLINE alone-0: no leader; replicas 1002"))
            #expect(overview.contains("UNDER-REPLICATED pair-0: not in sync on 1002, at min.insync.replicas"))
        }
    }

    @Test func nodesStopPauseAndAreAdded() async throws {
        try await LocalCluster.with(brokers: 1, ["--rack", "a,b"]) { cluster in
            try await cluster.run("scale", "2")
            try await cluster.swkafka(
                "topics",
                "--create",
                "--topic",
                "my_topic",
                "--replica-assignment",
                "1002:1001"
            )
            // In an orderly way: nobody has to wait for a session to end.
            try await cluster.run("stop", "1002")
            try await cluster.describe(
                "my_topic",
                until: [Self.line(0, leader: 1001, replicas: "1002,1001", isr: "1001")]
            )
            try await cluster.run("restart", "1001")
            try await cluster.run("start", "--detach")
            try await cluster.run("pause", "1002")
            #expect(try await cluster.run(["status"]).contains("1002  broker      paused"))
            try await cluster.run("resume", "1002")
            try await cluster.run("kill", "1")
            try await cluster.run("start", "1")
            try await cluster.swkafka("topics", "--create", "--topic", "after")
            let json = try await cluster.run(["status", "--output", "json"])
            #expect(json.contains("\"state\": \"running\"") && !json.contains("\"state\": \"crashed\""))
            #expect(try await cluster.run(["logs", "1"]).contains("swkafka controller 1 is ready on 127.0.0.1:"))
        }
    }

    @Test func aClusterInTheForegroundEndsWithItsCommand() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/cluster"
            let words = ["cluster", "start", "--brokers", "1", "--ports", "0", "--data-dir", path]
            try await ManagedProcess.with(Swkafka.path, words) { process in
                _ = try await process.line(containing: "The cluster is ready: 127.0.0.1:")
                process.send(signal: SIGINT)
                #expect(await process.status() == 0)
            }
            let status = try await Swkafka.run("cluster", "status", "--data-dir", path)
            #expect(status.text.contains("1  controller  stopped") && status.text.contains("1001  broker      stopped"))
        }
    }

    @Test func aStaleNumberNeverKillsAStranger() async throws {
        try await LocalCluster.with(brokers: 1) { cluster in
            try await cluster.run("kill", "1001")
            // The number went to somebody else.
            try await ManagedProcess.with("/bin/sleep", ["600"]) { stranger in
                let path = "\(cluster.directory)/1001/process.json"
                let text = """
                    {"pid": \(stranger.processIdentifier), "start_ticks": 1, "wanted": true}
                    """
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                #expect(try await cluster.run(["status"]).contains("1001  broker      crashed"))
                try await cluster.run("kill", "1001")
                try await cluster.run("stop", "1001")
                #expect(stranger.isRunning)
            }
            try await cluster.run("start", "1001")
        }
    }

    @Test func saysWhatIsWrong() async throws {
        try await withTemporaryDirectory { directory in
            let none = try await Swkafka.run("cluster", "status", "--data-dir", directory)
            #expect(none.status == 1 && none.errors.contains("There is no cluster in \(directory)."))
            try Data("{}".utf8).write(to: URL(fileURLWithPath: directory + "/cluster.json"))
            let broken = try await Swkafka.run("cluster", "down", "--data-dir", directory)
            #expect(broken.status == 1 && broken.errors.contains("is no plan of a cluster"))
        }
        let usage = try await Swkafka.run("cluster", "start", "--brokers", "0")
        #expect(usage.status == 2)
    }
}
