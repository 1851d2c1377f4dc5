import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@Suite struct LogDirectoryTests {
    private let first = TopicPartition(topic: "orders", partition: 0)
    private let second = TopicPartition(topic: "my-topic", partition: 3)

    private func open(_ fileSystem: FaultyFileSystem) throws -> LogDirectory {
        try LogDirectory.open(path: "/data", nodeID: 1, clusterID: nil, fileSystem: fileSystem)
    }

    @Test func cleanStopAndStart() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        #expect(!directory.wasClosedCleanly)
        let id = KafkaUUID.random()
        let log = try directory.openLog(first, topicID: id, config: LogConfig(), nowMs: baseTime)
        for _ in 0..<5 { try log.appendClient(try makeBatch(count: 2)) }
        _ = try directory.openLog(second, config: LogConfig(), nowMs: baseTime)
        _ = try log.deleteRecords(before: 4)
        #expect(directory.close(highWatermarks: [first: 9], brokerEpoch: 12).isEmpty)
        #expect(fileSystem.content(of: "/data/log-start-offset-checkpoint") == Array("0\n1\norders 0 4\n".utf8))
        #expect(
            fileSystem.content(of: "/data/recovery-point-offset-checkpoint")
                == Array("0\n2\nmy-topic 3 0\norders 0 10\n".utf8)
        )
        #expect(fileSystem.content(of: "/data/replication-offset-checkpoint") == Array("0\n1\norders 0 9\n".utf8))
        #expect(
            fileSystem.content(of: "/data/.kafka_cleanshutdown") == Array("{\"version\":0,\"brokerEpoch\":12}".utf8)
        )

        let again = try open(fileSystem)
        #expect(again.wasClosedCleanly)
        #expect(again.previousBrokerEpoch == 12)
        #expect(again.identity == directory.identity)
        #expect(fileSystem.content(of: "/data/.kafka_cleanshutdown") == nil)
        #expect(try again.openAll(config: { _ in LogConfig() }, nowMs: baseTime).isEmpty)
        let reopened = try #require(again.log(for: first))
        #expect(reopened.topicID == id)
        #expect([reopened.logStartOffset, reopened.logEndOffset] == [4, 10])
        #expect(reopened.recoveryReport.isEmpty)
        #expect(again.checkpointedHighWatermark(for: first) == 9)
        #expect(again.log(for: second)?.logEndOffset == 0)
    }

    @Test func killAndStart() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let log = try directory.openLog(first, config: LogConfig(), nowMs: baseTime)
        for _ in 0..<5 { try log.appendClient(try makeBatch()) }
        try log.flush()
        try directory.writeCheckpoints(highWatermarks: [first: 5])
        for _ in 0..<5 { try log.appendClient(try makeBatch()) }
        let again = try open(fileSystem.afterKill())
        #expect(!again.wasClosedCleanly)
        #expect(try again.openAll(config: { _ in LogConfig() }, nowMs: baseTime).isEmpty)
        let reopened = try #require(again.log(for: first))
        #expect([reopened.logEndOffset, reopened.recoveryPoint] == [10, 5])
        #expect(again.checkpointedHighWatermark(for: first) == 5)
    }

    @Test func aSecondOwnerIsRefused() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let error = #expect(throws: StorageError.self) { try open(fileSystem) }
        #expect(error?.kind == .locked)
        _ = directory.close()
        _ = try open(fileSystem)
    }

    @Test func aForeignDirectoryIsRefused() throws {
        let fileSystem = FaultyFileSystem()
        let identity = try LogDirectory.open(path: "/data", nodeID: 4, clusterID: "abc", fileSystem: fileSystem)
            .identity
        #expect([identity.clusterID, "\(identity.nodeID)"] == ["abc", "4"])
        for (node, cluster) in [(Int32(5), "abc"), (4, "abd")] {
            let error = #expect(throws: StorageError.self) {
                try LogDirectory.open(path: "/data", nodeID: node, clusterID: cluster, fileSystem: fileSystem)
            }
            #expect(error?.kind == .wrongIdentity)
        }
        #expect(
            try LogDirectory.open(path: "/data", nodeID: nil, clusterID: nil, fileSystem: fileSystem).identity
                == identity
        )
    }

    @Test func deletingAPartition() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let log = try directory.openLog(first, config: LogConfig(), nowMs: baseTime)
        try log.appendClient(try makeBatch())
        let slice = try #require(try log.read(from: 0, maxBytes: 100, before: .max, atLeastOneBatch: true))
        #expect(try directory.deleteLog(first, nowMs: baseTime))
        #expect(try !directory.deleteLog(first, nowMs: baseTime))
        #expect(throws: AppendError.self) { try log.appendClient(try makeBatch()) }
        #expect(directory.log(for: first) == nil)
        let made = try directory.openLog(first, config: LogConfig(), nowMs: baseTime)
        #expect(made.logEndOffset == 0)
        #expect(directory.upkeep(nowMs: baseTime + 59_999).isEmpty)
        #expect(fileSystem.paths.contains { $0.contains("-delete/") })
        #expect(directory.upkeep(nowMs: baseTime + 60_000).isEmpty)
        #expect(!fileSystem.paths.contains { $0.contains("-delete/") })
        #expect(try slice.data.bytes().readableBytes == slice.data.count)
        // After a crash the next run removes the folder.
        #expect(try directory.deleteLog(first, nowMs: baseTime))
        let killed = fileSystem.afterKill()
        let again = try open(killed)
        _ = try again.openAll(config: { _ in LogConfig() }, nowMs: baseTime)
        #expect(again.logs.isEmpty)
        #expect(again.upkeep(nowMs: baseTime + 60_000).isEmpty)
        #expect(!killed.paths.contains { $0.contains("-delete/") })
    }

    @Test func namesOfDeletedFoldersStayWithinTheLimit() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let long = TopicPartition(topic: String(repeating: "x", count: 249), partition: 12)
        _ = try directory.openLog(long, config: LogConfig(), nowMs: baseTime)
        #expect(try directory.deleteLog(long, nowMs: baseTime))
        let folders = Set(fileSystem.paths.compactMap { $0.split(separator: "/").dropFirst().first })
        #expect(folders.contains { $0.utf8.count == 255 && $0.hasSuffix("-delete") })
    }

    @Test func aTopicIDLostInAPowerCutIsWrittenAgain() throws {
        for rubbish in [[], [UInt8](repeating: 0, count: 43)] {
            let fileSystem = FaultyFileSystem()
            _ = try open(fileSystem).openLog(first, topicID: .one, config: LogConfig(), nowMs: baseTime)
            let killed = fileSystem.afterKill()
            killed.setContent(of: "/data/orders-0/partition.metadata", rubbish)
            let again = try open(killed)
            #expect(try again.openLog(first, topicID: .one, config: LogConfig(), nowMs: baseTime).topicID == .one)
            #expect(
                killed.content(of: "/data/orders-0/partition.metadata")
                    == Array("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ".utf8)
            )
        }
    }

    @Test func oneBadPartitionDoesNotKeepTheOthersClosed() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        for partition in 0..<20 as Range<Int32> {
            _ = try directory.openLog(
                TopicPartition(topic: "t", partition: partition),
                topicID: .one,
                config: LogConfig(),
                nowMs: 0
            )
        }
        let killed = fileSystem.afterKill()
        killed.setContent(of: "/data/t-7/partition.metadata", Array("rubbish".utf8))
        let again = try open(killed)
        let failures = try again.openAll(config: { _ in LogConfig() }, nowMs: 0)
        #expect(failures.map(\.partition) == [TopicPartition(topic: "t", partition: 7)])
        #expect(failures.first?.error.kind == .corrupt)
        #expect(again.logs.count == 19)
    }

    @Test func truncationLowersTheCheckpointsFirst() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let log = try directory.openLog(first, config: LogConfig(), nowMs: baseTime)
        for _ in 0..<10 { try log.appendClient(try makeBatch()) }
        try log.flush()
        try directory.writeCheckpoints(highWatermarks: [first: 10])
        #expect(try directory.truncate(log, to: 6, nowMs: baseTime))
        #expect(fileSystem.content(of: "/data/recovery-point-offset-checkpoint") == Array("0\n1\norders 0 6\n".utf8))
        #expect(fileSystem.content(of: "/data/replication-offset-checkpoint") == Array("0\n1\norders 0 6\n".utf8))
    }

    @Test func quorumStateIsReplacedWhole() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let metadata = TopicPartition(topic: "__cluster_metadata", partition: 0)
        _ = try directory.openLog(metadata, config: LogConfig(), nowMs: baseTime)
        #expect(try directory.readQuorumState(of: metadata) == nil)
        let state = QuorumState(leaderID: 1, leaderEpoch: 3, currentVoters: [1])
        try directory.writeQuorumState(state, of: metadata)
        #expect(try directory.readQuorumState(of: metadata) == state)
    }

    @Test func damagedCheckpointsAreNoReasonNotToStart() throws {
        let fileSystem = FaultyFileSystem()
        let directory = try open(fileSystem)
        let log = try directory.openLog(first, config: LogConfig(), nowMs: baseTime)
        try log.appendClient(try makeBatch())
        let killed = fileSystem.afterKill()
        for name in ["recovery-point", "log-start", "replication"] {
            killed.setContent(of: "/data/\(name)-offset-checkpoint", Array("rubbish\n".utf8))
        }
        let again = try open(killed)
        #expect(try again.openAll(config: { _ in LogConfig() }, nowMs: baseTime).isEmpty)
        #expect(again.log(for: first)?.logEndOffset == 1)
    }
}
