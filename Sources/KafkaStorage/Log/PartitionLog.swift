package import KafkaWire
import Synchronization

/// The log of one partition: an ordered sequence of record batches in segment files, in Kafka's layout.
///
/// Safe to use from any thread. Appends are serialised by the log's lock and write while they hold it; reads take the
/// lock only to find out what there is. All calls may block on the disk: call them from the storage executor.
package final class PartitionLog: Sendable {
    package let topicPartition: TopicPartition
    /// `.zero` if the folder does not tell.
    package let topicID: KafkaUUID
    /// The partition's folder.
    package let directory: String
    /// What opening had to repair.
    package let recoveryReport: RecoveryReport

    let fileSystem: any FileSystem
    let state: Mutex<LogState>
    /// Counts up before files of closed segments change their names: who has read by name meanwhile looks again.
    private let nameChanges = Atomic<Int>(0)
    /// Held while files are synchronised, so that one fsync serves all who wait for it.
    let flushing = Mutex<Void>(())

    init(
        topicPartition: TopicPartition,
        topicID: KafkaUUID,
        directory: String,
        fileSystem: any FileSystem,
        state: consuming LogState,
        recoveryReport: RecoveryReport
    ) {
        self.topicPartition = topicPartition
        self.topicID = topicID
        self.directory = directory
        self.fileSystem = fileSystem
        self.state = Mutex(state)
        self.recoveryReport = recoveryReport
    }

    package var topic: String { topicPartition.topic }
    package var partition: Int32 { topicPartition.partition }

    /// The first offset that readers may see.
    package var logStartOffset: Int64 { state.withLock { $0.logStartOffset } }
    /// The offset that the next record gets.
    package var logEndOffset: Int64 { state.withLock { $0.logEndOffset } }
    /// First offset that may be lost in a power cut.
    package var recoveryPoint: Int64 { state.withLock { $0.recoveryPoint } }
    /// Why the log takes nothing more until it is opened again; nil while it does.
    package var failure: StorageError? { state.withLock { $0.failure } }
    /// Bytes of all segments.
    package var size: Int64 { state.withLock { $0.size } }
    package var segmentCount: Int { state.withLock { $0.segments.count } }
    package var activeSegmentBaseOffset: Int64 { state.withLock { $0.active.baseOffset } }
    /// The newest leader epoch in the log, nil if the log has none.
    package var latestEpoch: Int32? { state.withLock { $0.epochs.latest?.epoch } }
    package var config: LogConfig { state.withLock { $0.config } }
    /// Base offset of the first segment: where the log would start if nothing had been deleted by offset.
    package var firstSegmentBaseOffset: Int64 { state.withLock { $0.segments[0].baseOffset } }

    /// Takes new settings; they hold from the next append or retention check on.
    package func updateConfig(_ config: LogConfig) {
        state.withLock { $0.config = config }
    }

    // MARK: Reading while segments are exchanged

    /// Called under the log's lock, before files of segments are renamed.
    func noteFilesChange() {
        _ = nameChanges.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }

    /// Runs something that takes a copy of the state and then reads files by their names. If files were renamed
    /// meanwhile, what it has read may belong to others, and it is run again.
    func reading<Answer, Failure: Error>(
        _ body: (_ isCurrent: () -> Bool) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        while true {
            let before = nameChanges.load(ordering: .sequentiallyConsistent)
            let isCurrent = { self.nameChanges.load(ordering: .sequentiallyConsistent) == before }
            do throws(Failure) {
                let answer = try body(isCurrent)
                if isCurrent() { return answer }
            } catch {
                if isCurrent() { throw error }
            }
        }
    }

    // MARK: Leader epochs

    /// The largest epoch in the log that is not above `epoch`, and where it ends. Nil if nothing is known (KIP-320).
    package func endOffset(forLeaderEpoch epoch: Int32) -> (epoch: Int32, endOffset: Int64)? {
        state.withLock { $0.epochs.endOffset(for: epoch, logEndOffset: $0.logEndOffset) }
    }

    /// The leader epoch of the record at `offset`, nil if unknown.
    package func leaderEpoch(at offset: Int64) -> Int32? {
        state.withLock { $0.epochs.epoch(at: offset) }
    }

    // MARK: Producers and transactions

    /// The smallest offset that a reader of committed data may not pass, apart from the high watermark. Nil if no
    /// transaction is open or waits for its marker to be replicated.
    package func firstUnstableOffset(highWatermark: Int64) -> Int64? {
        state.withLock { $0.producers.firstUnstableOffset(highWatermark: highWatermark) }
    }

    /// Whether a transaction of the producer with this epoch is open here.
    package func hasOpenTransaction(producerID: Int64, epoch: Int16) -> Bool {
        state.withLock { state in
            guard let producer = state.producers.producers[producerID] else { return false }
            return producer.transactionFirstOffset != nil && producer.epoch == epoch
        }
    }

    /// What is known of the producers of this partition, by id (for DescribeProducers).
    package var producers: [Int64: ProducerState] { state.withLock { $0.producers.producers } }

    /// Forgets producers that were idle for `producer.id.expiration.ms`.
    package func removeExpiredProducers(nowMs: Int64) {
        state.withLock { $0.producers.removeExpired(nowMs: nowMs, expirationMs: $0.config.producerIDExpirationMs) }
    }
}
