import Testing

@testable import SwkafkaCommands

@Suite struct TopicsOutputTests {
    private func partition(_ id: Int32, elr: [Int32]? = []) -> DescribedTopic.Partition {
        DescribedTopic.Partition(id: id, leader: 1, replicas: [1], isr: [1], elr: elr, lastKnownElr: elr)
    }

    private var pay: DescribedTopic {
        DescribedTopic(
            name: "pay",
            topicID: "tHP4bTD2TRyF5ClAsVpaNw",
            partitions: [partition(0), partition(1)],
            settings: [
                .init(name: "cleanup.policy", value: "compact"), .init(name: "segment.bytes", value: "1073741824"),
            ]
        )
    }

    @Test func describesAsKafkaDoes() {
        #expect(
            TopicsOutput.describeText([pay], shown: .init())
                == "Topic: pay\tTopicId: tHP4bTD2TRyF5ClAsVpaNw\tPartitionCount: 2\tReplicationFactor: 1"
                + "\tConfigs: cleanup.policy=compact,segment.bytes=1073741824\n"
                + "\tTopic: pay\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
                + "\tTopic: pay\tPartition: 1\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
        )
    }

    @Test func filtersLeaveOutOneOrTheOther() {
        #expect(
            TopicsOutput.describeText([pay], shown: .init(summary: false))
                == "\tTopic: pay\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
                + "\tTopic: pay\tPartition: 1\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
        )
        #expect(TopicsOutput.describeText([pay], shown: .init(partitions: false)).split(separator: "\n").count == 1)
    }

    @Test func unknownsAreWrittenAsKafkaDoes() {
        let topic = DescribedTopic(
            name: "old",
            topicID: nil,
            partitions: [
                .init(
                    id: 0,
                    leader: nil,
                    replicas: [2, 1, 3],
                    isr: [],
                    elr: nil,
                    lastKnownElr: nil,
                    reassignment: .init(adding: [3], removing: [])
                )
            ],
            settings: [.init(name: "secret", value: nil)]
        )
        #expect(
            TopicsOutput.describeText([topic], shown: .init())
                == "Topic: old\tPartitionCount: 1\tReplicationFactor: 2\tConfigs: secret=null\n"
                + "\tTopic: old\tPartition: 0\tLeader: none\tReplicas: 2,1,3\tIsr: \tAdding Replicas: 3"
                + "\tRemoving Replicas: \tElr: N/A\tLastKnownElr: N/A\n"
        )
    }

    @Test func anEmptyListIsOneEmptyLine() {
        #expect(TopicsOutput.listText([]) == "\n")
        #expect(TopicsOutput.listText(["a", "b"]) == "a\nb\n")
        #expect(TopicsOutput.describeText([], shown: .init()) == "")
    }

    @Test func otherFormats() {
        #expect(
            JSONText.compact(TopicsOutput.describeValue([pay]))
                == "[{\"topic\":\"pay\",\"topicId\":\"tHP4bTD2TRyF5ClAsVpaNw\",\"partitionCount\":2,"
                + "\"replicationFactor\":1,\"configs\":{\"cleanup.policy\":\"compact\",\"segment.bytes\":\"1073741824\"},"
                + "\"partitions\":[{\"partition\":0,\"leader\":1,\"replicas\":[1],\"isr\":[1],\"elr\":[],"
                + "\"lastKnownElr\":[],\"addingReplicas\":null,\"removingReplicas\":null},{\"partition\":1,\"leader\":1,"
                + "\"replicas\":[1],\"isr\":[1],\"elr\":[],\"lastKnownElr\":[],\"addingReplicas\":null,"
                + "\"removingReplicas\":null}]}]"
        )
        #expect(
            TopicsOutput.describeTable([pay], colour: false)
                == "TOPIC  PARTITION  LEADER  REPLICAS  ISR\npay            0       1  1         1\n"
                + "pay            1       1  1         1\n"
        )
        #expect(YAMLText.document(TopicsOutput.listValue(["a"])) == "- topic: a\n  internal: false\n")
    }
}
