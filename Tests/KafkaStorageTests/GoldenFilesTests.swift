import KafkaStorage
import KafkaTestSupport
import KafkaWire
import Testing

/// Files that Kafka wrote: we read them, and write the same bytes.
@Suite struct GoldenFilesTests {
    static let folders = ["smallseg-0", "txt-0", "txt-1", "mixed-0", "trimmed-0", "compacted-0"]

    private func config() -> LogConfig {
        var config = LogConfig()
        config.indexIntervalBytes = 512
        config.segmentIndexBytes = 4096
        return config
    }

    private func open(
        _ fileSystem: FaultyFileSystem,
        _ folder: String,
        clean: Bool
    ) throws -> PartitionLog {
        let partition = try #require(TopicPartition(directoryName: folder))
        var config = config()
        config.isCompacted = folder == "compacted-0"
        return try PartitionLog.open(
            directory: "/data/\(folder)",
            topicPartition: partition,
            config: config,
            opening: LogOpening(isClean: clean, logStartOffset: folder == "trimmed-0" ? 4 : 0),
            fileSystem: fileSystem,
            nowMs: baseTime
        )
    }

    @Test(arguments: zip(folders, [60, 7, 5, 54, 10, 40]))
    func opensCleanly(_ folder: String, end: Int64) throws {
        let log = try open(try fixtureFileSystem(folder), folder, clean: true)
        #expect(log.logEndOffset == end)
        #expect(log.recoveryReport.isEmpty)
        #expect(log.logStartOffset == (folder == "trimmed-0" ? 4 : 0))
        for batch in try log.allBatches() { #expect(batch.isChecksumValid) }
    }

    @Test(arguments: folders)
    func rebuildsTheSameIndexes(_ folder: String) throws {
        let fileSystem = try fixtureFileSystem(folder)
        let names = try fixtureNames(folder)
        for name in names where name.hasSuffix("index") { try fileSystem.removeFile("/data/\(folder)/\(name)") }
        let log = try open(fileSystem, folder, clean: false)
        #expect(log.recoveryReport.cuts.isEmpty)
        try log.close(clean: true)
        for name in names where name.hasSuffix("index") {
            #expect(fileSystem.content(of: "/data/\(folder)/\(name)") == (try fixture("\(folder)/\(name)")), "\(name)")
        }
    }

    @Test(arguments: ["smallseg-0", "txt-0", "txt-1", "mixed-0", "trimmed-0"])
    func rebuildsTheSameProducerSnapshot(_ folder: String) throws {
        let fileSystem = try fixtureFileSystem(folder)
        let snapshots = try fixtureNames(folder).filter { $0.hasSuffix(".snapshot") }
        for name in snapshots { try fileSystem.removeFile("/data/\(folder)/\(name)") }
        let log = try open(fileSystem, folder, clean: false)
        try log.close(clean: true)
        let newest = try #require(snapshots.last)
        #expect(fileSystem.content(of: "/data/\(folder)/\(newest)") == (try fixture("\(folder)/\(newest)")))
    }

    @Test func snapshotsSurviveARoundTrip() throws {
        for folder in Self.folders {
            for name in try fixtureNames(folder) where name.hasSuffix(".snapshot") {
                let bytes = try fixture("\(folder)/\(name)")
                #expect(ProducerSnapshot.encode(try ProducerSnapshot.decode(bytes, path: name)) == bytes)
            }
        }
    }

    @Test func appendingTheSameBatchesMakesTheSameFiles() throws {
        let source = try open(try fixtureFileSystem("smallseg-0"), "smallseg-0", clean: true)
        var config = config()
        config.segmentBytes = 2048
        let fileSystem = FaultyFileSystem()
        let log = try PartitionLog.open(
            directory: "/data/smallseg-0",
            topicPartition: source.topicPartition,
            topicID: source.topicID,
            config: config,
            fileSystem: fileSystem,
            nowMs: baseTime
        )
        for batch in try source.allBatches() { try log.appendClient(batch.buffer) }
        try log.close(clean: true)
        for name in try fixtureNames("smallseg-0") {
            let expected = try fixture("smallseg-0/\(name)")
            #expect(fileSystem.content(of: "/data/smallseg-0/\(name)") == expected, "\(name)")
        }
        #expect(fileSystem.paths.count == (try fixtureNames("smallseg-0")).count)
    }

    @Test func readsTransactions() throws {
        let log = try open(try fixtureFileSystem("txt-0"), "txt-0", clean: true)
        #expect(log.firstUnstableOffset(highWatermark: 7) == nil)
        let aborted = try log.abortedTransactions(from: 0, upTo: 7)
        #expect(aborted.map(\.firstOffset) == [4])
        #expect(aborted.map(\.lastOffset) == [6])
        #expect(aborted.map(\.lastStableOffset) == [7])
        #expect(try log.abortedTransactions(from: 7, upTo: 8).isEmpty)
        let open = try open(try fixtureFileSystem("txt-1"), "txt-1", clean: true)
        #expect(open.firstUnstableOffset(highWatermark: 5) == 4)
    }

    @Test func metaProperties() throws {
        let meta = try MetaProperties.decode(try fixture("meta.properties"), path: "meta.properties")
        #expect(meta.clusterID == "3Db5QLSqSZieL3rJBUUegA")
        #expect(meta.nodeID == 1)
        #expect(meta.directoryID?.description == "TbbYVTamGThsZ2sw1iRlGg")
        #expect(try MetaProperties.decode(meta.encode(), path: "") == meta)
    }

    @Test func quorumState() throws {
        let bytes = try fixture("__cluster_metadata-0/quorum-state")
        let state = try QuorumState.decode(bytes, path: "quorum-state")
        #expect(state == QuorumState(leaderID: 1, leaderEpoch: 1, currentVoters: [1]))
        #expect(state.encode() == bytes)
        let newer = QuorumState(leaderID: 2, leaderEpoch: 7, votedID: 2, votedDirectoryID: .one, dataVersion: 1)
        #expect(try QuorumState.decode(newer.encode(), path: "") == newer)
    }
}
