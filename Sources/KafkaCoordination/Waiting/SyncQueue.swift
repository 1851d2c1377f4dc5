/// Which of many files are to be made durable next, so that one fsync serves all who wait for it (group commit).
///
/// Rules: a key is at work once at a time; whoever asks while it is at work has it done once more afterwards, since
/// what he wrote may have come too late; those who ask while it waits share that turn; at most `limit` keys are at
/// work; keys take their turns in the order in which they asked.
package struct SyncQueue<Key: Hashable> {
    fileprivate enum Stage {
        case waiting
        case atWork
        /// Somebody asked meanwhile.
        case atWorkAndWanted
    }

    private let limit: Int
    private var stages: [Key: Stage] = [:]
    private var order: [Key] = []
    private var atWork = 0

    package init(limit: Int) { self.limit = max(1, limit) }

    package var isIdle: Bool { stages.isEmpty }

    /// Somebody wants `key` done. True if there may be something to start now.
    package mutating func request(_ key: Key) -> Bool {
        switch stages[key] {
        case nil:
            stages[key] = .waiting
            order.append(key)
            return atWork < limit
        case .atWork:
            stages[key] = .atWorkAndWanted
            return false
        case .waiting, .atWorkAndWanted: return false
        }
    }

    /// Takes what is to be done now; each must be followed by `finished`.
    package mutating func start() -> [Key] {
        let started = Array(order.prefix(limit - atWork))
        order.removeFirst(started.count)
        for key in started { stages[key] = .atWork }
        atWork += started.count
        return started
    }

    /// `key` is done, for better or worse. True if there may be something to start now.
    package mutating func finished(_ key: Key) -> Bool {
        switch stages[key] {
        case .atWork: stages[key] = nil
        case .atWorkAndWanted:
            stages[key] = .waiting
            order.append(key)
        // Not at work: a mistake of ours that harms nobody.
        case nil, .waiting: return false
        }
        atWork -= 1
        return !order.isEmpty
    }
}

extension SyncQueue: Sendable where Key: Sendable {}
extension SyncQueue.Stage: Sendable where Key: Sendable {}
