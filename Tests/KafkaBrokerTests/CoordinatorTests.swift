import KafkaMessages
import Testing

@testable import KafkaBroker

@Suite struct CoordinatorTests {
    @Test(arguments: 0...6 as ClosedRange<Int16>) func findsTheCoordinatorOfAGroup(_ version: Int16) async throws {
        try await withBroker { client in
            let request =
                version < 4
                ? FindCoordinatorRequest(key: "g") : FindCoordinatorRequest(coordinatorKeys: ["g", "h"])
            let answer = try await client.send(request, version: version)
            if version < 4 {
                #expect(answer.errorCode == .none)
                #expect(answer.host == client.address.host)
                #expect(answer.port == Int32(client.address.port))
            } else {
                #expect(answer.coordinators.map(\.key) == ["g", "h"])
                #expect(answer.coordinators.allSatisfy { $0.errorCode == .none && $0.host == client.address.host })
            }
        }
    }

    @Test func makesTheOffsetsTopicOnFirstUse() async throws {
        try await withBroker(["offsets.topic.num.partitions": "7", "offsets.topic.segment.bytes": "1048576"]) {
            client in
            #expect(try await client.send(MetadataRequest(topics: nil)).topics.isEmpty)
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            let topics = try await client.send(MetadataRequest(topics: nil)).topics
            #expect(topics.map(\.name) == ["__consumer_offsets"])
            #expect(topics[0].isInternal)
            #expect(topics[0].partitions.count == 7)
            let configs = try await client.send(
                DescribeConfigsRequest(resources: [.init(resourceType: 2, resourceName: "__consumer_offsets")])
            )
            let values = Dictionary(uniqueKeysWithValues: configs.results[0].configs.map { ($0.name, $0.value) })
            #expect(values["cleanup.policy"] == "compact")
            #expect(values["segment.bytes"] == "1048576")
        }
    }

    @Test func askingForMetadataMakesTheOffsetsTopicAsItShouldBe() async throws {
        try await withBroker { client in
            let request = MetadataRequest(topics: [.init(name: "__consumer_offsets")], allowAutoTopicCreation: true)
            let topics = try await client.send(request).topics
            #expect(topics.map(\.partitions.count) == [50])
        }
    }

    @Test func refusesEmptyKeysAndUnknownTypes() async throws {
        try await withBroker { client in
            let empty = try await client.send(FindCoordinatorRequest(coordinatorKeys: [""]))
            #expect(empty.coordinators.map(\.errorCode) == [.invalidRequest])
            for type in [2, 3, -1] as [Int8] {
                let share = try await client.send(FindCoordinatorRequest(keyType: type, coordinatorKeys: ["g:x:0"]))
                #expect(share.coordinators.map(\.errorCode) == [.invalidRequest])
            }
        }
    }
}
