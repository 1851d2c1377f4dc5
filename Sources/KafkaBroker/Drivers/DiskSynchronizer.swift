import KafkaCoordination
import KafkaTransport
import Synchronization

/// Makes partitions durable whose appends wait for the disk (`flush.messages=1`, `--fsync always`).
///
/// Waiting appends hold no thread: one fsync of a partition answers all of them that came before it began. Partitions
/// are synchronised side by side, since a file system joins them in one commit of its journal.
final class DiskSynchronizer: Sendable {
    /// A partition object; one of the same name that was made anew is another.
    private struct Key: Hashable {
        let partition: Partition

        static func == (one: Key, other: Key) -> Bool { one.partition === other.partition }

        func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(partition)) }
    }

    private let pool: StorageExecutor
    private let queue: Mutex<SyncQueue<Key>>
    private let alarm = Alarm()

    /// - Parameter pool: its threads wait for the disk and do nothing else.
    init(pool: StorageExecutor) {
        self.pool = pool
        queue = Mutex(SyncQueue(limit: pool.size))
    }

    /// Something was appended to `partition` that is to become durable.
    func request(_ partition: Partition) {
        if queue.withLock({ $0.request(Key(partition: partition)) }) { alarm.ring() }
    }

    /// Works until `stop`, and then until what has begun is done.
    func run() async {
        await withDiscardingTaskGroup { group in
            repeat {
                for key in queue.withLock({ $0.start() }) {
                    group.addTask(executorPreference: pool) {
                        key.partition.synchronize()
                        if self.queue.withLock({ $0.finished(key) }) { self.alarm.ring() }
                    }
                }
            } while await alarm.sleep()
        }
    }

    func stop() { alarm.expire() }
}
