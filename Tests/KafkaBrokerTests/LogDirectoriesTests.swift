import KafkaMessages
import KafkaStorage
import KafkaTestSupport
import KafkaTransport
import KafkaWire
import NIOCore
import Synchronization
import Testing

@testable import KafkaBroker

/// Several `log.dirs`: where partitions go, and what happens when a directory fails.
@Suite(.timeLimit(.minutes(5))) struct LogDirectoriesTests {
    private static let directories = "/one,/two,/three"
    private static let inputOutput: CInt = 5

    private func folders(_ disk: FaultyFileSystem) -> [String: [String]] {
        var found: [String: Set<String>] = [:]
        for path in disk.paths {
            let parts = path.split(separator: "/").map(String.init)
            if parts.count > 2, !parts[1].hasPrefix("__"), !parts[1].hasSuffix("-delete") {
                found[parts[0], default: []].insert(parts[1])
            }
        }
        return found.mapValues { $0.sorted() }
    }

    private func describe(_ client: TestClient) async throws -> [String: DescribeLogDirsResponse.DescribeLogDirsResult]
    {
        let results = try await client.send(DescribeLogDirsRequest(topics: nil)).results
        return Dictionary(uniqueKeysWithValues: results.map { ($0.logDir, $0) })
    }

    private func metadata(_ client: TestClient) async throws -> [MetadataResponse.MetadataResponsePartition] {
        try await client.send(MetadataRequest(topics: [.init(name: "t")])).topics[0].partitions
            .sorted { $0.partitionIndex < $1.partitionIndex }
    }

    @Test func newPartitionsGoWhereFewestAre() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            try await client.create("t", partitions: 4)
            try await client.create("u", partitions: 3)
            #expect(folders(disk).mapValues(\.count) == ["one": 3, "two": 2, "three": 2])
            for partition in 0..<4 as Range<Int32> {
                #expect(try await client.produce("t", partition: partition, try batch(["a"])).errorCode == .none)
            }
            let described = try await describe(client)
            #expect(
                described.mapValues { $0.topics.flatMap(\.partitions).count } == ["/one": 3, "/two": 2, "/three": 2]
            )
            #expect(described.values.allSatisfy { $0.errorCode == .none })
        }
        let identities = ["/one", "/two", "/three"].compactMap { disk.content(of: "\($0)/meta.properties") }
        let facts = try identities.map { try MetaProperties.decode($0, path: "meta.properties") }
        #expect(Set(facts.map(\.clusterID)).count == 1)
        #expect(Set(facts.compactMap(\.directoryID)).count == 3)
        // Everything is found where it was; each directory was closed cleanly and has its own checkpoints.
        let before = folders(disk)
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            for partition in 0..<4 as Range<Int32> {
                #expect(try await client.fetch("t", partition, from: 0).highWatermark == 1)
            }
        }
        #expect(folders(disk) == before)
    }

    @Test func aFailingDirectoryGoesAndTheOthersStay() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            try await client.create("t", partitions: 3)
            for partition in 0..<3 as Range<Int32> {
                #expect(try await client.produce("t", partition: partition, try batch(["a"])).errorCode == .none)
            }
            disk.setRule { _, path in path.hasPrefix("/two/") ? Self.inputOutput : nil }
            #expect(try await client.produce("t", partition: 1, try batch(["b"])).errorCode == .kafkaStorageError)
            disk.setRule(nil)
            // A device that has failed once is not trusted again.
            #expect(try await client.produce("t", partition: 1, try batch(["b"])).errorCode == .kafkaStorageError)
            while try await metadata(client)[1].leaderId != -1 { try await Task.sleep(for: .milliseconds(1)) }
            let partitions = try await metadata(client)
            #expect(partitions.map(\.leaderId) == [1, -1, 1])
            #expect(partitions.map(\.errorCode) == [.none, .leaderNotAvailable, .none])
            #expect(partitions.map(\.offlineReplicas) == [[], [1], []])
            #expect(try await client.fetch("t", 1, from: 0).errorCode == .kafkaStorageError)
            let described = try await describe(client)
            #expect(described["/two"]?.errorCode == .kafkaStorageError)
            #expect(described["/two"]?.topics.isEmpty == true)
            #expect(described["/one"]?.errorCode == ErrorCode.none)
            #expect(try await client.produce("t", partition: 0, try batch(["b"])).baseOffset == 1)
            #expect(try await client.produce("t", partition: 2, try batch(["b"])).baseOffset == 1)
            try await client.create("u", partitions: 4)
            #expect(folders(disk)["two"] == ["t-1"])
        }
        // Repaired, it is served again from the next start on.
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            #expect(try await metadata(client).map(\.leaderId) == [1, 1, 1])
            #expect(try await client.produce("t", partition: 1, try batch(["b"])).baseOffset == 1)
        }
    }

    @Test func startsWithADirectoryThatCannotBeRead() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            try await client.create("t", partitions: 3)
            _ = try await client.produce("t", partition: 1, try batch(["kept"]))
        }
        disk.setRule { _, path in path.hasPrefix("/two") ? 13 : nil }
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            #expect(try await describe(client)["/two"]?.errorCode == .kafkaStorageError)
            #expect(try await metadata(client).map(\.leaderId) == [1, -1, 1])
            #expect(try await client.produce("t", partition: 1, try batch(["no"])).errorCode == .kafkaStorageError)
            #expect(try await client.produce("t", partition: 0, try batch(["a"])).errorCode == .none)
        }
        disk.setRule(nil)
        // It was not made anew elsewhere meanwhile.
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            #expect(try values(try await client.fetch("t", 1, from: 0)).map(\.value) == ["kept"])
        }
    }

    @Test func withoutTheMetadataTheBrokerStops() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        let configuration = try BrokerConfiguration(
            properties: ["listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": Self.directories]
        )
        let broker = Broker(configuration: configuration, logger: quietLogger, environment: environment)
        let address = try await broker.start()
        let run = Task { try await broker.run() }
        let client = TestClient(address: address, connection: try await connect(address))
        try await client.create("t", partitions: 3)
        disk.setRule { _, path in path.hasPrefix("/one/") ? Self.inputOutput : nil }
        _ = try? await client.produce("t", partition: 0, try batch(["a"]))
        let failure = await #expect(throws: BrokerError.self) { try await run.value }
        #expect(failure?.code == .storage)
        #expect(failure?.description.contains("the log directory of the metadata, /one, failed") == true)
        await client.connection.closeAndWait()
        // And does not start.
        let again = Broker(configuration: configuration, logger: quietLogger, environment: environment)
        await #expect(throws: BrokerError.self) { try await again.start() }
    }

    @Test func directoriesThatDoNotBelongTogetherAreRefused() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        func start(_ directories: String) async throws {
            try await withBroker(directory: directories, environment: environment) { client async throws -> Void in
                try await client.create(directories.contains("four") ? "v" : "t")
            }
        }
        try await start("/one")
        try await start("/four")
        let other = await #expect(throws: BrokerError.self) { try await start("/one,/four") }
        #expect(other?.code == .wrongDirectory && other?.description.contains("/four") == true)
        disk.setContent(of: "/five/meta.properties", disk.content(of: "/one/meta.properties") ?? [])
        try disk.makeDirectory("/five")
        let copy = await #expect(throws: BrokerError.self) { try await start("/one,/five") }
        #expect(copy?.code == .wrongDirectory && copy?.description.contains("copy") == true)
    }

    @Test func aFailedFsyncTakesItsDirectoryOffline() async throws {
        let disk = FaultyFileSystem()
        let properties = ["log.flush.interval.messages": "1"]
        try await withBroker(properties, directory: Self.directories, environment: BrokerEnvironment(fileSystem: disk))
        {
            client async throws -> Void in
            try await client.create("t", partitions: 3)
            disk.setRule { operation, path in
                operation == .synchronize && path.hasPrefix("/two/") ? Self.inputOutput : nil
            }
            #expect(try await client.produce("t", partition: 1, try batch(["b"])).errorCode != .none)
            #expect(try await client.produce("t", partition: 1, try batch(["b"])).errorCode == .kafkaStorageError)
            #expect(try await client.produce("t", partition: 2, try batch(["b"])).errorCode == .none)
        }
    }

    @Test func aReplacedDiskAndAMovedFolder() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            try await client.create("t", partitions: 3)
            for partition in 0..<3 as Range<Int32> {
                _ = try await client.produce("t", partition: partition, try batch(["kept"]))
            }
        }
        // The second disk is replaced by an empty one, and somebody moves a partition from the third to the first.
        for path in disk.paths where path.hasPrefix("/two/") { try disk.removeFile(path) }
        try disk.rename("/three/t-2", to: "/one/t-2")
        for _ in 0..<2 {
            try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
                #expect(try await metadata(client).map(\.leaderId) == [1, 1, 1])
                #expect(try await client.fetch("t", 0, from: 0).highWatermark == 1)
                #expect(try await client.fetch("t", 1, from: 0).highWatermark == 0)
                #expect(try values(try await client.fetch("t", 2, from: 0)).map(\.value) == ["kept"])
                #expect(try await client.fetch("t", 1, from: 0).errorCode == .none)
            }
        }
        #expect(folders(disk)["one"] == ["t-0", "t-2"])
    }

    @Test func aPartitionInTwoDirectories() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            try await client.create("t", partitions: 2)
        }
        for path in disk.paths where path.hasPrefix("/two/t-1/") {
            try disk.makeDirectory("/three/t-1")
            disk.setContent(of: "/three" + path.dropFirst(4), disk.content(of: path) ?? [])
        }
        let refused = await #expect(throws: BrokerError.self) {
            try await withBroker(directory: Self.directories, environment: environment) { _ in }
        }
        #expect(refused?.code == .storage)
        #expect(refused?.description.contains("/three/t-1: the partition is in /two, too") == true, "\(refused as Any)")
        // What a topic of that name has left behind is no such riddle.
        disk.setContent(
            of: "/three/t-1/partition.metadata",
            Array("version: 0\ntopic_id: \(KafkaUUID.random())".utf8)
        )
        try await withBroker(directory: Self.directories, environment: environment) { client async throws -> Void in
            #expect(try await metadata(client).map(\.leaderId) == [1, 1])
        }
        #expect(folders(disk).mapValues(\.count) == ["one": 1, "two": 1])
    }

    @Test func theMetadataAreFoundWhereTheyAre() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        func start(_ directories: String, metadata: String? = nil) async throws {
            let properties = metadata.map { ["metadata.log.dir": $0] } ?? [:]
            try await withBroker(properties, directory: directories, environment: environment) {
                client async throws -> Void in
                _ = try await client.send(DescribeLogDirsRequest(topics: nil))
                let names = try await client.send(MetadataRequest(topics: nil)).topics.map(\.name)
                if names.isEmpty { try await client.create("t", partitions: 2) }
                #expect(names.isEmpty || names == ["t"])
            }
        }
        try await start("/one,/two")
        // An order does not matter, neither does a new directory in front.
        try await start("/two,/one")
        try await start("/new,/one,/two")
        #expect(!disk.paths.contains { $0.hasPrefix("/new/__") })
        for (directories, metadata) in [("/one,/two", "/two"), ("/empty,/two", nil)] as [(String, String?)] {
            let refused = await #expect(throws: BrokerError.self) { try await start(directories, metadata: metadata) }
            #expect(refused?.code == .wrongDirectory)
        }
        #expect(!disk.paths.contains { $0.hasPrefix("/empty/") })
        // On a disk of their own.
        try await start("/x,/y", metadata: "/meta")
        #expect(disk.paths.contains { $0.hasPrefix("/meta/__cluster_metadata-0/") })
        #expect(folders(disk)["x"] == ["t-0"] && folders(disk)["y"] == ["t-1"] && folders(disk)["meta"] == nil)
    }

    @Test func aDirectoryWithoutAnIdGetsOne() async throws {
        let disk = FaultyFileSystem()
        let old = MetaProperties(clusterID: "c", nodeID: 1, directoryID: nil)
        disk.setContent(of: "/one/meta.properties", old.encode())
        try disk.makeDirectory("/one")
        try await withBroker(directory: "/one", environment: BrokerEnvironment(fileSystem: disk)) { _ in }
        let now = try MetaProperties.decode(disk.content(of: "/one/meta.properties") ?? [], path: "/one")
        #expect(now.clusterID == "c" && now.nodeID == 1 && now.directoryID != nil)
    }

    @Test func coordinatorsMoveOnWhenTheirDirectoryFails() async throws {
        let disk = FaultyFileSystem()
        let environment = BrokerEnvironment(fileSystem: disk)
        try await withBroker(directory: "/one,/two", environment: environment) { client async throws -> Void in
            func codes() async throws -> [ErrorCode] {
                var codes: [ErrorCode] = []
                for group in 0..<8 {
                    let offsets = OffsetCommitRequest(
                        groupId: "g\(group)",
                        topics: [.init(name: "t", partitions: [.init(partitionIndex: 0, committedOffset: 1)])]
                    )
                    codes.append(try await client.send(offsets, version: 8).topics[0].partitions[0].errorCode)
                }
                return codes
            }
            try await client.create("t")
            _ = try await client.send(FindCoordinatorRequest(keyType: 0, coordinatorKeys: ["g0"]))
            while try await Set(codes()) != [.none] { try await Task.sleep(for: .milliseconds(1)) }
            disk.setRule { _, path in path.hasPrefix("/two/") ? Self.inputOutput : nil }
            // Those on the other directory go on; nobody waits in vain.
            let expected: Set<ErrorCode> = [.none, .notCoordinator, .coordinatorNotAvailable]
            var found = try await Set(codes())
            while found != [.none, .notCoordinator], found != [.none, .coordinatorNotAvailable] {
                #expect(found.isSubset(of: expected.union([.kafkaStorageError, .unknownServerError])), "\(found)")
                found = try await Set(codes())
            }
        }
    }
}
