/// Whether a segment must be closed before a batch is appended; pure.
struct RollDecision {
    /// Facts about the active segment.
    let baseOffset: Int64
    let size: Int64
    /// Largest timestamp of the first batch; negative or nil if it has none.
    let firstTimestamp: Int64?
    let createdMs: Int64
    let offsetIndexCount: Int
    let timeIndexCount: Int
    /// Taken off `segment.ms`.
    let jitterMs: Int64

    func mustRoll(
        batchSize: Int,
        lastOffset: Int64,
        maxTimestamp: Int64,
        nowMs: Int64,
        config: LogConfig
    ) -> Bool {
        if size > config.segmentBytes - Int64(batchSize) { return true }
        if lastOffset - baseOffset > Int64(Int32.max) { return true }
        if offsetIndexCount >= config.segmentIndexBytes / OffsetIndexEntry.size { return true }
        // The last slot of the time index is kept for the final maximum.
        if timeIndexCount >= config.segmentIndexBytes / TimeIndexEntry.size - 1 { return true }
        guard size > 0 else { return false }
        let age: Int64
        if let firstTimestamp, firstTimestamp >= 0 {
            age = maxTimestamp.subtractingReportingOverflow(firstTimestamp).partialValue
        } else {
            age = nowMs - createdMs
        }
        return age > config.effectiveSegmentMs - jitterMs
    }
}
