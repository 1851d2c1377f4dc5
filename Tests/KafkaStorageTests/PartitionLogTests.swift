import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@Suite struct PartitionLogTests {
    private func smallConfig(_ change: (inout LogConfig) -> Void = { _ in }) -> LogConfig {
        var config = LogConfig()
        config.segmentBytes = 1000
        config.indexIntervalBytes = 100
        change(&config)
        return config
    }

    @Test func stampsOffsetAndEpochOutsideOfTheChecksum() throws {
        let log = try openLog(FaultyFileSystem())
        let batch = try makeBatch(count: 3)
        let first = try log.appendClient(batch, leaderEpoch: 4)
        let second = try log.appendClient(batch, leaderEpoch: 5)
        #expect([first.baseOffset, first.lastOffset, second.baseOffset, second.lastOffset] == [0, 2, 3, 5])
        #expect(first.beganEpoch && second.beganEpoch && !first.isDuplicate)
        let batches = try log.allBatches()
        #expect(batches.map(\.header.baseOffset) == [0, 3])
        #expect(batches.map(\.header.partitionLeaderEpoch) == [4, 5])
        #expect(batches.allSatisfy { $0.isChecksumValid })
        #expect(log.latestEpoch == 5)
        #expect(log.endOffset(forLeaderEpoch: 4)?.endOffset == 3)
        #expect(log.leaderEpoch(at: 2) == 4)
        #expect(log.logEndOffset == 6)
        #expect(log.size == Int64(2 * batch.readableBytes))
    }

    @Test func refusesWhatIsNotOneBatch() throws {
        let log = try openLog(FaultyFileSystem())
        let batch = try makeBatch()
        var two = batch
        two.writeImmutableBuffer(batch)
        for bytes in [ByteBuffer(), ByteBuffer(repeating: 0, count: 100), two] {
            #expect(throws: AppendError.self) { try log.appendClient(bytes) }
        }
        #expect(log.logEndOffset == 0)
    }

    @Test func readsWholeBatchesUpToTheLimit() throws {
        let log = try openLog(FaultyFileSystem())
        let batch = try makeBatch(count: 10)
        for _ in 0..<100 { try log.appendClient(batch) }
        let size = batch.readableBytes
        func read(_ offset: Int64, _ maxBytes: Int, _ limit: Int64 = .max, atLeastOne: Bool = true) throws -> [Int64]? {
            guard let slice = try log.read(from: offset, maxBytes: maxBytes, before: limit, atLeastOneBatch: atLeastOne)
            else { return nil }
            #expect(slice.upperBoundOffset >= slice.baseOffset + Int64(slice.data.count / size * 10))
            return [slice.baseOffset, Int64(slice.data.count / size), Int64(slice.data.count % size)]
        }
        for offset: Int64 in [0, 5, 9, 10, 499, 500, 990, 999] {
            let base = offset / 10 * 10
            #expect(try read(offset, size) == [base, 1, 0])
            #expect(try read(offset, 1) == [base, 1, 0])
            #expect(try read(offset, 1, atLeastOne: false) == nil)
            #expect(try read(offset, 1 << 30) == [base, (1000 - base) / 10, 0])
            #expect(try read(offset, size * 3 + 1) == [base, min(3, (1000 - base) / 10), 0])
            #expect(try read(offset, 1 << 30, base + 10) == [base, 1, 0])
            #expect(try read(offset, 1 << 30, base) == nil)
        }
        #expect(try read(1000, 10) == nil)
        for offset: Int64 in [-1, 1001] {
            #expect(throws: ReadError.offsetOutOfRange(offset: offset, logStartOffset: 0, logEndOffset: 1000)) {
                try read(offset, 10)
            }
        }
    }

    @Test func rollsBySizeTimeAndIndex() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: smallConfig())
        let batch = try makeBatch(valueSize: 300)
        for _ in 0..<10 { try log.appendClient(batch) }
        #expect(log.segmentCount == 5)
        #expect(fileSystem.paths.contains("\(testDirectory)/00000000000000000002.snapshot"))
        #expect(try log.allOffsets() == Array(0..<10))

        let byTime = try openLog(FaultyFileSystem(), config: smallConfig { $0.segmentMs = 1000 })
        let rolled = try [0, 1000, 1001, 5000].map {
            try byTime.appendClient(try makeBatch(timestampMs: baseTime + $0)).didRoll
        }
        #expect(rolled == [false, false, true, true])

        let byIndex = try openLog(
            FaultyFileSystem(),
            config: smallConfig {
                $0.indexIntervalBytes = 0
                $0.segmentIndexBytes = 24
            }
        )
        for index in 0..<4 { try byIndex.appendClient(try makeBatch(timestampMs: baseTime + Int64(index))) }
        #expect(byIndex.segmentCount > 1)
        #expect(throws: AppendError.self) { try log.appendClient(try makeBatch(valueSize: 2000)) }
    }

    @Test func readsNeverCrossASegment() throws {
        let log = try openLog(FaultyFileSystem(), config: smallConfig())
        for _ in 0..<10 { try log.appendClient(try makeBatch(valueSize: 300)) }
        let slice = try #require(try log.read(from: 0, maxBytes: 1 << 20, before: .max, atLeastOneBatch: true))
        #expect(slice.segmentBaseOffset == 0)
        #expect(slice.upperBoundOffset == 2)
        var sequence = RecordBatchSequence(try slice.data.bytes())
        var count = 0
        while try sequence.next() != nil { count += 1 }
        #expect(count == 2)
    }

    @Test func recognisesDuplicates() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem)
        func batch(_ sequence: Int32) throws -> ByteBuffer {
            try makeBatch(count: 2, producerId: 9, epoch: 0, sequence: sequence)
        }
        for sequence: Int32 in [0, 2, 4, 6] { try log.appendClient(try batch(sequence)) }
        let again = try log.appendClient(try batch(2))
        #expect(again.isDuplicate)
        #expect([again.baseOffset, again.lastOffset] == [2, 3])
        #expect(throws: AppendError.outOfOrderSequence(producerID: 9, expected: 8, received: 10)) {
            try log.appendClient(try batch(10))
        }
        #expect(log.logEndOffset == 8)
        // After a crash the producers are known from the log itself.
        let reopened = try openLog(fileSystem.afterKill())
        #expect(try reopened.appendClient(try batch(2)).isDuplicate)
        // After a clean stop from the snapshot, which keeps the last batch.
        try log.close(clean: true)
        let clean = try openLog(fileSystem.afterKill(), clean: true)
        #expect(try clean.appendClient(try batch(6)).isDuplicate)
        #expect(try !clean.appendClient(try batch(8)).isDuplicate)
    }

    @Test func transactionsAndAbortedIndex() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem)
        let data = try makeBatch(count: 2, producerId: 3, epoch: 1, sequence: 0, isTransactional: true)
        try log.appendClient(data)
        #expect(log.firstUnstableOffset(highWatermark: 2) == 0)
        let marker = try makeMarker(isCommit: false, producerId: 3, epoch: 1)
        _ = try log.append(marker, leaderEpoch: 0, origin: .coordinator, nowMs: baseTime)
        #expect(log.firstUnstableOffset(highWatermark: 3) == nil)
        #expect(try log.abortedTransactions(from: 0, upTo: 3).map(\.producerID) == [3])
        let reopened = try openLog(fileSystem.afterKill())
        #expect(try reopened.abortedTransactions(from: 0, upTo: 3).map(\.lastOffset) == [2])
        try log.close(clean: true)
        let clean = try openLog(fileSystem.afterKill(), clean: true)
        #expect(try clean.abortedTransactions(from: 0, upTo: 3).map(\.lastStableOffset) == [3])
    }

    @Test func findsRecordsByTime() throws {
        let log = try openLog(FaultyFileSystem(), config: smallConfig())
        // Ten seconds for a batch of five records, two seconds apart; one that is out of order.
        for index in 0..<20 {
            try log.appendClient(
                try makeBatch(count: 5, timestampMs: baseTime + Int64(index) * 10_000, stepMs: 2000)
            )
        }
        try log.appendClient(try makeBatch(timestampMs: baseTime))
        #expect(log.segmentCount > 2)
        func find(_ time: Int64, before limit: Int64 = .max) throws -> Int64? {
            try log.offset(forTimestamp: baseTime + time, before: limit)?.offset
        }
        #expect(try find(-5000) == 0)
        #expect(try find(0) == 0)
        #expect(try find(1) == 1)
        #expect(try find(8000) == 4)
        #expect(try find(8001) == 5)
        #expect(try find(100_000) == 50)
        #expect(try find(198_000) == 99)
        #expect(try find(198_001) == nil)
        #expect(try find(100_000, before: 50) == nil)
        let newest = try #require(try log.maxTimestampOffset())
        #expect([newest.offset, newest.timestamp] == [99, baseTime + 198_000])
        #expect(try openLog(FaultyFileSystem()).maxTimestampOffset() == nil)
    }

    @Test func deleteRecordsAndRetention() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: smallConfig())
        for _ in 0..<10 { try log.appendClient(try makeBatch(valueSize: 300)) }
        #expect(try log.deleteRecords(before: 5) == 5)
        #expect(try log.deleteRecords(before: 3) == 5)
        #expect(throws: ReadError.self) { try log.deleteRecords(before: 11) }
        #expect(throws: ReadError.self) {
            try log.read(from: 4, maxBytes: 1, before: .max, atLeastOneBatch: true)
        }
        let held = try #require(try log.read(from: 5, maxBytes: 1000, before: .max, atLeastOneBatch: true))
        let deleted = try log.applyRetention(nowMs: baseTime, highWatermark: 10)
        #expect(deleted.map(\.baseOffset) == [0, 2])
        #expect(deleted.allSatisfy { $0.reason == .logStartOffset })
        #expect(log.logStartOffset == 5)
        #expect(fileSystem.paths.contains { $0.hasSuffix("00000000000000000000.log.deleted") })
        try log.purgeDeletedFiles(nowMs: baseTime + 59_999)
        #expect(fileSystem.paths.contains { $0.hasSuffix(".deleted") })
        try log.purgeDeletedFiles(nowMs: baseTime + 60_000)
        #expect(!fileSystem.paths.contains { $0.hasSuffix(".deleted") })
        #expect(try held.data.bytes().readableBytes == held.data.count)

        log.updateConfig(smallConfig { $0.retentionBytes = 900 })
        #expect(try log.applyRetention(nowMs: baseTime, highWatermark: 10).map(\.reason) == [.size])
        #expect(try log.applyRetention(nowMs: baseTime + 604_800_000, highWatermark: 10).isEmpty)
        let all = try log.applyRetention(nowMs: baseTime + 604_800_001, highWatermark: 10)
        #expect(all.map(\.reason) == [.time, .time])
        #expect([log.logStartOffset, log.logEndOffset, log.size] == [10, 10, 0])
        try log.appendClient(try makeBatch())
        #expect(try log.allOffsets() == [10])
    }

    @Test func retentionKeepsWhatIsNotReplicated() throws {
        let log = try openLog(FaultyFileSystem(), config: smallConfig { $0.retentionBytes = 0 })
        for _ in 0..<6 { try log.appendClient(try makeBatch(valueSize: 300)) }
        #expect(try log.applyRetention(nowMs: baseTime, highWatermark: 3).map(\.baseOffset) == [0])
        log.updateConfig(
            smallConfig {
                $0.retentionBytes = 0
                $0.deletesOldSegments = false
            }
        )
        #expect(try log.applyRetention(nowMs: baseTime, highWatermark: 6).isEmpty)
    }

    @Test func truncates() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: smallConfig())
        for index in 0..<10 {
            try log.appendClient(
                try makeBatch(
                    count: 2,
                    valueSize: 150,
                    timestampMs: baseTime + Int64(index),
                    producerId: 1,
                    epoch: 0,
                    sequence: Int32(index * 2)
                ),
                leaderEpoch: Int32(index / 4)
            )
        }
        try log.flush()
        #expect(try !log.truncate(to: 20, nowMs: baseTime))
        #expect(try log.truncate(to: 11, nowMs: baseTime))
        #expect([log.logEndOffset, log.recoveryPoint] == [10, 10])
        #expect(log.latestEpoch == 1)
        #expect(try log.allOffsets() == Array(0..<10))
        #expect(try log.maxTimestampOffset()?.timestamp == baseTime + 4)
        // The producer goes on where the log ends now.
        let next = try makeBatch(count: 2, producerId: 1, epoch: 0, sequence: 10)
        #expect(try log.appendClient(next).baseOffset == 10)
        try log.truncateFully(startingAt: 500, nowMs: baseTime)
        #expect([log.logStartOffset, log.logEndOffset, log.size] == [500, 500, 0])
        #expect(log.producers.isEmpty)
        #expect(try log.appendClient(try makeBatch()).baseOffset == 500)
        let reopened = try openLog(fileSystem.afterKill(), logStartOffset: 500)
        #expect(try reopened.allOffsets() == [500])
    }

    @Test func replicatedBatchesKeepOffsetsAndMayHaveHoles() throws {
        let leader = try openLog(FaultyFileSystem(), config: smallConfig())
        for index in 0..<12 { try leader.appendClient(try makeBatch(count: 2), leaderEpoch: Int32(index / 5)) }
        let batches = try leader.allBatches().map(\.buffer)
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: smallConfig())
        var bytes = ByteBuffer()
        for (index, batch) in batches.enumerated() where index != 3 { bytes.writeImmutableBuffer(batch) }
        bytes.writeImmutableBuffer(batches[0].getSlice(at: 0, length: 30)!)
        let info = try #require(try log.appendReplicated(bytes, nowMs: baseTime))
        #expect([info.baseOffset, info.lastOffset] == [0, 23])
        #expect(log.logEndOffset == 24)
        #expect(log.segmentCount == leader.segmentCount)
        #expect(log.latestEpoch == 2)
        #expect(try log.allOffsets() == Array(0..<6) + Array(8..<24))
        let slice = try #require(try log.read(from: 6, maxBytes: 1, before: .max, atLeastOneBatch: true))
        #expect(slice.baseOffset == 8)
        #expect(throws: AppendError.unexpectedOffset(expected: 24, received: 0)) {
            try log.appendReplicated(batches[0], nowMs: baseTime)
        }
        var damaged = batches[0]
        damaged.setInteger(UInt8(0xFF), at: 70)
        #expect(throws: AppendError.self) {
            try openLog(FaultyFileSystem()).appendReplicated(damaged, nowMs: baseTime)
        }
    }

    @Test func flushing() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: smallConfig { $0.flushMessages = 4 })
        try log.appendClient(try makeBatch(count: 3))
        #expect(log.recoveryPoint == 0)
        try log.appendClient(try makeBatch())
        #expect(log.recoveryPoint == 4)
        log.updateConfig(smallConfig { $0.flushMs = 1000 })
        try log.appendClient(try makeBatch())
        #expect(try !log.flushIfDue(nowMs: baseTime + 999))
        #expect(try log.flushIfDue(nowMs: baseTime + 1000))
        #expect(log.recoveryPoint == 5)
        #expect(try !log.flushIfDue(nowMs: baseTime + 5000))
    }

    @Test func idlePartitionsHoldNothingOpenAndWorkOn() throws {
        let log = try openLog(FaultyFileSystem())
        try log.appendClient(try makeBatch())
        log.releaseIdleResources()
        #expect(try log.allOffsets() == [0])
        try log.appendClient(try makeBatch())
        #expect(try log.allOffsets() == [0, 1])
    }

    @Test func theLargestTimestampSurvivesAReopening() throws {
        for clean in [true, false] {
            let fileSystem = FaultyFileSystem()
            var log = try openLog(fileSystem, config: smallConfig())
            try log.appendClient(try makeBatch(timestampMs: baseTime + 100))
            try log.close(clean: true)
            let next = fileSystem.afterKill()
            log = try openLog(next, config: smallConfig(), clean: clean)
            for index in 0..<5 { try log.appendClient(try makeBatch(timestampMs: baseTime + Int64(index))) }
            #expect(try log.maxTimestampOffset()?.offset == 0)
            try log.close(clean: true)
            #expect(next.content(of: "\(testDirectory)/00000000000000000000.timeindex")?.count == 12)
        }
    }

    @Test func closedLogsRefuseAppends() throws {
        let log = try openLog(FaultyFileSystem())
        try log.close(clean: true)
        #expect(throws: AppendError.self) { try log.appendClient(try makeBatch()) }
    }
}
