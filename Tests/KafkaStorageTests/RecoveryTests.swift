import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// Damage of every kind is met by keeping a prefix of the truth.
@Suite struct RecoveryTests {
    private static let logPath = "\(testDirectory)/00000000000000000000.log"

    private func config() -> LogConfig {
        var config = LogConfig()
        config.indexIntervalBytes = 100
        return config
    }

    /// A cleanly closed log of a few batches, one segment.
    private func closedLog() throws -> (fileSystem: FaultyFileSystem, batches: [ByteBuffer]) {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: config())
        for index in 0..<8 {
            try log.appendClient(
                try makeBatch(
                    count: 2,
                    timestampMs: baseTime + Int64(index),
                    fill: UInt8(index),
                    producerId: 5,
                    epoch: 0,
                    sequence: Int32(index * 2)
                ),
                leaderEpoch: Int32(index / 3)
            )
        }
        let batches = try log.allBatches().map(\.buffer)
        try log.close(clean: true)
        return (fileSystem, batches)
    }

    /// Opens after an unclean stop; what is left must be the first so many batches, and the log must go on working.
    private func recoverPrefix(
        _ fileSystem: FaultyFileSystem,
        of truth: [ByteBuffer],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Int {
        let log = try openLog(fileSystem, config: config())
        let found = try log.allBatches().map(\.buffer)
        #expect(found == Array(truth.prefix(found.count)), sourceLocation: sourceLocation)
        #expect(log.logEndOffset == Int64(found.count * 2), sourceLocation: sourceLocation)
        #expect(log.latestEpoch == (found.isEmpty ? nil : Int32((found.count - 1) / 3)), sourceLocation: sourceLocation)
        let next = try log.appendClient(
            try makeBatch(count: 2, producerId: 5, epoch: 0, sequence: Int32(found.count * 2)),
            leaderEpoch: 9
        )
        #expect(next.baseOffset == Int64(found.count * 2), sourceLocation: sourceLocation)
        #expect(try log.allBatches().count == found.count + 1, sourceLocation: sourceLocation)
        return found.count
    }

    /// A snapshot, taken where a segment begins, has one batch of each producer; five must be recognised all the same.
    @Test(arguments: [false, true])
    func theLastFiveBatchesAreRecognisedBehindASnapshot(isClean: Bool) throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: config())
        let batches = try (0..<6).map { index in
            try makeBatch(count: 2, producerId: 5, epoch: 0, sequence: Int32(index * 2))
        }
        for batch in batches.prefix(5) { try log.appendClient(batch) }
        try log.appendClient(try makeBatch(count: 1, producerId: 6, epoch: 0, sequence: 0))
        try log.roll(nowMs: baseTime)
        try log.appendClient(batches[5])
        try log.flush(upTo: .max)
        let recoveryPoint = log.recoveryPoint
        if isClean { try log.close(clean: true) }

        let opened = try openLog(
            isClean ? fileSystem : fileSystem.afterKill(),
            config: config(),
            clean: isClean,
            recoveryPoint: recoveryPoint
        )
        for (index, batch) in batches.enumerated().dropFirst() {
            let again = try opened.appendClient(batch)
            #expect(again.isDuplicate && again.baseOffset == (index < 5 ? Int64(index * 2) : 11), "batch \(index)")
        }
        #expect(try opened.appendClient(try makeBatch(count: 1, producerId: 6, epoch: 0, sequence: 0)).isDuplicate)
    }

    @Test func everyTruncationLength() throws {
        let (fileSystem, batches) = try closedLog()
        let content = try #require(fileSystem.content(of: Self.logPath))
        for length in 0...content.count {
            let damaged = fileSystem.afterKill()
            damaged.setContent(of: Self.logPath, Array(content.prefix(length)))
            var whole = 0
            var end = 0
            for batch in batches {
                end += batch.readableBytes
                if end <= length { whole += 1 }
            }
            #expect(try recoverPrefix(damaged, of: batches) == whole, "cut to \(length) bytes")
        }
    }

    @Test func everySingleByteCorruption() throws {
        let (fileSystem, batches) = try closedLog()
        let content = try #require(fileSystem.content(of: Self.logPath))
        for position in content.indices {
            let damaged = fileSystem.afterKill()
            var bytes = content
            bytes[position] ^= 0x01 << UInt8(position % 8)
            damaged.setContent(of: Self.logPath, bytes)
            let log = try openLog(damaged, config: config())
            let found = try log.allBatches().map(\.buffer)
            // Offset and leader epoch lie outside of the checksum: a flip there may go unnoticed, but nothing after it
            // may be lost for it unless offsets contradict each other.
            let hit = position / batches[0].readableBytes
            #expect(found.count >= hit, "byte \(position)")
            #expect(Array(found.prefix(hit)) == Array(batches.prefix(hit)), "byte \(position)")
            if found.count < batches.count {
                let cut = try #require(log.recoveryReport.cuts.first)
                #expect(cut.path == Self.logPath)
                #expect(cut.removedBytes == Int64(content.count) - cut.position)
            }
            let inField = position % batches[0].readableBytes
            if inField >= 16 { #expect(found.count == hit, "byte \(position)") }
        }
    }

    @Test func indexFilesDamagedOrMissing() throws {
        let (fileSystem, batches) = try closedLog()
        for suffix in ["index", "timeindex"] {
            let path = "\(testDirectory)/00000000000000000000.\(suffix)"
            let content = try #require(fileSystem.content(of: path))
            #expect(content.count > 12)
            for length in 0...content.count {
                for clean in [false, true] {
                    let damaged = fileSystem.afterKill()
                    damaged.setContent(of: path, Array(content.prefix(length)))
                    let log = try openLog(damaged, config: config(), clean: clean)
                    #expect(try log.allBatches().map(\.buffer) == batches)
                    #expect(try log.offset(forTimestamp: baseTime + 5, before: .max)?.offset == 10)
                }
            }
            let missing = fileSystem.afterKill()
            try missing.removeFile(path)
            let log = try openLog(missing, config: config(), clean: true)
            #expect(try log.allBatches().map(\.buffer) == batches)
            try log.close(clean: true)
            #expect(missing.content(of: path) == content)
        }
        // As Kafka leaves a preallocated index after a crash.
        let padded = fileSystem.afterKill()
        let path = "\(testDirectory)/00000000000000000000.index"
        padded.setContent(of: path, (fileSystem.content(of: path) ?? []) + [UInt8](repeating: 0, count: 800))
        #expect(try openLog(padded, config: config(), clean: true).allBatches().map(\.buffer) == batches)
    }

    @Test func snapshotsAndEpochsDamagedOrMissing() throws {
        let (fileSystem, batches) = try closedLog()
        for name in ["00000000000000000016.snapshot", "leader-epoch-checkpoint"] {
            let path = "\(testDirectory)/\(name)"
            let content = try #require(fileSystem.content(of: path))
            for length in 0..<content.count {
                let damaged = fileSystem.afterKill()
                damaged.setContent(of: path, Array(content.prefix(length)))
                #expect(try recoverPrefix(damaged, of: batches) == batches.count)
            }
            let missing = fileSystem.afterKill()
            try missing.removeFile(path)
            #expect(try recoverPrefix(missing, of: batches) == batches.count)
        }
    }

    @Test func aCutRemovesLaterSegments() throws {
        let fileSystem = FaultyFileSystem()
        var config = config()
        config.segmentBytes = 300
        let log = try openLog(fileSystem, config: config)
        for _ in 0..<12 { try log.appendClient(try makeBatch(valueSize: 60)) }
        #expect(log.segmentCount == 6)
        let second = "\(testDirectory)/00000000000000000002.log"
        let content = try #require(fileSystem.content(of: second))
        let damaged = fileSystem.afterKill()
        damaged.setContent(of: second, Array(content.dropLast(3)))
        let recovered = try openLog(damaged, config: config)
        #expect(try recovered.allOffsets() == [0, 1, 2])
        #expect(recovered.recoveryReport.removedSegments.sorted() == [4, 6, 8, 10])
        #expect(!damaged.paths.contains { $0.contains("0000000000000004") })
        // Beyond the recovery point only: what was flushed is not read again.
        let trusted = fileSystem.afterKill()
        let partly = try openLog(trusted, config: config, recoveryPoint: 9)
        #expect(partly.recoveryReport.recoveredSegments == [8, 10])
        #expect(try partly.allOffsets() == Array(0..<12))
    }

    @Test func aGapBetweenSegmentsIsALoss() throws {
        let fileSystem = FaultyFileSystem()
        var config = config()
        config.segmentBytes = 300
        let log = try openLog(fileSystem, config: config)
        for _ in 0..<6 { try log.appendClient(try makeBatch(valueSize: 60)) }
        let second = "\(testDirectory)/00000000000000000002.log"
        fileSystem.setContent(of: second, [])
        let recovered = try openLog(fileSystem.afterKill(), config: config)
        #expect(try recovered.allOffsets() == [0, 1])
        #expect(recovered.recoveryReport.removedSegments == [4])
        config.isCompacted = true
        #expect(try openLog(fileSystem.afterKill(), config: config).allOffsets() == [0, 1, 4, 5])
    }

    @Test func cleanStartReadsNoBatches() throws {
        let (fileSystem, _) = try closedLog()
        let again = fileSystem.afterKill()
        let log = try openLog(again, config: config(), clean: true)
        #expect(log.recoveryReport.isEmpty)
        #expect(log.logEndOffset == 16)
        #expect(again.count(of: .write) == 0)
    }

    @Test func leftoverFilesAreTidied() throws {
        let (fileSystem, batches) = try closedLog()
        let base = "\(testDirectory)/00000000000000000000"
        // An interrupted deletion and an unfinished cleaning.
        fileSystem.setContent(of: "\(testDirectory)/00000000000000000099.log.deleted", [1])
        fileSystem.setContent(of: "\(base).log.cleaned", [1])
        fileSystem.setContent(of: "\(base).index.cleaned", [1])
        fileSystem.setContent(of: "\(testDirectory)/00000000000000000077.index", [])
        let tidy = fileSystem.afterKill()
        #expect(try openLog(tidy, config: config()).allBatches().map(\.buffer) == batches)
        #expect(
            !tidy.paths.contains { $0.hasSuffix(".deleted") || $0.hasSuffix(".cleaned") || $0.contains("77.index") }
        )
        // A finished cleaning takes the place of the segment.
        let swapped = tidy.afterKill()
        var kept = batches[0]
        kept.writeImmutableBuffer(batches[7])
        swapped.setContent(of: "\(base).log.swap", Array(kept.readableBytesView))
        var compacted = config()
        compacted.isCompacted = true
        let log = try openLog(swapped, config: compacted)
        #expect(try log.allBatches().map(\.buffer) == [batches[0], batches[7]])
        #expect(log.logEndOffset == 16)
    }

    @Test func logEndBelowItsStartBeginsAnew() throws {
        let (fileSystem, _) = try closedLog()
        let log = try openLog(fileSystem.afterKill(), config: config(), logStartOffset: 100)
        #expect([log.logStartOffset, log.logEndOffset, log.size] == [100, 100, 0])
        #expect(try log.appendClient(try makeBatch()).baseOffset == 100)
    }
}
