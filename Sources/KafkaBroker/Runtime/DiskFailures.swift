import KafkaStorage
import Synchronization

/// Which disk failures were reported lately: a full disk refuses every batch, and one line in a while says as much.
final class DiskFailures: Sendable {
    private static let intervalMs: Int64 = 10_000

    private let reported = Mutex<[TopicPartition: Int64]>([:])

    /// Whether a failure of `partition` is worth a line now.
    func isNews(_ partition: TopicPartition, nowMs: Int64) -> Bool {
        reported.withLock { reported in
            if let last = reported[partition], nowMs - last < Self.intervalMs { return false }
            reported = reported.filter { nowMs - $0.value < Self.intervalMs }
            reported[partition] = nowMs
            return true
        }
    }
}
