/// The mutable part of a partition's log, guarded by the log's lock.
struct LogState: Sendable {
    var config: LogConfig
    /// In order of offset; the last one is active. Never empty.
    var segments: [Segment]
    var logStartOffset: Int64
    var logEndOffset: Int64
    /// First offset that is not known to be durable.
    var recoveryPoint: Int64
    var epochs: LeaderEpochCache
    /// The epochs differ from those in the checkpoint file.
    var epochsStale = false
    /// The checkpoint file was written and not synchronised.
    var epochsUnsynchronized = false
    var producers: ProducerStateTable
    /// Offset of the newest snapshot that this log wrote or loaded, -1 for none.
    var lastSnapshotOffset: Int64
    var tail = TailPositions()
    /// Taken off `segment.ms` for the active segment.
    var jitterMs: Int64 = 0
    /// Files were made, renamed or removed since the folder was last synchronised.
    var directoryDirty = false
    /// The folder itself may not be in the directory above it after a power cut.
    var folderDirty = false
    /// `partition.metadata`, if it was written and not synchronised.
    var unsynchronizedPath: String?
    /// When the oldest record that is not flushed was written; nil if there is none.
    var unflushedSinceMs: Int64?
    /// Files under a `.deleted` name and when they may go.
    var deletedFiles: [(path: String, dueMs: Int64)] = []
    /// How often the log was cut: what was read of it before a cut may not be there any more.
    var cutCount = 0
    /// The log is being compacted.
    var isCleaning = false
    /// Set by a failed fsync (what was written may be lost silently) or by `close`: nothing is appended any more.
    var failure: StorageError?

    /// The active segment.
    var active: Segment {
        get { segments[segments.count - 1] }
        _modify { yield &segments[segments.count - 1] }
    }

    var size: Int64 { segments.reduce(0) { $0 + $1.size } }

    /// The segment that holds `offset`, or would if it were there.
    func segmentIndex(for offset: Int64) -> Int {
        max(0, segments.prefixCount { $0.baseOffset <= offset } - 1)
    }

    /// Where the segment at `index` ends (exclusive offset).
    func endOffset(ofSegment index: Int) -> Int64 {
        index + 1 < segments.count ? segments[index + 1].baseOffset : logEndOffset
    }
}

/// Where the newest batches of the active segment stand, so that readers at the tail need neither index nor scan.
struct TailPositions: Sendable {
    struct Batch: Sendable {
        let baseOffset: Int64
        let lastOffset: Int64
        let position: Int64
    }

    static let capacity = 32
    private var ring: [Batch] = []
    private var next = 0

    mutating func removeAll() {
        ring = []
        next = 0
    }

    mutating func append(_ batch: Batch) {
        if ring.count < Self.capacity {
            ring.append(batch)
        } else {
            ring[next] = batch
        }
        next = (next + 1) % Self.capacity
    }

    /// The position of the first batch whose last offset is at least `offset`; nil if that cannot be told from the
    /// batches remembered.
    func position(of offset: Int64) -> (baseOffset: Int64, position: Int64)? {
        let oldest = ring.count < Self.capacity ? 0 : next
        // Newest first: a reader at the tail is served by the last one or two.
        for distance in 1...max(1, ring.count) where distance <= ring.count {
            let batch = ring[(oldest + ring.count - distance) % Self.capacity]
            if batch.lastOffset < offset { return nil }
            let isFirst = distance == ring.count
            let before = isFirst ? nil : ring[(oldest + ring.count - distance - 1) % Self.capacity]
            if batch.baseOffset <= offset || before.map({ $0.lastOffset < offset }) == true {
                return (batch.baseOffset, batch.position)
            }
        }
        return nil
    }
}
