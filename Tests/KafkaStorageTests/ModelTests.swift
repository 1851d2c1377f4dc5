import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// Random operations on a log and on a list of records; both must agree after every step.
@Suite struct ModelTests {
    private struct Model {
        struct Batch {
            let baseOffset: Int64
            let lastOffset: Int64
            let timestamp: Int64
            let epoch: Int32
            let fill: UInt8
        }

        var batches: [Batch] = []
        var start: Int64 = 0
        var end: Int64 = 0
    }

    private func config(_ generator: inout SeededGenerator) -> LogConfig {
        var config = LogConfig()
        config.segmentBytes = Int64.random(in: 400...3000, using: &generator)
        config.indexIntervalBytes = Int.random(in: 0...500, using: &generator)
        config.segmentIndexBytes = Int.random(in: 48...400, using: &generator)
        config.fileDeleteDelayMs = 10
        return config
    }

    @Test(arguments: 0..<150 as Range<UInt64>)
    func agrees(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var fileSystem = FaultyFileSystem()
        let config = config(&generator)
        var log = try openLog(fileSystem, config: config)
        var model = Model()
        var epoch: Int32 = 0
        var now = baseTime
        for step in 0..<120 {
            now += Int64.random(in: 0...50, using: &generator)
            switch Int.random(in: 0..<20, using: &generator) {
            case 0..<11:
                let count = Int.random(in: 1...5, using: &generator)
                let fill = UInt8.random(in: 0...255, using: &generator)
                let timestamp = now + Int64.random(in: -100...0, using: &generator)
                let batch = try makeBatch(
                    count: count,
                    valueSize: Int.random(in: 0...60, using: &generator),
                    timestampMs: timestamp,
                    fill: fill
                )
                let info = try log.appendClient(batch, leaderEpoch: epoch, nowMs: now)
                #expect(info.baseOffset == model.end)
                model.end += Int64(count)
                model.batches.append(
                    Model.Batch(
                        baseOffset: info.baseOffset,
                        lastOffset: model.end - 1,
                        timestamp: timestamp,
                        epoch: epoch,
                        fill: fill
                    )
                )
            case 11: epoch += 1
            case 12:
                let target = Int64.random(in: max(0, model.end - 12)...model.end, using: &generator)
                _ = try log.truncate(to: target, nowMs: now)
                truncate(&model, to: target)
                #expect(log.logEndOffset <= max(target, model.start))
                model.end = log.logEndOffset
                model.start = log.logStartOffset
            case 13:
                let target = Int64.random(in: model.start...model.end, using: &generator)
                model.start = try log.deleteRecords(before: target)
            case 14:
                _ = try log.applyRetention(nowMs: now, highWatermark: model.end)
                try log.purgeDeletedFiles(nowMs: now)
                #expect(log.logStartOffset == model.start)
            case 15: try log.flush()
            case 16: log.releaseIdleResources()
            case 17:
                try log.close(clean: true)
                fileSystem = fileSystem.afterKill()
                log = try openLog(fileSystem, config: config, clean: true, logStartOffset: model.start)
                #expect(log.recoveryReport.isEmpty, "seed \(seed) step \(step): \(log.recoveryReport)")
            case 18:
                fileSystem = fileSystem.afterKill()
                log = try openLog(
                    fileSystem,
                    config: config,
                    recoveryPoint: log.recoveryPoint,
                    logStartOffset: model.start
                )
                #expect(log.recoveryReport.cuts.isEmpty, "seed \(seed) step \(step)")
            default:
                let offset = Int64.random(in: model.start...model.end, using: &generator)
                try compareRead(log, model, from: offset, &generator)
            }
            try compare(log, model, "seed \(seed) step \(step)")
        }
    }

    private func truncate(_ model: inout Model, to target: Int64) {
        while let last = model.batches.last, last.lastOffset >= target {
            model.batches.removeLast()
        }
    }

    private func compare(_ log: PartitionLog, _ model: Model, _ place: String) throws {
        #expect([log.logStartOffset, log.logEndOffset] == [model.start, model.end], "\(place)")
        let visible = model.batches.filter { $0.lastOffset >= model.start }
        let found = try log.allBatches()
        #expect(found.map(\.header.baseOffset) == visible.map(\.baseOffset), "\(place)")
        #expect(found.map(\.header.partitionLeaderEpoch) == visible.map(\.epoch), "\(place)")
        #expect(found.allSatisfy { $0.isChecksumValid }, "\(place)")
        // By time: the first record that is not older.
        for batch in visible.suffix(3) {
            let expected = model.batches.first { $0.timestamp >= batch.timestamp && $0.lastOffset >= model.start }
            let result = try log.offset(forTimestamp: batch.timestamp, before: .max)
            #expect(result?.offset == expected.map { max($0.baseOffset, model.start) }, "\(place)")
        }
        let newest = visible.map(\.timestamp).max()
        let hidden = model.batches.filter { $0.lastOffset < model.start }.map(\.timestamp).max() ?? .min
        // Batches that are deleted but still in a file may hide a smaller maximum.
        if let newest, newest >= hidden { #expect(try log.maxTimestampOffset()?.timestamp == newest, "\(place)") }
    }

    private func compareRead(
        _ log: PartitionLog,
        _ model: Model,
        from offset: Int64,
        _ generator: inout SeededGenerator
    ) throws {
        let limit = Int64.random(in: 0...model.end, using: &generator)
        let maxBytes = Int.random(in: 1...2000, using: &generator)
        let slice = try log.read(from: offset, maxBytes: maxBytes, before: limit, atLeastOneBatch: true)
        let expected = model.batches.first { $0.lastOffset >= offset }
        guard let slice else {
            #expect(expected == nil || offset >= limit || (expected?.lastOffset ?? 0) >= limit)
            return
        }
        var sequence = RecordBatchSequence(try slice.data.contents())
        var bases: [Int64] = []
        while let batch = try sequence.next() {
            bases.append(batch.header.baseOffset)
            #expect(batch.header.lastOffset < limit)
            #expect(batch.header.lastOffset < slice.upperBoundOffset)
        }
        #expect(sequence.remainingBytes == 0)
        #expect(slice.baseOffset == expected?.baseOffset)
        #expect(bases.first == expected?.baseOffset)
        #expect(bases.count == 1 || slice.data.count <= maxBytes)
        let following = model.batches.map(\.baseOffset).drop { $0 < slice.baseOffset }
        #expect(bases == Array(following.prefix(bases.count)))
    }
}
