import KafkaCompression
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaStorage

/// Compaction, rule by rule.
@Suite struct CleaningTests {
    private let day: Int64 = 86_400_000

    /// Appends one batch and closes the segment.
    private func append(_ log: PartitionLog, _ records: [KeyedRecord], nowMs: Int64 = baseTime) throws {
        try log.appendClient(try keyedBatch(records, timestampMs: nowMs), nowMs: nowMs)
    }

    /// A log whose segments hold one batch each.
    private func oneBatchASegment(_ fileSystem: FaultyFileSystem = FaultyFileSystem()) throws -> PartitionLog {
        try openLog(fileSystem, config: compactedConfig(segmentBytes: 100))
    }

    /// Cleans with room for all in one segment.
    @discardableResult
    private func join(_ log: PartitionLog, from cleaned: Int64? = nil, nowMs: Int64 = baseTime) throws
        -> CleaningReport?
    {
        let config = log.config
        var roomy = config
        roomy.segmentBytes = 1 << 20
        log.updateConfig(roomy)
        defer { log.updateConfig(config) }
        return try log.cleanAll(from: cleaned, nowMs: nowMs)
    }

    @Test func newestRecordOfEachKeyStays() throws {
        let log = try oneBatchASegment()
        try append(log, [.init("a", "1"), .init("b", "1")])
        try append(log, [.init("a", "2"), .init("c", "1"), .init(nil, "x")])
        try append(log, [.init("b", "2")])
        try append(log, [.init("a", "active")])
        let report = try #require(try log.cleanAll())
        #expect(report.endOffset == 6)
        #expect(report.keys == 3)
        #expect(
            try log.allRecords().map { "\($0.offset)\($0.key ?? "-")\($0.value ?? "-")" } == [
                "2a2", "3c1", "5b2", "6aactive",
            ]
        )
        // The active segment was not part of it: its record of the key counts the next time.
        #expect(log.logEndOffset == 7)
        #expect(log.logStartOffset == 0)
    }

    @Test func smallSegmentsBecomeOne() throws {
        let fileSystem = FaultyFileSystem()
        let log = try oneBatchASegment(fileSystem)
        for index in 0..<20 { try append(log, [.init("k\(index % 3)", "v\(index)")]) }
        #expect(log.segmentCount == 20)
        let report = try #require(try join(log))
        #expect(report.segmentsBefore == 19 && report.segmentsAfter == 1)
        #expect(log.segmentCount == 2)
        #expect(try log.allOffsets() == [16, 17, 18, 19])
        // From an offset inside of the hole readers go on with the next record.
        let slice = try #require(try log.read(from: 3, maxBytes: 1000, before: .max, atLeastOneBatch: true))
        #expect(slice.baseOffset == 16)
        try log.purgeDeletedFiles(nowMs: baseTime + 1000)
        #expect(fileSystem.paths.filter { $0.hasSuffix(".deleted") || $0.hasSuffix(".swap") } == [])
        let reopened = try openLog(fileSystem.afterKill(), config: log.config)
        #expect(try reopened.allOffsets() == [16, 17, 18, 19])
        try log.close(clean: true)
        let clean = try openLog(fileSystem.afterKill(), config: log.config, clean: true)
        #expect(clean.recoveryReport.isEmpty)
        #expect(try clean.allOffsets() == [16, 17, 18, 19])
    }

    @Test func readersKeepTheOldFiles() throws {
        let log = try oneBatchASegment()
        for index in 0..<4 { try append(log, [.init("k", "v\(index)")]) }
        let slice = try #require(try log.read(from: 0, maxBytes: 1000, before: .max, atLeastOneBatch: true))
        try join(log)
        try log.purgeDeletedFiles(nowMs: baseTime + 1000)
        let batch = try RecordBatchView(try slice.data.bytes())
        #expect(batch.header.baseOffset == 0 && batch.isChecksumValid)
        #expect(try log.allOffsets() == [2, 3])
    }

    @Test func tombstonesGoAfterTheirTime() throws {
        let log = try oneBatchASegment()
        try append(log, [.init("a", "1")])
        try append(log, [.init("a", nil), .init("b", "1")])
        try append(log, [.init("end", "")])
        let first = try #require(try log.cleanAll(nowMs: baseTime + 5))
        // The value is gone, the tombstone stays, and its batch knows until when.
        #expect(try log.allRecords().map(\.key) == ["a", "b", "end"])
        let header = try #require(try log.allBatches().first { $0.header.recordCount == 2 }?.header)
        #expect(header.hasDeleteHorizon && header.baseTimestamp == baseTime + 5 + day)
        #expect(try log.allRecords().map(\.timestampMs) == [baseTime, baseTime, baseTime])
        // Before its time another cleaning leaves it, and its horizon, alone.
        try append(log, [.init("end", "")])
        let second = try #require(try log.cleanAll(from: first.endOffset, nowMs: baseTime + day))
        #expect(try log.allRecords().map(\.key) == ["a", "b", "end", "end"])
        try append(log, [.init("end", "")])
        _ = try log.cleanAll(from: second.endOffset, nowMs: baseTime + 5 + day)
        #expect(try log.allRecords().map(\.key) == ["b", "end", "end"])
        let kept = try #require(try log.allBatches().first { $0.header.baseOffset == 1 }?.header)
        #expect(kept.hasDeleteHorizon && kept.recordCount == 1 && kept.maxTimestamp == baseTime)
    }

    @Test func deleteHorizonByteByByte() throws {
        let log = try oneBatchASegment()
        try append(log, [.init("k", nil)])
        try append(log, [.init("end", "")])
        try log.cleanAll(nowMs: baseTime + 1)
        let batch = try #require(try log.allBatches().first)
        let horizon = baseTime + 1 + day
        var expected: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]  // base offset
        // Behind the length come epoch, magic and checksum.
        let fields: [UInt8] = [0] + zigzag(baseTime - horizon) + [0, 2, 0x6b, 1, 0]
        let record = [UInt8(fields.count * 2)] + fields
        expected += bigEndian(Int32(49 + record.count)) + [0, 0, 0, 0, 2] + bigEndian(batch.header.crc)
        expected += [0, 0x40, 0, 0, 0, 0] + bigEndian(horizon) + bigEndian(baseTime)
        expected += [UInt8](repeating: 0xff, count: 14) + [0, 0, 0, 1] + record
        #expect(Array(batch.buffer.readableBytesView) == expected)
        #expect(batch.isChecksumValid)
    }

    @Test func lastBatchOfAProducerStaysEmpty() throws {
        let fileSystem = FaultyFileSystem()
        let log = try oneBatchASegment(fileSystem)
        for index in 0..<3 as Range<Int32> {
            let batch = try keyedBatch(
                [.init("k", "\(index)"), .init("l", "\(index)")],
                producerId: 7,
                epoch: 2,
                sequence: index * 2
            )
            try log.appendClient(batch)
        }
        try append(log, [.init("k", "other"), .init("l", "other")])
        try append(log, [.init("end", "")])
        try join(log)
        let batches = try log.allBatches()
        #expect(batches.map(\.header.baseOffset) == [4, 6, 8])
        let bytes = Array(batches[0].buffer.readableBytesView)
        var expected = bigEndian(Int64(4)) + bigEndian(Int32(49)) + [0, 0, 0, 0, 2] + bigEndian(batches[0].header.crc)
        expected += [0, 0, 0, 0, 0, 1] + bigEndian(Int64(-1)) + bigEndian(baseTime) + bigEndian(Int64(7))
        expected += [0, 2] + bigEndian(Int32(4)) + [0, 0, 0, 0]
        #expect(bytes == expected)
        #expect(batches[0].isChecksumValid)
        // Without any snapshot the producer is known from the empty batch alone.
        let killed = fileSystem.afterKill()
        for path in killed.paths where path.hasSuffix(".snapshot") { try killed.removeFile(path) }
        let recovered = try openLog(killed, config: log.config)
        let again = try keyedBatch([.init("k", "2"), .init("l", "2")], producerId: 7, epoch: 2, sequence: 4)
        #expect(try recovered.appendClient(again).isDuplicate)
        #expect(throws: AppendError.self) {
            try recovered.appendClient(try keyedBatch([.init("k", "")], producerId: 7, epoch: 2, sequence: 9))
        }
    }

    @Test func lastBatchOfARangeStaysEmpty() throws {
        let log = try oneBatchASegment()
        try append(log, [.init("a", "1")])
        try append(log, [.init(nil, "no key")])
        try append(log, [.init("end", "")])
        try log.cleanAll()
        let batches = try log.allBatches()
        #expect(batches.map(\.header.baseOffset) == [0, 1, 2])
        #expect(batches.map(\.header.recordCount) == [1, 0, 1])
    }

    @Test func transactions() throws {
        let fileSystem = FaultyFileSystem()
        let log = try oneBatchASegment(fileSystem)
        func write(_ id: Int64, _ key: String, _ sequence: Int32) throws {
            try log.appendClient(
                try keyedBatch(
                    [.init(key, "\(id)")],
                    producerId: id,
                    epoch: 0,
                    sequence: sequence,
                    isTransactional: true
                )
            )
        }
        func end(_ id: Int64, _ isCommit: Bool) throws {
            _ = try log.append(
                try makeMarker(isCommit: isCommit, producerId: id, epoch: 0),
                leaderEpoch: 0,
                origin: .coordinator,
                nowMs: baseTime
            )
        }
        try write(1, "a", 0)  // 0, committed
        try write(2, "b", 0)  // 1, aborted
        try end(1, true)  // 2
        try end(2, false)  // 3
        try append(log, [.init("c", "plain")])  // 4
        try write(2, "c", 1)  // 5, aborted: does not hide offset 4
        try end(2, false)  // 6
        try write(1, "a", 1)  // 7, committed: hides offset 0
        try end(1, true)  // 8
        try write(1, "z", 2)  // 9, undecided
        try append(log, [.init("end", "")])  // 10
        let first = try #require(try join(log))
        #expect(first.endOffset == 9)
        #expect(try log.allRecords().map(\.offset) == [4, 7, 9, 10])
        // All of the transactions were seen in this pass, so all markers stay; the producers' last batches too.
        #expect(try log.allBatches().map(\.header.baseOffset) == [2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(try log.abortedTransactions(from: 0, upTo: 9).map(\.lastOffset) == [3, 6])

        try end(1, true)  // 11
        try append(log, [.init("end", "")])  // 12
        let second = try #require(try join(log, from: first.endOffset, nowMs: baseTime + 1))
        // Of the first two transactions nothing was left: their markers are given a horizon.
        let horizons = try log.allBatches().filter(\.header.hasDeleteHorizon)
        #expect(horizons.map(\.header.baseOffset) == [2, 3])
        #expect(horizons.allSatisfy { $0.header.baseTimestamp == baseTime + 1 + day && $0.isChecksumValid })
        #expect(try log.abortedTransactions(from: 0, upTo: 9).map(\.lastOffset) == [6])
        #expect(second.endOffset == 12)

        try append(log, [.init("end", "")])  // 13
        try join(log, from: second.endOffset, nowMs: baseTime + 1 + day)
        #expect(try log.allBatches().map(\.header.baseOffset) == [4, 5, 6, 7, 8, 9, 11, 12, 13])
        let recovered = try openLog(fileSystem.afterKill(), config: log.config)
        #expect(try recovered.abortedTransactions(from: 0, upTo: 100) == log.abortedTransactions(from: 0, upTo: 100))
        #expect(recovered.producers.mapValues(\.lastSequence) == log.producers.mapValues(\.lastSequence))
    }

    @Test(arguments: [CompressionCodec.none, .gzip, .snappy, .lz4, .zstd])
    func compressedBatches(codec: CompressionCodec) throws {
        let log = try oneBatchASegment()
        var config = log.config
        config.segmentBytes = 10_000
        log.updateConfig(config)
        let records = (0..<200).map { KeyedRecord("key\($0 % 100)", String(repeating: "v", count: 30)) }
        try log.appendClient(try keyedBatch(records, codec: codec))
        let whole = try #require(try log.allBatches().first)
        try log.appendClient(try keyedBatch((0..<50).map { KeyedRecord("key\($0)", "new") }, codec: codec))
        for index in 0..<150 { try append(log, [.init("end\(index)", String(repeating: "x", count: 60))]) }
        let report = try #require(try log.cleanAll())
        #expect(report.endOffset > 250)
        let cleaned = try #require(try log.allBatches().first)
        #expect(cleaned.header.codec == codec && cleaned.header.recordCount == 50)
        #expect(cleaned.header.lastOffset == 199 && cleaned.header.baseOffset == 0)
        #expect(cleaned.sizeInBytes < whole.sizeInBytes && cleaned.isChecksumValid)
        #expect(try log.allRecords().prefix(100).map(\.offset) == Array(150..<250))
        // A batch that loses nothing keeps its bytes.
        let before = try log.allBatches().map(\.buffer)
        try log.cleanAll(from: 0)
        #expect(try log.allBatches().map(\.buffer) == before)
    }

    @Test func keysThatDoNotFitAreLeftForTheNextTime() throws {
        let log = try oneBatchASegment()
        for round in 0..<2 {
            for index in 0..<20 { try append(log, [.init("k\(index)", "\(round)")]) }
        }
        try append(log, [.init("end", "")])
        var settings = CleanerSettings()
        settings.dedupeBufferBytes = OffsetMap.bytesPerSlot * 11
        settings.loadFactor = 0.95
        var cleaned: Int64 = 0
        var passes = 0
        while let report = try log.cleanAll(from: cleaned, settings: settings) {
            #expect(report.endOffset > cleaned && report.keys <= 10)
            cleaned = report.endOffset
            passes += 1
        }
        #expect(passes == 4 && cleaned == 40)
        #expect(try log.allRecords().map(\.offset) == Array(20...40))
    }

    @Test func youngRecordsAreLeftAlone() throws {
        let log = try oneBatchASegment()
        var config = log.config
        config.minCompactionLagMs = 1000
        log.updateConfig(config)
        for index in 0..<4 as Range<Int64> {
            try append(log, [.init("k", "\(index)")], nowMs: baseTime + index * 600)
        }
        #expect(try log.cleanAll(nowMs: baseTime + 900) == nil)
        #expect(try #require(try log.cleanAll(nowMs: baseTime + 1700)).endOffset == 2)
        #expect(try log.allOffsets() == [1, 2, 3])
    }

    @Test func oldRecordsDoNotWaitForTheRatio() throws {
        let log = try oneBatchASegment()
        var config = log.config
        config.maxCompactionLagMs = 1000
        config.minCleanableDirtyRatio = 1
        log.updateConfig(config)
        try append(log, [.init("k", "1")])
        // Older than the lag: the segment is closed although it has room.
        config.segmentBytes = 10_000
        log.updateConfig(config)
        try append(log, [.init("k", "2")], nowMs: baseTime + 1001)
        #expect(log.segmentCount == 2)
        let range = { (nowMs: Int64) in
            try #require(try log.cleanableRange(cleanedOffset: nil, stableOffset: 2, nowMs: nowMs))
        }
        #expect(try !range(baseTime + 1000).isDue(config))
        #expect(try range(baseTime + 1001).isDue(config))
    }

    @Test func nothingBeyondTheStableOffset() throws {
        let log = try oneBatchASegment()
        for index in 0..<4 { try append(log, [.init("k", "\(index)")]) }
        #expect(try log.cleanAll(stableOffset: 0) == nil)
        #expect(try #require(try log.cleanAll(stableOffset: 2)).endOffset == 2)
        #expect(try log.allOffsets() == [1, 2, 3])
    }

    @Test func checkpointsOutsideOfTheLogBeginAnew() throws {
        let log = try oneBatchASegment()
        for index in 0..<4 { try append(log, [.init("k", "\(index)")]) }
        #expect(try #require(try log.cleanableRange(cleanedOffset: 9, stableOffset: 4, nowMs: 0)).start == 0)
        _ = try log.deleteRecords(before: 2)
        #expect(try #require(try log.cleanableRange(cleanedOffset: 1, stableOffset: 4, nowMs: 0)).start == 2)
        #expect(try #require(try log.cleanableRange(cleanedOffset: 3, stableOffset: 4, nowMs: 0)).dirtyBytes == 0)
    }
}

func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

private func zigzag(_ number: Int64) -> [UInt8] {
    var bits = UInt64(bitPattern: (number << 1) ^ (number >> 63))
    var bytes: [UInt8] = []
    while bits >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: bits) | 0x80)
        bits >>= 7
    }
    return bytes + [UInt8(bits)]
}
