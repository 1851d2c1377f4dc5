import Foundation
import KafkaCompression
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization
import Testing

@testable import KafkaStorage

/// Random writes, transactions, cleanings and crashes; what a reader of committed data finds is what a model says.
@Suite struct CleaningModelTests {
    /// `SWKAFKA_SEEDS` says how many schedules are tried.
    private static let seeds = ProcessInfo.processInfo.environment["SWKAFKA_SEEDS"].flatMap(UInt64.init) ?? 1000
    private static let parts: UInt64 = 4

    @Test(arguments: 0..<parts)
    func agrees(part: UInt64) throws {
        for seed in stride(from: part, to: Self.seeds, by: Int(Self.parts)) {
            var run = try CleaningRun(seed: seed)
            for step in 0..<30 { try run.step(step) }
            try run.clean()
            try run.compare()
        }
    }
}

/// One schedule of operations on a compacted log.
private struct CleaningRun {
    private struct Written {
        let offset: Int64
        let key: String
        let value: String?
        let timestampMs: Int64
        /// -1: no transaction.
        let producerID: Int64
        /// Nil: not decided yet.
        var isCommitted: Bool?
        /// When a cleaning first came to it.
        var metMs: Int64?
    }

    private let retentionMs: Int64 = 500
    private let seed: UInt64
    private var generator: SeededGenerator
    private var fileSystem = FaultyFileSystem()
    private var config: LogConfig
    private var log: PartitionLog
    private var written: [Written] = []
    private var sequences: [Int64: Int32] = [:]
    private var open: Set<Int64> = []
    private var cleaned: Int64?
    private var nowMs = baseTime
    private var place = ""

    init(seed: UInt64) throws {
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        config = compactedConfig(segmentBytes: Int64.random(in: 300...1500, using: &generator))
        config.indexIntervalBytes = Int.random(in: 0...300, using: &generator)
        config.segmentIndexBytes = Int.random(in: 48...400, using: &generator)
        config.deleteRetentionMs = retentionMs
        config.fileDeleteDelayMs = 10
        log = try openLog(fileSystem, config: config)
    }

    mutating func step(_ number: Int) throws {
        place = "seed \(seed) step \(number)"
        nowMs += Int64.random(in: 0...60, using: &generator)
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<8: try write(producerID: -1)
        case 8..<12: try write(producerID: Int64.random(in: 1...3, using: &generator))
        case 12..<14: try endTransaction()
        case 14..<16:
            try clean()
            try compare()
        case 16..<18: try crash()
        case 18: try log.purgeDeletedFiles(nowMs: nowMs)
        default: log.releaseIdleResources()
        }
    }

    // MARK: Operations

    private mutating func write(producerID: Int64) throws {
        let records = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            let isTombstone = Int.random(in: 0..<5, using: &generator) == 0
            let value = String(repeating: "v", count: Int.random(in: 0...40, using: &generator))
            return KeyedRecord("k\(Int.random(in: 0..<6, using: &generator))", isTombstone ? nil : value)
        }
        let sequence = producerID < 0 ? -1 : sequences[producerID] ?? 0
        let batch = try keyedBatch(
            records,
            timestampMs: nowMs,
            codec: Int.random(in: 0..<6, using: &generator) == 0 ? .lz4 : .none,
            producerId: producerID,
            epoch: producerID < 0 ? -1 : 0,
            sequence: sequence,
            isTransactional: producerID >= 0
        )
        let info = try log.appendClient(batch, nowMs: nowMs)
        if producerID >= 0 {
            sequences[producerID] = sequence + Int32(records.count)
            open.insert(producerID)
        }
        for (index, record) in records.enumerated() {
            written.append(
                Written(
                    offset: info.baseOffset + Int64(index),
                    key: record.key ?? "",
                    value: record.value,
                    timestampMs: nowMs,
                    producerID: producerID,
                    isCommitted: producerID < 0 ? true : nil
                )
            )
        }
    }

    private mutating func endTransaction() throws {
        guard let producerID = open.sorted().randomElement(using: &generator) else { return }
        let isCommit = Bool.random(using: &generator)
        _ = try log.append(
            try makeMarker(isCommit: isCommit, producerId: producerID, epoch: 0),
            leaderEpoch: 0,
            origin: .coordinator,
            nowMs: nowMs
        )
        open.remove(producerID)
        for index in written.indices where written[index].producerID == producerID {
            if written[index].isCommitted == nil { written[index].isCommitted = isCommit }
        }
    }

    mutating func clean() throws {
        guard let range = try cleanableRange() else { return }
        note(range)
        cleaned = try log.clean(range, settings: settings(), nowMs: nowMs).endOffset
    }

    private func cleanableRange() throws -> CleanableRange? {
        let end = log.logEndOffset
        let range = try log.cleanableRange(
            cleanedOffset: cleaned,
            stableOffset: log.firstUnstableOffset(highWatermark: end) ?? end,
            nowMs: nowMs
        )
        return range.flatMap { $0.dirtyBytes > 0 ? $0 : nil }
    }

    private mutating func note(_ range: CleanableRange) {
        for index in written.indices where written[index].offset < range.end && written[index].metMs == nil {
            written[index].metMs = nowMs
        }
    }

    private mutating func settings() -> CleanerSettings {
        var settings = CleanerSettings()
        // Now and then too little memory for all keys.
        settings.dedupeBufferBytes = OffsetMap.bytesPerSlot * Int.random(in: 3...20, using: &generator)
        settings.ioBufferBytes = Int.random(in: 64...2000, using: &generator)
        return settings
    }

    /// The process dies, or the power fails, at some operation on files during a cleaning.
    private mutating func crash() throws {
        let isPowerCut = Bool.random(using: &generator)
        if isPowerCut { try log.flush() }
        let recoveryPoint = log.recoveryPoint
        if let range = try cleanableRange() {
            note(range)
            let left = Mutex(Int.random(in: 0...60, using: &generator))
            fileSystem.setRule { _, _ in
                left.withLock { left in
                    left -= 1
                    return left < 0 ? SystemErrorCode.inputOutput : nil
                }
            }
            let settings = settings()
            // It may also come to its end before the crash.
            _ = try? log.clean(range, settings: settings, nowMs: nowMs)
            fileSystem.setRule(nil)
        }
        fileSystem = isPowerCut ? fileSystem.afterPowerCut(using: &generator) : fileSystem.afterKill()
        log = try openLog(fileSystem, config: config, recoveryPoint: recoveryPoint)
        #expect(log.recoveryReport.cuts.isEmpty, "\(place): \(log.recoveryReport)")
        #expect(log.recoveryReport.removedSegments.isEmpty, "\(place): \(log.recoveryReport)")
        try compare()
    }

    // MARK: What is found

    func compare() throws {
        let batches = try log.allBatches()
        #expect(batches.allSatisfy { $0.isChecksumValid }, "\(place)")
        #expect(
            zip(batches, batches.dropFirst()).allSatisfy { $0.header.lastOffset < $1.header.baseOffset },
            "\(place)"
        )
        for (producerID, next) in sequences {
            #expect(log.producers[producerID]?.lastSequence == next - 1, "\(place) producer \(producerID)")
        }
        let found = try log.allRecords()
        let model = Dictionary(uniqueKeysWithValues: written.map { ($0.offset, $0) })
        for record in found {
            let original = try #require(model[record.offset], "\(place) offset \(record.offset)")
            #expect(original.key == record.key && original.value == record.value, "\(place) offset \(record.offset)")
            #expect(original.timestampMs == record.timestampMs, "\(place) offset \(record.offset)")
        }
        try compareAborted(batches, model)
        // What no cleaning has come to is there as a whole.
        let offsets = Set(found.map(\.offset))
        for record in written where record.metMs == nil { #expect(offsets.contains(record.offset), "\(place)") }
        compareKeys(found, model)
    }

    /// A reader of committed data leaves out what the transaction index names, and nothing else.
    private func compareAborted(_ batches: [RecordBatchView], _ model: [Int64: Written]) throws {
        let aborted = try log.abortedTransactions(from: 0, upTo: .max)
        for batch in batches where batch.header.isTransactional && !batch.header.isControl {
            guard batch.header.recordCount > 0, let record = model[batch.header.baseOffset] else { continue }
            let isNamed = aborted.contains { entry in
                entry.producerID == batch.header.producerId
                    && (entry.firstOffset...entry.lastOffset).contains(batch.header.lastOffset)
            }
            #expect(isNamed == (record.isCommitted == false), "\(place) offset \(batch.header.baseOffset)")
        }
    }

    private func compareKeys(_ found: [FoundRecord], _ model: [Int64: Written]) {
        let visible = found.filter { model[$0.offset]?.isCommitted == true }
        for key in Set(written.map(\.key)) {
            guard let newest = written.last(where: { $0.key == key && $0.isCommitted == true }) else { continue }
            let last = visible.last { $0.key == key }
            if newest.value == nil && last == nil {
                // A tombstone may be gone, not before its time.
                #expect(newest.metMs.map { nowMs >= $0 + retentionMs } == true, "\(place) key \(key)")
            } else {
                #expect(last?.offset == newest.offset, "\(place) key \(key)")
            }
        }
    }
}
