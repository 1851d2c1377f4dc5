/// What one walk over all records of a batch shows: the broker's hottest loop, so it only notes that something is wrong;
/// what, and in which records, is looked up by ``nameFaults(in:header:rules:nowMs:)`` if ever.
struct RecordSurvey {
    private(set) var maxTimestampMs: Int64 = -1
    private(set) var maxTimestampOffsetDelta: Int32 = 0
    private(set) var hasNullKey = false
    private var minTimestampMs = Int64.max

    /// Walks `records`. Throws if one of them cannot be read, if their offsets do not count from 0, or if they do not fill
    /// the bytes.
    init(_ records: UnsafeRawBufferPointer, header: RecordBatchHeader) throws(RejectedBatch) {
        var cursor = RecordCursor(records)
        var index: Int32 = 0
        var largest = Int64.min
        var smallest = Int64.max
        var largestAt: Int32 = 0
        var nullKeys = 0
        while index < header.recordCount {
            let layout: RecordLayout
            do {
                layout = try cursor.next()
            } catch {
                throw Self.fault(at: index, "\(RecordError.malformedRecord(index: Int(index), error))")
            }
            guard layout.offsetDelta == index else {
                throw Self.fault(at: index, "record \(index) of the batch bears the offset \(layout.offsetDelta)")
            }
            let delta = layout.timestampDelta
            if delta > largest {
                largest = delta
                largestAt = index
            }
            if delta < smallest { smallest = delta }
            if layout.keyLength < 0 { nullKeys += 1 }
            index += 1
        }
        guard cursor.isAtEnd else {
            throw RejectedBatch(
                .invalidRecord,
                "Batch refused: \(RecordError.trailingBytes(records.count - cursor.position))."
            )
        }
        hasNullKey = nullKeys > 0
        guard index > 0 else { return }
        let (top, topOverflows) = header.baseTimestamp.addingReportingOverflow(largest)
        let (bottom, bottomOverflows) = header.baseTimestamp.addingReportingOverflow(smallest)
        guard !topOverflows, !bottomOverflows else {
            throw RejectedBatch(.invalidTimestamp, "A timestamp lies beyond all time.")
        }
        maxTimestampMs = top
        minTimestampMs = bottom
        maxTimestampOffsetDelta = largestAt
    }

    /// Whether some timestamp lies outside the range that `rules` allow. A record without one may be taken for that.
    func hasOutlier(_ rules: RecordBatchRules, _ nowMs: Int64) -> Bool {
        !rules.allows(timestampMs: maxTimestampMs, nowMs: nowMs)
            || !rules.allows(timestampMs: minTimestampMs, nowMs: nowMs)
    }

    /// Walks the records again and throws the list of those without a key, or with a timestamp out of range.
    func nameFaults(
        in records: UnsafeRawBufferPointer,
        header: RecordBatchHeader,
        rules: RecordBatchRules,
        nowMs: Int64
    ) throws(RejectedBatch) {
        var cursor = RecordCursor(records)
        var faults: [RejectedBatch.Record] = []
        var count = 0
        var kind = RejectedBatch.Kind.invalidRecord
        for index in 0..<header.recordCount {
            guard let layout = try? cursor.next() else { break }
            let timestampMs = header.baseTimestamp &+ layout.timestampDelta
            let message: String
            if rules.requiresKeys, layout.keyLength < 0 {
                message = "A compacted topic takes no record without a key."
            } else if rules.timestampType == .createTime, timestampMs != -1,
                !rules.allows(timestampMs: timestampMs, nowMs: nowMs)
            {
                kind = .invalidTimestamp
                message = "The timestamp \(timestampMs) is too far from the broker's time \(nowMs)."
            } else {
                continue
            }
            count += 1
            if faults.count < RecordBatchValidator.mostNamedRecords {
                faults.append(RejectedBatch.Record(index: index, message: message))
            }
        }
        guard let first = faults.first else { return }
        let others = count == 1 ? "" : " So with \(count - 1) more."
        throw RejectedBatch(kind, "Record \(first.index) of the batch: \(first.message)\(others)", records: faults)
    }

    private static func fault(at index: Int32, _ message: String) -> RejectedBatch {
        RejectedBatch(
            .invalidRecord,
            "Batch refused: \(message).",
            records: [RejectedBatch.Record(index: index, message: message)]
        )
    }
}

extension RecordBatchRules {
    /// Whether `timestampMs` lies within the range around `nowMs`.
    fileprivate func allows(timestampMs: Int64, nowMs: Int64) -> Bool {
        let (earliest, noEarliest) = nowMs.subtractingReportingOverflow(timestampBeforeMaxMs)
        let (latest, noLatest) = nowMs.addingReportingOverflow(timestampAfterMaxMs)
        return (noEarliest || timestampMs >= earliest) && (noLatest || timestampMs <= latest)
    }
}
