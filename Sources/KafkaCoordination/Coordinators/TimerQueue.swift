/// One deadline for each key, and which is due first.
///
/// Moving a deadline back, as each heartbeat does, costs one dictionary access: the heap keeps the earlier entry and
/// finds out when it comes up. So `nextDeadlineMs` may be early, but never late.
package struct TimerQueue<Key: Hashable & Sendable>: Sendable {
    private struct Entry {
        var deadlineMs: Int64
        var key: Key
    }

    private struct Timer {
        var deadlineMs: Int64
        /// Of the key's entry in the heap.
        var queuedMs: Int64
    }

    private var timers: [Key: Timer] = [:]
    /// A binary heap, the earliest first. Entries of keys that are gone or queued anew are skipped.
    private var heap: [Entry] = []

    package init() {}

    package var count: Int { timers.count }

    /// The first deadline or an earlier time.
    package var nextDeadlineMs: Int64? { heap.first?.deadlineMs }

    package func deadlineMs(of key: Key) -> Int64? { timers[key]?.deadlineMs }

    /// Sets or moves the deadline of `key`.
    package mutating func set(_ key: Key, atMs deadlineMs: Int64) {
        if let queuedMs = timers[key]?.queuedMs, queuedMs <= deadlineMs {
            timers[key]?.deadlineMs = deadlineMs
            return
        }
        timers[key] = Timer(deadlineMs: deadlineMs, queuedMs: deadlineMs)
        push(Entry(deadlineMs: deadlineMs, key: key))
    }

    package mutating func cancel(_ key: Key) {
        timers[key] = nil
        if timers.isEmpty { heap = [] } else if heap.count > 64 + 4 * timers.count { rebuild() }
    }

    /// Takes out the key that is due first; nil when none is due.
    package mutating func popDue(nowMs: Int64) -> Key? {
        while let first = heap.first, first.deadlineMs <= nowMs {
            removeFirst()
            guard let timer = timers[first.key], timer.queuedMs == first.deadlineMs else { continue }
            if timer.deadlineMs <= nowMs {
                timers[first.key] = nil
                return first.key
            }
            timers[first.key]?.queuedMs = timer.deadlineMs
            push(Entry(deadlineMs: timer.deadlineMs, key: first.key))
        }
        return nil
    }

    /// Drops entries that nobody needs any more.
    private mutating func rebuild() {
        heap = []
        for (key, timer) in timers {
            timers[key]?.queuedMs = timer.deadlineMs
            push(Entry(deadlineMs: timer.deadlineMs, key: key))
        }
    }

    private mutating func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadlineMs < heap[parent].deadlineMs else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].deadlineMs < heap[least].deadlineMs { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
