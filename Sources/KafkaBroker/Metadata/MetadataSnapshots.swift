import KafkaCoordination
import KafkaMessages
import KafkaStorage
import Logging
import Synchronization

/// Snapshots of the metadata beside their log: written when the log has grown by a while, so that neither the log nor the
/// time that a start takes grows without end.
///
/// Whoever applies the records tells how many bytes they had; a thread of its own writes, so that no decision waits for
/// it. What lies below the snapshot before the newest one is dropped from the log: readers that are not far behind need
/// no snapshot.
final class MetadataSnapshots: Sendable {
    /// When a snapshot is due.
    struct Settings: Sendable {
        /// Bytes of records since the last (`metadata.log.max.record.bytes.between.snapshots`).
        var bytes: Int64 = 20 << 20
        /// Milliseconds since the last, if anything has changed (`metadata.log.max.snapshot.interval.ms`); 0 is never.
        var intervalMs: Int64 = 3_600_000

        init(_ resolver: ConfigResolver) {
            let number = { (name: String) in resolver.brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } }
            bytes = max(1, number("metadata.log.max.record.bytes.between.snapshots") ?? bytes)
            intervalMs = max(0, number("metadata.log.max.snapshot.interval.ms") ?? intervalMs)
        }
    }

    private struct State {
        var newest: MetadataSnapshotName?
        /// Of records since the newest.
        var bytes: Int64 = 0
        /// When the newest was written, or the process began.
        var sinceMs: Int64
        /// What is to be written next.
        var due: MetadataImage?
        var isWriting = false
    }

    private let log: PartitionLog
    private let directory: LogDirectory
    private let settings: Settings
    private let clock: any BrokerClock
    private let logger: Logger
    private let state: Mutex<State>
    private let alarm = Alarm()

    init(
        log: PartitionLog,
        directory: LogDirectory,
        settings: Settings,
        clock: any BrokerClock,
        logger: Logger
    ) throws(StorageError) {
        self.log = log
        self.directory = directory
        self.settings = settings
        self.clock = clock
        self.logger = logger
        try directory.removeUnfinishedMetadataSnapshots(of: MetadataLog.topicPartition)
        let newest = try directory.newestMetadataSnapshot(
            of: MetadataLog.topicPartition,
            notBelow: log.logStartOffset
        )
        state = Mutex(State(newest: newest, sinceMs: clock.nowMs))
    }

    /// The newest one that is whole.
    var newest: MetadataSnapshotName? { state.withLock { $0.newest } }

    // MARK: What happens to the log

    /// Records of this size are part of the log that no snapshot stands for.
    func grew(by bytes: Int64) { state.withLock { $0.bytes += bytes } }

    /// Everything in the log up to the end of `image` is committed: whether it is time for a snapshot of it.
    func consider(_ image: MetadataImage) {
        let nowMs = clock.nowMs
        let isDue = state.withLock { state in
            let isOld = settings.intervalMs > 0 && nowMs - state.sinceMs >= settings.intervalMs
            guard !state.isWriting, state.due == nil, state.bytes > 0, state.bytes >= settings.bytes || isOld,
                !image.hasForeignRecords, image.offset >= (state.newest?.endOffset ?? 0)
            else { return false }
            state.due = image
            state.bytes = 0
            state.sinceMs = nowMs
            return true
        }
        guard isDue else { return }
        do throws(StorageError) {
            // Whole segments are dropped: one ends here.
            try log.roll(nowMs: nowMs)
        } catch {
            logger.error("Metadata log cannot begin a segment", metadata: ["error": "\(error)"])
        }
        alarm.ring()
    }

    /// A snapshot was put there by somebody else, in place of everything that was there.
    func noteFetched(_ name: MetadataSnapshotName) {
        state.withLock { state in
            state.newest = name
            state.bytes = 0
            state.sinceMs = clock.nowMs
            state.due = nil
        }
    }

    // MARK: Writing

    /// Writes what is due until `stop`. Must run where blocking is allowed.
    func run() async {
        while await alarm.sleep() { writeDue() }
    }

    func stop() { alarm.expire() }

    /// Writes what is due now. A failure is told and leaves everything as it is.
    func writeDue() {
        let (due, previous) = state.withLock { state in
            state.isWriting = state.due != nil
            return (state.due.take(), state.newest)
        }
        guard let image = due else { return }
        defer { state.withLock { $0.isWriting = false } }
        guard let epoch = log.leaderEpoch(at: image.offset) else { return }
        let name = MetadataSnapshotName(endOffset: image.offset + 1, epoch: epoch)
        do {
            let nowMs = clock.nowMs
            let bytes = try MetadataSnapshotFile.encode(image.records(), epoch: epoch, lastMs: nowMs, nowMs: nowMs)
            try directory.writeMetadataSnapshot(name, bytes, of: MetadataLog.topicPartition)
            state.withLock { $0.newest = max($0.newest ?? name, name) }
            try dropBelow(previous ?? name, isFirst: previous == nil)
            logger.info(
                "Snapshot of the metadata is written",
                metadata: ["name": "\(name.fileName)", "bytes": "\(bytes.count)"]
            )
        } catch {
            logger.error("Snapshot of the metadata cannot be written", metadata: ["error": "\(error)"])
        }
    }

    private func dropBelow(_ previous: MetadataSnapshotName, isFirst: Bool) throws {
        try directory.removeMetadataSnapshots(of: MetadataLog.topicPartition, below: previous)
        guard !isFirst else { return }
        _ = try log.deleteRecords(before: min(previous.endOffset, log.logEndOffset))
        _ = try log.applyRetention(nowMs: clock.nowMs, highWatermark: previous.endOffset)
        try log.purgeDeletedFiles(nowMs: .max)
    }
}
