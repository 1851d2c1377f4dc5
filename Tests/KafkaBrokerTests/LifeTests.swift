import Foundation
import KafkaMessages
import KafkaStorage
import KafkaTestSupport
import KafkaTransport
import KafkaWire
import Testing

@testable import KafkaBroker

@Suite struct LifeTests {
    @Test func dataSurviveARestart() async throws {
        try await withTemporaryDirectory { directory in
            let id = try await withBroker(directory: directory) { client in
                let id = try await client.create("t", partitions: 2, configs: ["retention.ms": "-1"])
                _ = try await client.produce("t", partition: 1, try batch(["a", "b"]))
                _ = try await client.send(InitProducerIdRequest())
                return id
            }
            try await withBroker(directory: directory) { client async throws -> Void in
                let topic = try await client.send(MetadataRequest(topics: nil)).topics[0]
                #expect(topic.topicId == id)
                #expect(topic.partitions.map(\.leaderEpoch) == [2, 2], "each start is a new epoch")
                let data = try await client.fetch("t", 1, from: 0)
                #expect(try values(data).map(\.value) == ["a", "b"])
                #expect(data.highWatermark == 2)
                #expect(try await client.produce("t", partition: 1, try batch(["c"])).baseOffset == 2)
                #expect(try await client.send(InitProducerIdRequest()).producerId == 1000, "no id is given out twice")
                let epochs = OffsetForLeaderEpochRequest(
                    replicaId: -1,
                    topics: [
                        .init(
                            topic: "t",
                            partitions: [
                                .init(partition: 1, leaderEpoch: 0), .init(partition: 1, leaderEpoch: 2),
                            ]
                        )
                    ]
                )
                #expect(try await client.send(epochs).topics[0].partitions.map(\.endOffset) == [2, 3])
            }
        }
    }

    @Test func aSecondBrokerOnTheSameDirectoryOrPortIsRefused() async throws {
        try await withTemporaryDirectory { directory in
            try await withBroker(directory: directory) { client async throws -> Void in
                let sameDirectory = Broker(
                    configuration: try BrokerConfiguration(
                        properties: ["listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": directory]
                    ),
                    logger: quietLogger
                )
                let first = await #expect(throws: BrokerError.self) { try await sameDirectory.start() }
                #expect(first?.code == .directoryInUse)
                #expect(first?.description.contains(directory) == true)
                let samePort = Broker(
                    configuration: try BrokerConfiguration(
                        properties: ["listeners": "PLAINTEXT://127.0.0.1:\(client.address.port)"],
                        isEphemeral: true
                    ),
                    logger: quietLogger
                )
                let second = await #expect(throws: BrokerError.self) { try await samePort.start() }
                #expect(second?.code == .listen)
                #expect(second?.description.contains(String(client.address.port)) == true)
                #expect(try await client.send(MetadataRequest(topics: nil)).brokers.count == 1)
            }
        }
    }

    @Test func directoriesThatCannotBeUsedAreNamed() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory + "/file"
            try Data().write(to: URL(fileURLWithPath: file))
            let start = { (properties: [String: String], isEphemeral: Bool) in
                var all = properties
                all["listeners"] = "PLAINTEXT://127.0.0.1:0"
                let configuration = try BrokerConfiguration(properties: all, isEphemeral: isEphemeral)
                let broker = Broker(configuration: configuration, logger: quietLogger)
                _ = try await broker.start()
                await broker.shutdown()
            }
            let notADirectory = await #expect(throws: BrokerError.self) { try await start(["log.dirs": file], false) }
            #expect(notADirectory?.code == .storage)
            let notEmpty = await #expect(throws: BrokerError.self) { try await start(["log.dirs": directory], true) }
            #expect(notEmpty?.description.contains("not empty") == true)
            try await start(["log.dirs": directory + "/data", "node.id": "3"], false)
            let other = await #expect(throws: BrokerError.self) {
                try await start(["log.dirs": directory + "/data", "node.id": "4"], false)
            }
            #expect(other?.code == .wrongDirectory)
        }
    }

    @Test func ephemeralDataAreGoneAfterwards() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/data"
            let configuration = try BrokerConfiguration(
                properties: ["listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": path],
                isEphemeral: true
            )
            let broker = Broker(configuration: configuration, logger: quietLogger)
            try await broker.serve { address in
                let client = TestClient(address: address, connection: try await connect(address))
                try await client.create("t")
                #expect(FileManager.default.fileExists(atPath: path + "/t-0"))
                await client.connection.closeAndWait()
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            let again = await #expect(throws: BrokerError.self) { try await broker.start() }
            #expect(again?.code == .state)
        }
    }

    @Test func aFailedFlushOfTheMetadataLeavesNoHalfDecision() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        // The log takes nothing more, and the broker says so when it stops.
        await #expect(throws: BrokerError.self) {
            try await withBroker(directory: "/data", environment: environment) { client async throws -> Void in
                disk.setRule { operation, path in
                    operation == .synchronize && path.contains("__cluster_metadata") ? 5 : nil
                }
                let topic = CreateTopicsRequest.CreatableTopic(name: "t", numPartitions: 1, replicationFactor: 1)
                let refused = try await client.send(CreateTopicsRequest(topics: [topic])).topics[0]
                #expect(refused.errorCode == .kafkaStorageError)
                disk.setRule(nil)
            }
        }
        try await withBroker(directory: "/data", environment: environment) { client async throws -> Void in
            #expect(try await client.send(MetadataRequest(topics: [.init(name: "t")])).topics[0].errorCode == .none)
            #expect(try await client.produce("t", try batch(["a"])).errorCode == .none)
        }
    }

    @Test func stoppingDoesNotWaitForLongPolls() async throws {
        let start = ContinuousClock.now
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let other = TestClient(address: client.address, connection: try await connect(client.address))
            // Still waiting when the broker stops; then it is answered, or its connection is closed.
            Task { _ = try? await other.fetch("t", from: 0, maxWaitMs: 1_800_000) }
        }
        #expect(ContinuousClock.now - start < .seconds(900), "the poll's own end is half an hour away")
    }

    @Test func aFullDiskIsAnErrorOnceAndOverWhenThereIsRoomAgain() async throws {
        let disk = FaultyFileSystem()
        try await withBroker(directory: "/data", environment: BrokerEnvironment(fileSystem: disk)) {
            client async throws -> Void in
            try await client.create("t")
            _ = try await client.produce("t", try batch(["kept"]))
            disk.setCapacity(disk.usedBytes)
            let big = try batch([String(repeating: "x", count: 100_000)])
            let refused = try await client.produce("t", big)
            #expect(refused.errorCode == .kafkaStorageError)
            let topic = CreateTopicsRequest.CreatableTopic(name: "u", numPartitions: 1, replicationFactor: 1)
            let created = try await client.send(CreateTopicsRequest(topics: [topic])).topics[0]
            #expect(created.errorCode == .kafkaStorageError)
            #expect(try values(try await client.fetch("t", from: 0)).map(\.value) == ["kept"])
            disk.setCapacity(nil)
            #expect(try await client.produce("t", big).baseOffset == 1)
            try await client.create("u")
            #expect(try await client.produce("u", try batch(["a"])).errorCode == .none)
        }
        // What was refused left nothing behind that would trouble a restart.
        try await withBroker(directory: "/data", environment: BrokerEnvironment(fileSystem: disk)) {
            client async throws -> Void in
            let topics = try await client.send(MetadataRequest(topics: nil)).topics
            #expect(topics.map(\.name) == ["t", "u"])
            #expect(try await client.fetch("t", from: 0).highWatermark == 2)
        }
    }

    @Test func leftoversOfADeletedTopicDoNotComeBack() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: "/data", environment: environment) { client async throws -> Void in
            try await client.create("t")
            _ = try await client.produce("t", try batch(["old"]))
            // The folder cannot be renamed: as if the broker had died right after the decision.
            disk.setRule { operation, path in operation == .rename && path.contains("/t-0") ? 13 : nil }
            _ = try await client.send(DeleteTopicsRequest(topics: [.init(name: "t")]))
            disk.setRule(nil)
        }
        try await withBroker(directory: "/data", environment: environment) { client async throws -> Void in
            #expect(try await client.send(MetadataRequest(topics: nil)).topics.isEmpty)
            try await client.create("t")
            #expect(try await client.fetch("t", from: 0).highWatermark == 0)
        }
    }
}
