/// The idempotent and transactional producers of one partition; pure.
///
/// Rules (KIP-98, KIP-360): a batch that equals one of the last five is a duplicate; otherwise its first sequence must
/// follow the last one, begin at 0 in a new epoch, or may be anything for a producer that is not known (any more).
/// A lower epoch is fenced. `check` looks, `update` changes; the log writes between the two.
package struct ProducerStateTable: Equatable, Sendable {
    package enum Decision: Equatable, Sendable {
        case append
        case duplicate(ProducerState.Batch)
        case invalidEpoch(current: Int16)
        case outOfOrder(expected: Int32)
        case coordinatorFenced(current: Int32)
        /// A non-transactional batch of a producer whose transaction is open.
        case transactionOpen
    }

    /// A transaction that a marker has ended.
    package struct CompletedTransaction: Equatable, Sendable {
        package let producerID: Int64
        package let firstOffset: Int64
        /// The marker's offset.
        package let lastOffset: Int64
        package let isAborted: Bool
        /// The first offset that was still undecided after it, or the one after the marker.
        package let lastStableOffset: Int64
    }

    package private(set) var producers: [Int64: ProducerState] = [:]
    /// First offsets of open transactions, in order.
    private var openTransactions: [(firstOffset: Int64, producerID: Int64)] = []
    /// Ended transactions whose marker may still lie above the high watermark, in order of first offset.
    private var unreplicated: [(firstOffset: Int64, lastOffset: Int64)] = []

    package init() {}

    package init(producers: [Int64: ProducerState]) {
        self.producers = producers
        openTransactions =
            producers
            .compactMap { id, state in state.transactionFirstOffset.map { (firstOffset: $0, producerID: id) } }
            .sorted { $0.firstOffset < $1.firstOffset }
    }

    package static func == (left: ProducerStateTable, right: ProducerStateTable) -> Bool {
        left.producers == right.producers
            && left.openTransactions.elementsEqual(right.openTransactions, by: ==)
            && left.unreplicated.elementsEqual(right.unreplicated, by: ==)
    }

    package var isEmpty: Bool { producers.isEmpty }

    // MARK: Checking

    /// Whether a batch may be appended, or was already. Offsets of `batch` are not looked at.
    package func check(_ batch: ProducerBatch, origin: AppendOrigin) -> Decision {
        guard origin != .replication, let state = producers[batch.producerID] else { return .append }
        switch batch.content {
        case .endMarker(_, let coordinatorEpoch):
            if batch.epoch < state.epoch { return .invalidEpoch(current: state.epoch) }
            if coordinatorEpoch < state.coordinatorEpoch { return .coordinatorFenced(current: state.coordinatorEpoch) }
            return .append
        case .data(let isTransactional):
            if origin == .client {
                if batch.epoch == state.epoch,
                    let known = state.duplicate(firstSequence: batch.firstSequence, lastSequence: batch.lastSequence)
                {
                    return .duplicate(known)
                }
                if batch.epoch < state.epoch { return .invalidEpoch(current: state.epoch) }
                let expected =
                    batch.epoch == state.epoch ? ProducerSequence.adding(1, to: state.lastSequence) : 0
                if batch.firstSequence != expected { return .outOfOrder(expected: expected) }
            } else if batch.epoch < state.epoch {
                return .invalidEpoch(current: state.epoch)
            }
            if !isTransactional && state.transactionFirstOffset != nil { return .transactionOpen }
            return .append
        }
    }

    // MARK: Changing

    /// Takes in a batch that has been appended. Returns the transaction that it ended, if it is a marker of one.
    package mutating func update(_ batch: ProducerBatch) -> CompletedTransaction? {
        var state = producers[batch.producerID] ?? ProducerState(epoch: batch.epoch, lastTimestamp: batch.timestamp)
        if batch.epoch != state.epoch {
            state.epoch = batch.epoch
            state.batches = []
        }
        state.lastTimestamp = batch.timestamp
        defer { producers[batch.producerID] = state }
        switch batch.content {
        case .data(let isTransactional):
            ProducerState.remember(ProducerState.Batch(batch), in: &state.batches)
            if isTransactional && state.transactionFirstOffset == nil {
                state.transactionFirstOffset = batch.firstOffset
                openTransactions.append((firstOffset: batch.firstOffset, producerID: batch.producerID))
            }
            return nil
        case .endMarker(let isCommit, let coordinatorEpoch):
            state.coordinatorEpoch = coordinatorEpoch
            guard let first = state.transactionFirstOffset else { return nil }
            state.transactionFirstOffset = nil
            openTransactions.removeAll { $0.producerID == batch.producerID }
            unreplicated.append((firstOffset: first, lastOffset: batch.lastOffset))
            unreplicated.sort { $0.firstOffset < $1.firstOffset }
            return CompletedTransaction(
                producerID: batch.producerID,
                firstOffset: first,
                lastOffset: batch.lastOffset,
                isAborted: !isCommit,
                lastStableOffset: openTransactions.first?.firstOffset ?? batch.lastOffset + 1
            )
        }
    }

    /// Keeps a batch that may be one of the last of its producer's epoch.
    func collect(_ batch: ProducerBatch, into earlier: inout [Int64: [ProducerState.Batch]]) {
        guard case .data = batch.content, let state = producers[batch.producerID], state.epoch == batch.epoch else {
            return
        }
        var kept = earlier[batch.producerID] ?? []
        ProducerState.remember(ProducerState.Batch(batch), in: &kept)
        earlier[batch.producerID] = kept
    }

    /// Puts batches before those that are known of each producer, as far as there is room for them.
    mutating func recall(_ earlier: [Int64: [ProducerState.Batch]]) {
        for (id, batches) in earlier {
            guard let known = producers[id]?.batches, let first = known.first else { continue }
            let all = batches.filter { $0.lastOffset < first.lastOffset } + known
            producers[id]?.batches = all.suffix(ProducerState.window)
        }
    }

    /// Smallest first offset of a transaction that is open, or that ended with a marker not yet below
    /// `highWatermark`. Nil when every offset below the high watermark is stable.
    package mutating func firstUnstableOffset(highWatermark: Int64) -> Int64? {
        if !unreplicated.isEmpty { unreplicated.removeAll { $0.lastOffset < highWatermark } }
        switch (unreplicated.first?.firstOffset, openTransactions.first?.firstOffset) {
        case (let left?, let right?): return min(left, right)
        case (let left, let right): return left ?? right
        }
    }

    /// Forgets producers that have not written for `expirationMs`, but none whose transaction is open.
    package mutating func removeExpired(nowMs: Int64, expirationMs: Int64) {
        guard !producers.isEmpty else { return }
        producers = producers.filter { _, state in
            if state.transactionFirstOffset != nil { return true }
            // Producers choose their timestamps: one may lie further back than a number can tell.
            let (age, isBeyondCount) = nowMs.subtractingReportingOverflow(state.lastTimestamp)
            return isBeyondCount ? state.lastTimestamp > nowMs : age < expirationMs
        }
    }
}
