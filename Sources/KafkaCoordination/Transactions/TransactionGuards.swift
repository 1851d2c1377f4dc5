/// The producers of one partition whose transaction is being asked for at the coordinator (KIP-890 part 1).
///
/// Rules: the first transactional batch of a producer is appended only with a guard that was taken before the
/// coordinator was asked and still holds. A marker breaks the producer's guard, so that a batch which was delayed until
/// after the end of its transaction cannot open another one that nobody would end. Another leader may write that marker,
/// too: a guard does not outlive the leadership in which it was taken.
package struct TransactionGuards: Sendable {
    /// Proof that the coordinator was asked; valid until the next marker.
    package struct Guard: Equatable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Entry {
        var number: UInt64
        var epoch: Int16
        /// Of all batches that ask; a producer's first batch must not be overtaken by its second one.
        var lowestSequence: Int32
        var lastAskedMs: Int64
    }

    package enum Decision: Equatable, Sendable {
        case append
        /// The guard is broken or was never taken.
        case refuse
        /// The guard was taken before leadership changed: the coordinator has to be asked anew.
        case leadershipChanged
        /// An earlier batch of the producer has not come through yet.
        case outOfOrder(expected: Int32)
    }

    private var entries: [Int64: Entry] = [:]
    private var nextNumber: UInt64 = 0
    /// Up to here guards are of former leaderships.
    private var lastFormerNumber: UInt64 = 0

    package init() {}

    package var count: Int { entries.count }

    /// Before the coordinator is asked. Batches that ask at the same time share a guard. What a shut out producer asks for
    /// late gets one that never holds.
    package mutating func begin(producerID: Int64, epoch: Int16, firstSequence: Int32, nowMs: Int64) -> Guard {
        if let entry = entries[producerID], entry.epoch > epoch { return Guard(number: 0) }
        if var entry = entries[producerID], entry.epoch == epoch {
            entry.lowestSequence = min(entry.lowestSequence, firstSequence)
            entry.lastAskedMs = nowMs
            entries[producerID] = entry
            return Guard(number: entry.number)
        }
        nextNumber &+= 1
        entries[producerID] = Entry(
            number: nextNumber,
            epoch: epoch,
            lowestSequence: firstSequence,
            lastAskedMs: nowMs
        )
        return Guard(number: nextNumber)
    }

    /// Whether a batch that opens a transaction may be appended. `held` is nil if the coordinator was not asked.
    package func check(producerID: Int64, epoch: Int16, firstSequence: Int32, held: Guard?) -> Decision {
        guard let held, held.number > 0 else { return .refuse }
        guard held.number > lastFormerNumber else { return .leadershipChanged }
        guard let entry = entries[producerID], entry.number == held.number, entry.epoch == epoch else { return .refuse }
        return firstSequence > entry.lowestSequence ? .outOfOrder(expected: entry.lowestSequence) : .append
    }

    /// Whether a guard still holds.
    package func holds(_ held: Guard, producerID: Int64) -> Bool { entries[producerID]?.number == held.number }

    /// The partition has another leader, or this one begins anew: nothing that was asked for before counts.
    package mutating func leadershipChanged() {
        entries = [:]
        lastFormerNumber = nextNumber
    }

    /// The producer's transaction is open here now, or a marker has ended it.
    package mutating func end(producerID: Int64) { entries[producerID] = nil }

    /// The coordinator knows nothing of a transaction in this epoch; the guard of a later one stays.
    package mutating func refuse(producerID: Int64, epoch: Int16) {
        if entries[producerID]?.epoch == epoch { entries[producerID] = nil }
    }

    /// Forgets producers that asked longer than `idleMs` ago and never came back.
    package mutating func removeExpired(nowMs: Int64, idleMs: Int64) {
        entries = entries.filter { nowMs - $0.value.lastAskedMs < idleMs }
    }
}
