import Testing

@testable import SwkafkaCommands

@Suite struct DescribeOutputTests {
    private func partition(_ id: Int32, leader: Int32? = 1, isr: [Int32] = [1, 2]) -> ClusterOverview.Partition {
        ClusterOverview.Partition(id: id, leader: leader, replicas: [1, 2], isr: isr, offline: [], bytes: 1024)
    }

    private func cluster(_ topics: [ClusterOverview.Topic]) -> ClusterOverview {
        ClusterOverview(
            clusterID: "abc",
            brokers: [
                .init(id: 1, address: "h:1", rack: nil, isController: true, leads: 2, holds: 3, bytes: 2048),
                .init(id: 2, address: "h:2", rack: "r", isController: false, leads: 0, holds: 3, bytes: nil),
            ],
            topics: topics
        )
    }

    private func topic(_ name: String, _ partitions: [ClusterOverview.Partition]) -> ClusterOverview.Topic {
        ClusterOverview.Topic(name: name, id: nil, isInternal: false, partitions: partitions)
    }

    @Test func aHealthyCluster() {
        let text = DescribeOutput.clusterText(cluster([topic("a", [partition(0)])]), colour: false)
        #expect(
            text == """
                Cluster abc: 2 brokers, 1 topic, 1 partition
                Every partition has a leader and all its replicas in sync.

                BROKER  ADDRESS  RACK  LEADS  HOLDS     SIZE  ROLE
                     1  h:1      -         2      3  2.0 KiB  controller
                     2  h:2      r         0      3        ?\u{20}\u{20}

                TOPIC  PARTITIONS  REPLICAS     SIZE  HEALTH
                a               1         2  1.0 KiB  ok

                """
        )
    }

    @Test func whatIsUnhealthyComesFirst() {
        let topics = [
            topic("a", [partition(0)]), topic("b", [partition(0, isr: [1])]),
            topic("c", [partition(0, leader: nil, isr: [])]),
        ]
        let lines = DescribeOutput.clusterText(cluster(topics), colour: false).split(separator: "\n").map(String.init)
        #expect(lines[1] == "Unhealthy partitions: 1 offline, 1 at min ISR, 1 under-replicated")
        #expect(lines[2] == "OFFLINE c-0: no leader; replicas 1,2")
        #expect(lines[3] == "UNDER-REPLICATED b-0: not in sync on 2, at min.insync.replicas")
        #expect(lines.suffix(3).map { $0.prefix(1) } == ["b", "c", "a"])
    }

    @Test func tooFewInSyncAreTold() {
        var topic = topic("b", [partition(0, isr: [1]), partition(1)])
        topic.minimumInSync = 2
        let lines = DescribeOutput.clusterText(cluster([topic]), colour: false).split(separator: "\n").map(String.init)
        #expect(lines[1] == "Unhealthy partitions: 1 under min ISR, 1 under-replicated")
        #expect(
            lines[2]
                == "UNDER-MIN-ISR b-0: 1 in sync, min.insync.replicas is 2: acks=all is refused; not in sync on 2"
        )
        #expect(lines.last?.hasSuffix("1 under min ISR") == true)
        #expect(DescribeOutput.topicText(topic, colour: false).contains("under min ISR"))
    }

    @Test func coloursOnlyWhenAsked() {
        let overview = cluster([topic("a", [partition(0)])])
        #expect(!DescribeOutput.clusterText(overview, colour: false).contains("\u{1B}"))
        #expect(DescribeOutput.clusterText(overview, colour: true).contains("\u{1B}["))
        #expect(testContext(output: MemorySink(), errors: MemorySink(), colour: true).usesColour)
        var context = testContext(output: MemorySink(), errors: MemorySink(), colour: true)
        context.environment["NO_COLOR"] = "1"
        #expect(!context.usesColour)
    }

    @Test func targets() throws {
        func target(_ words: String...) throws -> DescribeCommand.Target {
            let words = ["describe", "--bootstrap-server", "h:1"] + words
            return try #require(try CommandLineReader.parse(words) as? DescribeCommand).target()
        }
        #expect(try target() == .cluster)
        #expect(try target("topic", "a") == .topic("a"))
        #expect(try target("broker", "3") == .broker(3))
        #expect(throws: (any Error).self) { try target("topic") }
        #expect(throws: (any Error).self) { try target("broker", "x") }
        #expect(throws: (any Error).self) { try target("topc", "x") }
    }
}
