import KafkaMessages
import KafkaWire
import Synchronization

/// Brokers that read the metadata log, as far as their fetches tell: what DescribeQuorum shows of them.
final class QuorumObservers: Sendable {
    struct Observer: Sendable {
        var directoryID: KafkaUUID
        var logEnd: Int64
        var lastFetchMs: Int64
        var lastCaughtUpMs: Int64
        /// The leader's log end and the time of the fetch before.
        var previousEnd: Int64
        var previousFetchMs: Int64
    }

    /// Milliseconds without a fetch after which an observer is forgotten.
    private static let forgottenAfterMs: Int64 = 300_000
    /// More are not kept apart from each other by anything that costs them.
    private static let limit = 10_000

    private let observers = Mutex<[Int32: Observer]>([:])

    /// Node `id` asks for what comes from `offset` on, while the log ends at `end`.
    func fetched(_ id: Int32, _ directoryID: KafkaUUID, offset: Int64, end: Int64, nowMs: Int64) {
        observers.withLock { observers in
            let known = observers[id]
            guard known != nil || observers.count < Self.limit else { return }
            var caughtUpMs = known?.lastCaughtUpMs ?? -1
            if offset >= end {
                caughtUpMs = nowMs
            } else if let known, offset >= known.previousEnd {
                caughtUpMs = max(caughtUpMs, known.previousFetchMs)
            }
            observers[id] = Observer(
                directoryID: directoryID,
                logEnd: offset,
                lastFetchMs: nowMs,
                lastCaughtUpMs: caughtUpMs,
                previousEnd: end,
                previousFetchMs: nowMs
            )
        }
    }

    /// All that were heard of lately, by id.
    func list(nowMs: Int64) -> [(id: Int32, observer: Observer)] {
        observers.withLock { observers in
            observers = observers.filter { nowMs - $0.value.lastFetchMs < Self.forgottenAfterMs }
            return observers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }
}
