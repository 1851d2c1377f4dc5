/// The settings of one partition's log; names and defaults are those of Kafka's topic configs. Sizes in bytes, times
/// in milliseconds.
package struct LogConfig: Equatable, Sendable {
    /// `segment.bytes`: a segment is closed before it would grow beyond this.
    package var segmentBytes: Int64 = 1 << 30
    /// `segment.ms`: a segment is closed when its first record is older than this.
    package var segmentMs: Int64 = 7 * 24 * 3_600_000
    /// `segment.jitter.ms`: up to this is taken off `segmentMs` at random, so that segments do not all roll at once.
    package var segmentJitterMs: Int64 = 0
    /// `index.interval.bytes`: log bytes between two index entries.
    package var indexIntervalBytes: Int = 4096
    /// `segment.index.bytes`: a segment is closed when an index is this large.
    package var segmentIndexBytes: Int = 10 << 20
    /// `retention.ms`: -1 for no limit.
    package var retentionMs: Int64 = 7 * 24 * 3_600_000
    /// `retention.bytes`: -1 for no limit.
    package var retentionBytes: Int64 = -1
    /// `max.message.bytes`: largest batch that a client may write; checked by the broker, not here.
    package var maxMessageBytes: Int = 1_048_588
    /// `flush.messages`: fsync after so many records; `Int64.max` leaves it to the operating system, 1 to the owner of
    /// the log, who must not count a record as written before a flush.
    package var flushMessages: Int64 = .max
    /// `flush.ms`: fsync when the oldest unflushed record has waited so long; `Int64.max` for never.
    package var flushMs: Int64 = .max
    /// `file.delete.delay.ms`: how long a removed file keeps its bytes under a `.deleted` name.
    package var fileDeleteDelayMs: Int64 = 60_000
    /// `cleanup.policy` contains delete.
    package var deletesOldSegments = true
    /// `cleanup.policy` contains compact. Must be right before a log is opened after an unclean stop: in a log that is
    /// not compacted a gap between two segments counts as loss, and what follows it is removed.
    package var isCompacted = false
    /// `min.cleanable.dirty.ratio`: compaction waits until more than this part of the log is dirty.
    package var minCleanableDirtyRatio = 0.5
    /// `min.compaction.lag.ms`: younger records are left alone.
    package var minCompactionLagMs: Int64 = 0
    /// `max.compaction.lag.ms`: older records are compacted whatever the dirty ratio is.
    package var maxCompactionLagMs: Int64 = .max
    /// `delete.retention.ms`: how long tombstones and transaction markers stay after all that they concern is gone.
    package var deleteRetentionMs: Int64 = 24 * 3_600_000
    /// `producer.id.expiration.ms`.
    package var producerIDExpirationMs: Int64 = 24 * 3_600_000

    package init() {}

    /// After how long a segment is closed: also as soon as its records must be compacted, which a closed one only can be.
    var effectiveSegmentMs: Int64 {
        isCompacted && maxCompactionLagMs > 0 ? min(segmentMs, maxCompactionLagMs) : segmentMs
    }

    /// When a file that is taken out of the log now is removed; the delay may be as long as a number can tell.
    func deletionMs(nowMs: Int64) -> Int64 {
        let (due, isBeyondCount) = nowMs.addingReportingOverflow(fileDeleteDelayMs)
        return isBeyondCount ? .max : due
    }
}
