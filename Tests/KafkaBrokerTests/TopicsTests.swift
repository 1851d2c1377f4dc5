import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaBroker

@Suite struct TopicsTests {
    @Test func metadataInEveryVersion() async throws {
        try await withBroker(["broker.rack": "r1"]) { client async throws -> Void in
            let id = try await client.create("t", partitions: 2)
            for version in Int16(0)...12 {
                let response = try await client.send(MetadataRequest(topics: version == 0 ? [] : nil), version: version)
                #expect(response.brokers.map(\.port) == [Int32(client.address.port)])
                #expect(response.topics.map(\.name) == ["t"])
                #expect(response.topics[0].partitions.map(\.leaderId) == [1, 1])
                if version >= 10 { #expect(response.topics[0].topicId == id) }
                if version >= 1 { #expect(response.controllerId == 1 && response.brokers[0].rack == "r1") }
            }
            #expect(try await client.send(MetadataRequest(topics: []), version: 12).topics.isEmpty)
            let byID = MetadataRequest(topics: [.init(topicId: id, name: nil), .init(topicId: .one, name: nil)])
            let found = try await client.send(byID, version: 12).topics
            #expect(found.map(\.errorCode) == [.none, .unknownTopicId])
            #expect(found[0].name == "t")
            let operations = try await client.send(
                MetadataRequest(
                    topics: nil,
                    includeClusterAuthorizedOperations: true,
                    includeTopicAuthorizedOperations: true
                ),
                version: 8
            )
            #expect(operations.clusterAuthorizedOperations == 8096)
            #expect(operations.topics[0].topicAuthorizedOperations == 3576)
        }
    }

    @Test func createsTopicsThatAreAskedFor() async throws {
        try await withBroker(["num.partitions": "3"]) { client async throws -> Void in
            let asked = { (name: String, allow: Bool) in
                let request = MetadataRequest(topics: [.init(name: name)], allowAutoTopicCreation: allow)
                return try await client.send(request, version: 9).topics[0]
            }
            #expect(try await asked("new", false).errorCode == .unknownTopicOrPartition)
            #expect(try await asked("new", true).partitions.count == 3)
            #expect(try await asked("bad name", true).errorCode == .invalidTopic)
        }
        try await withBroker(["auto.create.topics.enable": "false"]) { client async throws -> Void in
            let response = try await client.send(MetadataRequest(topics: [.init(name: "new")]), version: 4)
            #expect(response.topics[0].errorCode == .unknownTopicOrPartition)
        }
    }

    @Test func createAndDeleteInEveryVersion() async throws {
        try await withBroker { client async throws -> Void in
            for version in Int16(2)...7 {
                let topic = CreateTopicsRequest.CreatableTopic(
                    name: "t\(version)",
                    numPartitions: 1,
                    replicationFactor: 1
                )
                let response = try await client.send(CreateTopicsRequest(topics: [topic]), version: version)
                #expect(response.topics[0].errorCode == .none)
                if version >= 5 { #expect(response.topics[0].configs?.isEmpty == false) }
            }
            for version in Int16(1)...6 {
                var request = DeleteTopicsRequest(timeoutMs: 1000)
                let names = ["t\(version + 1)", "nope"]
                if version >= 6 { request.topics = names.map { .init(name: $0) } } else { request.topicNames = names }
                let response = try await client.send(request, version: version)
                #expect(response.responses.map(\.errorCode) == [.none, .unknownTopicOrPartition])
            }
            #expect(try await client.send(MetadataRequest(topics: nil)).topics.isEmpty)
        }
    }

    @Test func aTopicMadeAnewIsEmpty() async throws {
        try await withBroker { client async throws -> Void in
            let first = try await client.create("t")
            _ = try await client.produce("t", try batch(["old"]))
            _ = try await client.send(DeleteTopicsRequest(topics: [.init(name: "t")]))
            #expect(try await client.produce("t", try batch(["x"])).errorCode == .unknownTopicOrPartition)
            let second = try await client.create("t")
            #expect(first != second)
            #expect(try await client.fetch("t", from: 0).highWatermark == 0)
        }
    }

    @Test func addsPartitionsThatCanBeUsed() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            for version in Int16(0)...3 {
                let request = CreatePartitionsRequest(topics: [.init(name: "t", count: Int32(version) + 2)])
                #expect(try await client.send(request, version: version).results[0].errorCode == .none)
            }
            #expect(try await client.produce("t", partition: 4, try batch(["x"])).errorCode == .none)
        }
    }

    @Test func describesTopicsPageByPage() async throws {
        try await withBroker { client async throws -> Void in
            for name in ["a", "b", "c"] { try await client.create(name, partitions: 3) }
            var request = DescribeTopicPartitionsRequest(responsePartitionLimit: 4)
            var seen: [String] = []
            var pages = 0
            repeat {
                let page = try await client.send(request)
                for topic in page.topics {
                    seen += topic.partitions.map { "\(topic.name ?? "")-\($0.partitionIndex)" }
                }
                request.cursor = page.nextCursor.map {
                    .init(topicName: $0.topicName, partitionIndex: $0.partitionIndex)
                }
                pages += 1
            } while request.cursor != nil && pages < 10
            #expect(seen == ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2", "c-0", "c-1", "c-2"])
            #expect(pages == 3)
            let named = try await client.send(
                DescribeTopicPartitionsRequest(topics: [.init(name: "b"), .init(name: "x")])
            )
            #expect(named.topics.map(\.errorCode) == [.none, .unknownTopicOrPartition])
            #expect(named.topics[0].partitions[0].eligibleLeaderReplicas == [])
        }
    }

    @Test func describesTheCluster() async throws {
        try await withBroker { client async throws -> Void in
            for version in Int16(0)...1 {
                let response = try await client.send(
                    DescribeClusterRequest(includeClusterAuthorizedOperations: true),
                    version: version
                )
                #expect(response.brokers.map(\.brokerId) == [1])
                #expect(response.clusterId.count == 22)
                #expect(response.clusterAuthorizedOperations == 8096)
            }
            let controllers = try await client.send(DescribeClusterRequest(endpointType: 2), version: 1)
            #expect(controllers.errorCode == .mismatchedEndpointType)
            try await client.create("t")
            _ = try await client.produce("t", try batch(["abc"]))
            for version in Int16(1)...4 {
                let directories = try await client.send(DescribeLogDirsRequest(), version: version).results
                let partition = try #require(directories[0].topics[0].partitions.first)
                #expect(partition.partitionSize > 60)
                if version == 4 { #expect(directories[0].usableBytes > 0) }
            }
            let moves = try await client.send(ListPartitionReassignmentsRequest())
            #expect(moves.errorCode == .none && moves.topics.isEmpty)
            let elections = try await client.send(
                ElectLeadersRequest(topicPartitions: [.init(topic: "t", partitions: [0])])
            )
            #expect(elections.replicaElectionResults[0].partitionResult[0].errorCode == .electionNotNeeded)
        }
    }
}
