/// Which segments have outlived their time; pure.
///
/// Only a prefix of the log goes: the first segment that is not due ends it. A segment whose end lies above the high
/// watermark stays, and so does an empty active one.
package struct RetentionDecision {
    package enum Reason: String, Equatable, Sendable {
        case logStartOffset = "it lies below the log start offset"
        case size = "the log is larger than retention.bytes"
        case time = "its newest record is older than retention.ms"
    }

    struct Candidate: Equatable {
        let baseOffset: Int64
        /// Exclusive.
        let endOffset: Int64
        let size: Int64
        /// Of the records, or the file's modification time if they have none.
        let maxTimestampMs: Int64
    }

    let config: LogConfig
    let logStartOffset: Int64
    let highWatermark: Int64
    let nowMs: Int64

    /// The reason for each of the segments, from the first on, that go.
    func due(_ segments: [Candidate]) -> [Reason] {
        var total = segments.reduce(0) { $0 + $1.size }
        var reasons: [Reason] = []
        for segment in segments {
            guard segment.endOffset <= highWatermark, let reason = reason(segment, total: total) else { break }
            let isActive = reasons.count == segments.count - 1
            if isActive && segment.size == 0 { break }
            reasons.append(reason)
            total -= segment.size
        }
        return reasons
    }

    private func reason(_ segment: Candidate, total: Int64) -> Reason? {
        if segment.endOffset <= logStartOffset { return .logStartOffset }
        guard config.deletesOldSegments else { return nil }
        if config.retentionBytes >= 0, total - segment.size >= config.retentionBytes { return .size }
        if config.retentionMs >= 0, nowMs - segment.maxTimestampMs > config.retentionMs { return .time }
        return nil
    }
}
