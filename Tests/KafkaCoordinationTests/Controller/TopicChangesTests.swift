import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct TopicChangesTests {
    @Test func deletesByNameAndByID() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        let first = try world.create("a", configs: ["retention.ms": "1"])
        let second = try world.create("b")
        var request = DeleteTopicsRequest(
            topics: [.init(name: nil, topicId: second.topicId)],
            topicNames: ["a", "nope"]
        )
        var codes = try world.commit(world.controller.deleteTopics(request)).responses.map(\.errorCode)
        #expect(codes == [.none, .none, .unknownTopicOrPartition])
        #expect(world.image.topics.isEmpty)
        #expect(world.image.topicNames.isEmpty)
        #expect(world.image.configs.isEmpty)
        request = DeleteTopicsRequest(topics: [
            .init(name: nil, topicId: first.topicId), .init(name: "x", topicId: first.topicId), .init(name: nil),
        ])
        codes = try world.commit(world.controller.deleteTopics(request)).responses.map(\.errorCode)
        #expect(codes == [.unknownTopicId, .invalidRequest, .invalidRequest])
        // The name is free again, under another id.
        #expect(try world.create("a").topicId != first.topicId)
    }

    @Test func keepsTopicsWhenDeletionIsDisabled() throws {
        var world = ControllerWorld(staticConfigs: ["delete.topic.enable": "false"])
        try world.addBroker(1)
        try world.create("a")
        let answer = try world.commit(world.controller.deleteTopics(DeleteTopicsRequest(topicNames: ["a"])))
        #expect(answer.responses[0].errorCode == .topicDeletionDisabled)
        #expect(world.image.topics["a"] != nil)
    }

    private func grow(
        _ world: inout ControllerWorld,
        _ name: String,
        to count: Int32,
        _ assignments: [[Int32]]? = nil
    ) throws -> CreatePartitionsResponse.CreatePartitionsTopicResult {
        let topic = CreatePartitionsRequest.CreatePartitionsTopic(
            name: name,
            count: count,
            assignments: assignments?.map { .init(brokerIds: $0) }
        )
        let request = CreatePartitionsRequest(topics: [topic])
        return try world.commit(world.controller.createPartitions(request, using: &world.generator)).results[0]
    }

    @Test func addsPartitions() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.create("pay", partitions: 2)
        #expect(try grow(&world, "pay", to: 5).errorCode == .none)
        #expect(world.image.topics["pay"]?.partitions.count == 5)
        let same = try grow(&world, "pay", to: 5)
        #expect(same.errorCode == .invalidPartitions)
        #expect(same.errorMessage == "Topic already has 5 partition(s).")
        #expect(
            try grow(&world, "pay", to: 2).errorMessage
                == "The topic pay currently has 5 partition(s); 2 would not be an increase."
        )
        #expect(
            try grow(&world, "pay", to: 7, [[1]]).errorMessage
                == "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified."
        )
        #expect(try grow(&world, "pay", to: 7, [[1], [1]]).errorCode == .none)
        #expect(try grow(&world, "nope", to: 7).errorCode == .unknownTopicOrPartition)
        #expect(try grow(&world, "pay", to: 20_000).errorCode == .policyViolation)
    }

    @Test func electsLeaders() throws {
        var world = ControllerWorld()
        try world.addBroker(1)
        try world.addBroker(2)
        try world.create("t", assignments: [[1, 2]])
        var request = ElectLeadersRequest(
            electionType: 0,
            topicPartitions: [.init(topic: "t", partitions: [0, 3]), .init(topic: "u", partitions: [0])]
        )
        var answer = try world.commit(world.controller.electLeaders(request))
        #expect(
            answer.replicaElectionResults.map { $0.partitionResult.map(\.errorCode) }
                == [[.electionNotNeeded, .unknownTopicOrPartition], [.unknownTopicOrPartition]]
        )
        // Broker 1 restarts: 2 takes over, and 1 is not in the ISR any more.
        try world.addBroker(1)
        #expect(world.image.topics["t"]?.partitions[0].leader == 2)
        #expect(world.image.topics["t"]?.partitions[0].isr == [2])
        request.topicPartitions = [.init(topic: "t", partitions: [0])]
        answer = try world.commit(world.controller.electLeaders(request))
        #expect(answer.replicaElectionResults[0].partitionResult[0].errorCode == .preferredLeaderNotAvailable)
        request = ElectLeadersRequest(electionType: 5)
        #expect(try world.commit(world.controller.electLeaders(request)).errorCode == .invalidRequest)
    }
}
