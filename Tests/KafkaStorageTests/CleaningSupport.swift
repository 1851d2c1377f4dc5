import KafkaCompression
import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore

/// A record of a compacted topic; a nil value is a tombstone.
struct KeyedRecord {
    let key: String?
    let value: String?

    init(_ key: String?, _ value: String?) {
        self.key = key
        self.value = value
    }
}

/// What is found in a log.
struct FoundRecord: Equatable {
    let offset: Int64
    let key: String?
    let value: String?
    let timestampMs: Int64
}

func keyedBatch(
    _ records: [KeyedRecord],
    timestampMs: Int64 = baseTime,
    codec: CompressionCodec = .none,
    producerId: Int64 = -1,
    epoch: Int16 = -1,
    sequence: Int32 = -1,
    isTransactional: Bool = false
) throws -> ByteBuffer {
    var builder = RecordBatchBuilder(codec: codec, maxBytes: .max)
    for record in records {
        let key = record.key.map { Array($0.utf8) }
        let value = record.value.map { Array($0.utf8) }
        _ = withBytes(key) { key in
            withBytes(value) { builder.append(key: key, value: $0, timestampMs: timestampMs) }
        }
    }
    return try builder.finish(
        producerId: producerId,
        producerEpoch: epoch,
        baseSequence: sequence,
        isTransactional: isTransactional
    )
}

private func withBytes<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
    guard let bytes else { return body(nil) }
    return bytes.withUnsafeBytes { body($0) }
}

extension PartitionLog {
    func allRecords() throws -> [FoundRecord] {
        try allBatches().filter { !$0.header.isControl }.flatMap { batch -> [FoundRecord] in
            var records = try batch.records()
            var found: [FoundRecord] = []
            while let record = try records.next() {
                found.append(
                    FoundRecord(
                        offset: record.offset,
                        key: record.key.map { String(buffer: $0) },
                        value: record.value.map { String(buffer: $0) },
                        timestampMs: record.timestampMs
                    )
                )
            }
            return found
        }
    }

    /// Cleans all that can be cleaned; nil if there is nothing.
    @discardableResult
    func cleanAll(
        from cleanedOffset: Int64? = nil,
        nowMs: Int64 = baseTime,
        stableOffset: Int64? = nil,
        settings: CleanerSettings = CleanerSettings()
    ) throws -> CleaningReport? {
        let end = logEndOffset
        let stable = min(stableOffset ?? end, firstUnstableOffset(highWatermark: stableOffset ?? end) ?? end)
        let range = try cleanableRange(cleanedOffset: cleanedOffset, stableOffset: stable, nowMs: nowMs)
        guard let range, range.dirtyBytes > 0 else { return nil }
        return try clean(range, settings: settings, nowMs: nowMs)
    }
}

func compactedConfig(segmentBytes: Int64 = 1 << 20) -> LogConfig {
    var config = LogConfig()
    config.isCompacted = true
    config.deletesOldSegments = false
    config.segmentBytes = segmentBytes
    config.indexIntervalBytes = 0
    config.fileDeleteDelayMs = 1000
    return config
}
