/// Which part of a log can be compacted, and how much it needs it; pure.
///
/// The dirty part runs from where the last cleaning ended to the first segment that must be left alone: the active one,
/// one that reaches beyond the last stable offset, or one with a record younger than `min.compaction.lag.ms`.
package struct CleanableRange: Equatable, Sendable {
    /// What is known of a closed segment.
    struct Candidate: Equatable {
        let baseOffset: Int64
        /// Exclusive.
        let endOffset: Int64
        let size: Int64
        let maxTimestampMs: Int64
        /// Of its first batch, -1 if it has none.
        let firstTimestampMs: Int64
    }

    /// Where the dirty part begins.
    package let start: Int64
    /// Where the first segment begins that is not cleaned.
    package let end: Int64
    /// Bytes of segments that are clean as a whole, and of those that are dirty and may be cleaned.
    package let cleanBytes: Int64
    package let dirtyBytes: Int64
    /// A dirty record is older than `max.compaction.lag.ms`.
    package let isOverdue: Bool

    /// Dirty bytes over all, 0 if there is nothing to clean.
    package var dirtyRatio: Double {
        dirtyBytes == 0 ? 0 : Double(dirtyBytes) / Double(cleanBytes + dirtyBytes)
    }

    /// - Parameters:
    ///   - closed: all segments but the active one, in order.
    ///   - cleanedOffset: where the last cleaning ended, nil if there was none.
    ///   - stableOffset: first offset that may still be undecided or is not replicated.
    init(
        closed: [Candidate],
        cleanedOffset: Int64?,
        logStartOffset: Int64,
        logEndOffset: Int64,
        stableOffset: Int64,
        config: LogConfig,
        nowMs: Int64
    ) {
        // A checkpoint outside of the log is from before it was cut: all is looked at again.
        let known = cleanedOffset ?? logStartOffset
        start = known < logStartOffset || known > logEndOffset ? logStartOffset : known
        let isYoung = { (timestampMs: Int64) in
            let (age, isBeyondCount) = nowMs.subtractingReportingOverflow(timestampMs)
            return isBeyondCount ? timestampMs > nowMs : age < config.minCompactionLagMs
        }
        var end = closed.first?.baseOffset ?? logStartOffset
        var cleanBytes: Int64 = 0
        var dirtyBytes: Int64 = 0
        var isOverdue = false
        for segment in closed {
            let isDirty = segment.endOffset > start
            if segment.endOffset > stableOffset { break }
            if isDirty, config.minCompactionLagMs > 0, isYoung(segment.maxTimestampMs) { break }
            end = segment.endOffset
            if isDirty {
                dirtyBytes += segment.size
                let (age, isBeyondCount) = nowMs.subtractingReportingOverflow(segment.firstTimestampMs)
                if segment.firstTimestampMs > 0, !isBeyondCount, age > config.maxCompactionLagMs { isOverdue = true }
            } else {
                cleanBytes += segment.size
            }
        }
        self.end = end
        self.cleanBytes = cleanBytes
        self.dirtyBytes = dirtyBytes
        self.isOverdue = isOverdue
    }

    /// Whether a cleaning is worth it.
    package func isDue(_ config: LogConfig) -> Bool {
        dirtyBytes > 0 && (isOverdue || dirtyRatio > config.minCleanableDirtyRatio)
    }
}
