import KafkaMessages
import KafkaWire
import NIOCore

/// Turns what a broker lent of one partition into batches to hand out, and says what there is to settle by itself.
struct ShareFetchReader {
    /// What became of offsets without the application's doing.
    struct Settlement: Equatable {
        var offsets: ClosedRange<Int64>
        var outcome: Int8
    }

    /// Some offsets of a batch.
    struct Piece {
        var view: RecordBatchView
        var offsets: ClosedRange<Int64>
        var deliveryCount: Int16
    }

    let checksChecksums: Bool
    let decompressionLimit: Int

    private(set) var acquired: [ClosedRange<Int64>] = []
    private(set) var pieces: [Piece] = []
    private(set) var settlements: [Settlement] = []
    /// The first batch that cannot be read, and why: its records are rejected, as nobody can read them.
    private(set) var damage: (offset: Int64, error: RecordError)?

    init(checksChecksums: Bool, decompressionLimit: Int) {
        self.checksChecksums = checksChecksums
        self.decompressionLimit = decompressionLimit
    }

    /// Reads a partition's answer.
    ///
    /// - Returns: false when the ranges are none, overlap or do not rise: then nothing of them can be believed.
    mutating func read(_ data: ShareFetchResponse.PartitionData) -> Bool {
        var last: Int64 = -1
        for range in data.acquiredRecords {
            guard range.firstOffset > last, range.lastOffset >= range.firstOffset, range.lastOffset < .max else {
                acquired = []
                return false
            }
            last = range.lastOffset
            acquired.append(range.firstOffset...range.lastOffset)
        }
        let (batches, error, isCut) = Self.batches(data.records)
        var index = 0
        for range in data.acquiredRecords {
            // The first offset of the range that no batch has covered yet.
            var next = range.firstOffset
            while index < batches.count, batches[index].header.baseOffset <= range.lastOffset {
                let batch = batches[index]
                let (first, end) = (max(next, batch.header.baseOffset), min(range.lastOffset, batch.header.lastOffset))
                if first <= end {
                    if next < first { settle(next...(first - 1), ShareLedger.gap) }
                    take(batch, first...end, range.deliveryCount)
                    next = end + 1
                }
                // A batch may reach into the next range.
                if batch.header.lastOffset > range.lastOffset { break }
                index += 1
            }
            guard next <= range.lastOffset else { continue }
            // Behind bytes that are no batches, or are missing, there may be records that somebody else can read.
            let outcome = error == nil && !isCut ? ShareLedger.gap : ShareAcknowledgement.release.rawValue
            settle(next...range.lastOffset, outcome)
        }
        if let error, damage == nil { damage = (batches.last?.header.nextOffset ?? max(0, last), error) }
        return true
    }

    private mutating func settle(_ offsets: ClosedRange<Int64>, _ outcome: Int8) {
        settlements.append(Settlement(offsets: offsets, outcome: outcome))
    }

    private mutating func take(_ batch: RecordBatchView, _ offsets: ClosedRange<Int64>, _ deliveryCount: Int16) {
        guard !batch.header.isControl else { return settle(offsets, ShareLedger.gap) }
        do throws(RecordError) {
            if checksChecksums { try batch.validateChecksum() }
            let isWhole = Int64(batch.header.recordCount) == Int64(batch.header.lastOffsetDelta) + 1
            if !isWhole, try !settleHoles(of: batch, in: offsets) { return }
            pieces.append(Piece(view: batch, offsets: offsets, deliveryCount: deliveryCount))
        } catch {
            if damage == nil { damage = (batch.header.baseOffset, error) }
            settle(offsets, ShareAcknowledgement.reject.rawValue)
        }
    }

    /// Settles the offsets that compaction has taken out of a batch.
    ///
    /// - Returns: whether any record is left in the range.
    private mutating func settleHoles(
        of batch: RecordBatchView,
        in offsets: ClosedRange<Int64>
    ) throws(RecordError) -> Bool {
        var next = offsets.lowerBound
        var holes: [ClosedRange<Int64>] = []
        var hasRecords = false
        try batch.forEachRecord(decompressionLimit: decompressionLimit) { record in
            guard record.offset >= next else { return true }
            guard record.offset <= offsets.upperBound else { return false }
            if record.offset > next { holes.append(next...(record.offset - 1)) }
            hasRecords = true
            next = record.offset + 1
            return true
        }
        if next <= offsets.upperBound { holes.append(next...offsets.upperBound) }
        for hole in holes { settle(hole, ShareLedger.gap) }
        return hasRecords
    }

    /// The whole batches at the start of the bytes, why there are no more, and whether there should be.
    private static func batches(_ records: RecordData?) -> ([RecordBatchView], RecordError?, isCut: Bool) {
        guard case .bytes(let bytes)? = records, bytes.readableBytes > 0 else { return ([], nil, true) }
        var sequence = RecordBatchSequence(bytes)
        var batches: [RecordBatchView] = []
        do throws(RecordError) {
            while let batch = try sequence.next() {
                // Rising offsets, or they are no log.
                guard batch.header.lastOffsetDelta >= 0, batch.header.baseOffset >= 0,
                    batch.header.baseOffset > batches.last?.header.lastOffset ?? -1,
                    batch.header.lastOffset >= batch.header.baseOffset, batch.header.lastOffset < .max
                else { return (batches, .truncated, true) }
                batches.append(batch)
            }
            return (batches, nil, sequence.remainingBytes > 0)
        } catch {
            return (batches, error, true)
        }
    }
}
