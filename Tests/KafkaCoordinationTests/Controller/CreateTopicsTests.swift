import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct CreateTopicsTests {
    @Test func createsWithDefaultsAndDescribesTheTopic() throws {
        var world = ControllerWorld(staticConfigs: ["num.partitions": "3"])
        try world.addBroker(1)
        let result = try world.create("orders", configs: ["retention.ms": "1000"])
        #expect(result.errorCode == .none)
        #expect(result.numPartitions == 3)
        #expect(result.replicationFactor == 1)
        let retention = try #require(result.configs?.first { $0.name == "retention.ms" })
        #expect(retention.value == "1000")
        #expect(retention.configSource == ConfigSource.dynamicTopic.rawValue)
        let topic = try #require(world.image.topics["orders"])
        #expect(topic.id == result.topicId)
        #expect(topic.partitions.count == 3)
        #expect(topic.partitions.allSatisfy { $0.leader == 1 && $0.isr == [1] && $0.leaderEpoch == 0 })
        #expect(topic.partitions[0].directories == [KafkaUUID(high: 7, low: 1001)])
        #expect(world.image.configs(of: .topic, "orders") == ["retention.ms": "1000"])
    }

    @Test(arguments: [
        (
            "bad name!",
            "Topic name is invalid: 'bad name!' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        ),
        ("..", "Topic name is invalid: '..' is not allowed"),
        ("", "Topic name is invalid: the empty string is not allowed"),
        ("taken.name", "Topic 'taken.name' collides with existing topic: taken_name"),
    ])
    func refusesNames(name: String, message: String) throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("taken_name")
        let result = try world.create(name)
        #expect(result.errorCode == .invalidTopic)
        #expect(result.errorMessage == message)
    }

    @Test func refusesLongNamesExistingTopicsAndTheMetadataTopic() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        let long = String(repeating: "x", count: 250)
        #expect(try world.create(String(repeating: "x", count: 249)).errorCode == .none)
        #expect(
            try world.create(long).errorMessage
                == "Topic name is invalid: the length of '\(long)' is longer than the max allowed length 249"
        )
        try world.create("orders")
        let again = try world.create("orders")
        #expect(again.errorCode == .topicAlreadyExists)
        #expect(again.errorMessage == "Topic 'orders' already exists.")
        #expect(try world.create("__cluster_metadata").errorCode == .invalidRequest)
    }

    @Test func refusesCountsThatCannotBe() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        #expect(try world.create("t", partitions: 0).errorCode == .invalidPartitions)
        #expect(try world.create("t", replicas: 0).errorCode == .invalidReplicationFactor)
        #expect(try world.create("t", partitions: 10_001).errorCode == .policyViolation)
        let tooMany = try world.create("t", replicas: 2)
        #expect(tooMany.errorCode == .invalidReplicationFactor)
        #expect(
            tooMany.errorMessage
                == "Unable to replicate the partition 2 time(s): The target replication factor of 2 cannot be reached because only 1 broker(s) are registered."
        )
    }

    @Test func refusesConfigs() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        let cases: [(String, String?, String)] = [
            ("no.such", "1", "Unknown topic config name: no.such"),
            ("retention.ms", "x", "Invalid value x for configuration retention.ms: Not a number of type LONG"),
            ("segment.bytes", "1", "Invalid value 1 for configuration segment.bytes: Value must be at least 14"),
            (
                "cleanup.policy", "keep",
                "Invalid value keep for configuration cleanup.policy: String must be one of: compact, delete"
            ),
            ("retention.ms", nil, "Null value not supported for topic configs: retention.ms"),
        ]
        for (name, value, message) in cases {
            let result = try world.create("t", configs: [name: value])
            #expect(result.errorCode == .invalidConfig)
            #expect(result.errorMessage == message)
        }
        #expect(world.image.topics.isEmpty)
    }

    @Test func checksManualAssignments() throws {
        var world = ControllerWorld()
        for id in Int32(1)...3 { try world.addBroker(id) }
        #expect(try world.create("ok", assignments: [[2, 1], [3, 2]]).errorCode == .none)
        #expect(world.image.topics["ok"]?.partitions.map(\.leader) == [2, 3])
        let refused: [([[Int32]], String)] = [
            ([[1, 9]], "The manual partition assignment includes broker 9, but no such broker is registered."),
            ([[1, 1]], "The manual partition assignment includes the broker 1 more than once."),
            ([[]], "The manual partition assignment includes an empty replica list."),
            (
                [[1, 2], [1]],
                "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with previous partitions, which have 2 replica(s)."
            ),
        ]
        for (assignments, message) in refused {
            let result = try world.create("t", assignments: assignments)
            #expect(result.errorCode == .invalidReplicaAssignment)
            #expect(result.errorMessage == message)
        }
        #expect(try world.create("t", partitions: 1, assignments: [[1]]).errorCode == .invalidRequest)
        #expect(try world.create("t", replicas: 1, assignments: [[1]]).errorCode == .invalidRequest)
    }

    @Test func validatesWithoutCreating() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        #expect(try world.create("t", validateOnly: true).errorCode == .none)
        #expect(world.image.topics.isEmpty)
    }

    @Test func judgesEachTopicOfARequestByItself() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        let request = CreateTopicsRequest(
            topics: ["a", "twice", "twice", "b.c", "b_c"].map {
                .init(name: $0, numPartitions: 1, replicationFactor: 1)
            }
        )
        let response = try world.commit(world.controller.createTopics(request, using: &world.generator))
        #expect(response.topics.map(\.name) == ["a", "twice", "b.c", "b_c"])
        #expect(response.topics.map(\.errorCode) == [.none, .invalidRequest, .none, .invalidTopic])
        #expect(Set(world.image.topics.keys) == ["a", "b.c"])
    }

    @Test func placesNothingOnFencedBrokersAlone() throws {
        var world = ControllerWorld()
        try world.addBroker(1, unfence: false)
        #expect(try world.create("t").errorMessage == "All brokers are currently fenced.")
        try world.addBroker(2)
        #expect(try world.create("t", replicas: 2).errorCode == .none)
        let partition = try #require(world.image.topics["t"]?.partitions.first)
        #expect(partition.replicas == [2, 1])
        #expect(partition.isr == [2])
    }
}
