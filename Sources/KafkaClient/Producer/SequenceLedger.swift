/// The number and epoch under which a broker knows an idempotent producer.
struct ProducerIdentity: Equatable, Sendable {
    var id: Int64
    var epoch: Int16
}

/// What a batch carries so that a broker can tell a repetition from a new batch.
struct SequenceStamp: Equatable, Sendable {
    var identity: ProducerIdentity
    /// Number of the batch's first record, 0 … 2³¹ - 1.
    var baseSequence: Int32
}

/// The sequence numbers of one partition: which batch has which, which answers are missing, and when to start afresh
/// under a new epoch. Rules of KIP-98, KIP-360 and of a broker that remembers a producer's last five batches:
///
/// - Sequences start at 0 under each identity and are given when a batch is sent for the first time. A repetition
///   keeps its sequence, and while there is one to make only the lowest unanswered batch is sent.
/// - Brokers remember five batches; so at most five are sent from the lowest unanswered one on, answered or not.
/// - An answer *out of sequence* for a batch behind another unanswered one says nothing: it is repeated later. For the
///   lowest one it means that the broker does not know what came before; nothing from there on was written.
/// - A broker that knows nothing of an identity takes any sequence as the first. So until one batch was written under an
///   identity, only one is under way: else the second could get in before the first.
/// - A batch that was given up leaves a *hole*. No new batch is sent until the ones behind it are answered. A success
///   among them shows that the broker is past the hole.
/// - A hole is closed by taking its numbers back when the batch was surely not written, otherwise by a new epoch.
/// - A new epoch begins only when no request for the partition is under way, and renumbers batches only if the broker
///   has shown that it holds none of them: so a record that may be in the log is never written a second time.
///
/// An epoch counts for its partition alone: brokers compare epochs within a partition, so others need not follow.
struct SequenceLedger: Equatable, Sendable {
    /// The most batches from the lowest unanswered one on: as many as a broker remembers.
    static let window = 5

    private struct Entry: Equatable, Sendable {
        let batch: BatchID
        var base: Int32
        let count: Int32
        /// It is in the log. It stays here while a lower one is unanswered: brokers remember five batches, so the lowest
        /// unanswered one must stay among the last five that were written.
        var isWritten = false
    }

    /// What was given up and is not behind us yet.
    private struct Gap: Equatable, Sendable {
        /// First number of the lowest batch that was given up.
        var lowest: Int32
        /// First number of the highest.
        var highest: Int32
        /// Whether one of them may be in the log after all.
        var mayBeWritten: Bool
    }

    /// What to do with a batch that was answered with an error about its sequence.
    enum Verdict: Equatable, Sendable {
        /// Send it again with the same numbers, when those before it are done.
        case sendAgain
        /// Send it again; its numbers will be new by then.
        case startsAfresh
        /// It is in the log: a batch behind it is, and the broker has forgotten this one's answer.
        case alreadyWritten
    }

    /// New numbers of batches that wait to be sent again.
    typealias Renumbering = [(batch: BatchID, stamp: SequenceStamp)]

    /// `nil` while a new producer id is waited for.
    private(set) var identity: ProducerIdentity?
    private var next: Int32 = 0
    /// Unanswered batches, lowest sequence first, and those written after the lowest.
    private var unanswered: [Entry] = []
    private var gap: Gap?
    /// Brokers know the identity: a batch was written under it.
    private var isEstablished = false
    /// A new epoch is to begin as soon as nothing is under way.
    private var startsAfresh = false
    /// The identity is of no use any more: a new epoch of it would not do.
    private var needsNewIdentity = false

    init(identity: ProducerIdentity?) {
        self.identity = identity
    }

    // MARK: Sending

    /// Whether a batch may be sent that never was before.
    var acceptsNewBatch: Bool {
        identity != nil && gap == nil && !startsAfresh && unanswered.count < (isEstablished ? Self.window : 1)
    }

    /// Whether this batch may be sent again now.
    func acceptsRepetition(of batch: BatchID) -> Bool {
        identity != nil && !startsAfresh && unanswered.first?.batch == batch
    }

    /// Gives a new batch its numbers; `nil` when no new batch may be sent.
    mutating func assign(batch: BatchID, recordCount: Int32) -> SequenceStamp? {
        guard acceptsNewBatch, let identity else { return nil }
        let stamp = SequenceStamp(identity: identity, baseSequence: next)
        unanswered.append(Entry(batch: batch, base: next, count: recordCount))
        next = Self.advance(next, by: recordCount)
        return stamp
    }

    // MARK: Answers

    /// The batch is in the log.
    mutating func succeeded(_ batch: BatchID) {
        guard let index = unanswered.firstIndex(where: { $0.batch == batch }) else { return }
        let base = unanswered[index].base
        unanswered[index].isWritten = true
        dropWritten()
        isEstablished = true
        if let open = gap {
            if Self.distance(from: open.highest, to: base) > 0 {
                gap = nil
            } else if Self.distance(from: open.lowest, to: base) > 0 {
                gap?.lowest = open.highest
            }
        }
        closeGap()
    }

    /// The broker found the batch out of sequence, or does not know the producer (errors 45 and 59).
    mutating func foundOutOfSequence(_ batch: BatchID) -> Verdict {
        guard unanswered.first?.batch == batch else { return .sendAgain }
        guard !unanswered.contains(where: \.isWritten) else { return .alreadyWritten }
        startsAfresh = true
        return .startsAfresh
    }

    /// The broker knows a newer epoch of this producer id (error 47): only a new id helps.
    mutating func foundOutdated(_ batch: BatchID) {
        startsAfresh = true
        needsNewIdentity = true
    }

    /// The batch is given up.
    ///
    /// - Parameter mayBeWritten: whether an attempt ended without telling that nothing was written.
    mutating func gaveUp(_ batch: BatchID, mayBeWritten: Bool) {
        guard let index = unanswered.firstIndex(where: { $0.batch == batch }) else { return }
        let entry = unanswered.remove(at: index)
        var wider = gap ?? Gap(lowest: entry.base, highest: entry.base, mayBeWritten: false)
        if Self.distance(from: wider.lowest, to: entry.base) < 0 { wider.lowest = entry.base }
        if Self.distance(from: wider.highest, to: entry.base) > 0 { wider.highest = entry.base }
        wider.mayBeWritten = wider.mayBeWritten || mayBeWritten
        gap = wider
        dropWritten()
        closeGap()
    }

    /// Forgets batches that are written and have nothing unanswered before them.
    private mutating func dropWritten() {
        while unanswered.first?.isWritten == true { unanswered.removeFirst() }
    }

    /// A batch that was surely not written goes on as several, which share its numbers in order.
    mutating func split(_ batch: BatchID, into parts: [(batch: BatchID, recordCount: Int32)]) -> Renumbering {
        guard let index = unanswered.firstIndex(where: { $0.batch == batch }) else { return [] }
        var base = unanswered.remove(at: index).base
        var position = index
        for part in parts {
            unanswered.insert(Entry(batch: part.batch, base: base, count: part.recordCount), at: position)
            base = Self.advance(base, by: part.recordCount)
            position += 1
        }
        return stamps(of: unanswered[index..<position])
    }

    // MARK: New epochs

    /// Whether a new producer id has to be asked for before anything more can be sent.
    var awaitsIdentity: Bool { identity == nil }

    /// Begins a new epoch if one is due and nothing is under way.
    ///
    /// - Returns: the new numbers of the batches that wait to be sent again.
    mutating func settle(requestsUnderWay: Int) -> Renumbering {
        guard startsAfresh, requestsUnderWay == 0, let current = identity else { return [] }
        guard !needsNewIdentity, current.epoch < Int16.max else {
            identity = nil
            return []
        }
        return begin(ProducerIdentity(id: current.id, epoch: current.epoch + 1))
    }

    /// Takes over a new identity, if one is waited for.
    mutating func adopt(_ new: ProducerIdentity) -> Renumbering {
        guard identity == nil else { return [] }
        return begin(new)
    }

    private mutating func begin(_ new: ProducerIdentity) -> Renumbering {
        identity = new
        startsAfresh = false
        needsNewIdentity = false
        gap = nil
        isEstablished = false
        next = 0
        unanswered.removeAll(where: \.isWritten)
        for index in unanswered.indices {
            unanswered[index].base = next
            next = Self.advance(next, by: unanswered[index].count)
        }
        return stamps(of: unanswered[...])
    }

    /// With every batch answered, a hole can be closed.
    private mutating func closeGap() {
        guard unanswered.isEmpty, let open = gap else { return }
        if open.mayBeWritten {
            startsAfresh = true
        } else {
            next = open.lowest
            gap = nil
        }
    }

    private func stamps(of entries: ArraySlice<Entry>) -> Renumbering {
        guard let identity else { return [] }
        return entries.map { ($0.batch, SequenceStamp(identity: identity, baseSequence: $0.base)) }
    }

    // MARK: Numbers that wrap from 2³¹ - 1 to 0

    static func advance(_ sequence: Int32, by count: Int32) -> Int32 {
        (sequence &+ count) & Int32.max
    }

    /// How far one number lies behind (positive) or before (negative) another, on the shorter way round.
    static func distance(from: Int32, to: Int32) -> Int32 {
        let forward = (to &- from) & Int32.max
        return forward < 1 << 30 ? forward : forward &- Int32.max &- 1
    }
}
