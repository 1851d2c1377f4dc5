package import KafkaCoordination
package import KafkaMessages
package import KafkaStorage

/// A partition as its leader keeps it: a log, and what replaying it tells about producers.
package struct SimulatedPartition {
    package struct Entry {
        package var batch: ProducerBatch
        /// The transaction that a data batch was written for; -1 for markers.
        package var tag: Int
    }

    package private(set) var log: [Entry] = []
    private var table = ProducerStateTable()
    package var guards = TransactionGuards()
    private var highestStable: Int64 = 0

    private var end: Int64 { Int64(log.count) }

    private func isOpen(_ producer: TransactionalProducer) -> Bool {
        guard let state = table.producers[producer.id] else { return false }
        return state.transactionFirstOffset != nil && state.epoch == producer.epoch
    }

    package init() {}

    package mutating func begin(_ producer: TransactionalProducer, sequence: Int32, nowMs: Int64) -> TransactionGuards
        .Guard?
    {
        if isOpen(producer) { return nil }
        return guards.begin(producerID: producer.id, epoch: producer.epoch, firstSequence: sequence, nowMs: nowMs)
    }

    package mutating func append(
        tag: Int,
        _ producer: TransactionalProducer,
        sequences: ClosedRange<Int32>,
        held: TransactionGuards.Guard?
    ) -> ErrorCode {
        let batch = batch(producer, sequences, .data(isTransactional: true))
        switch table.check(batch, origin: .client) {
        case .duplicate: return .none
        case .invalidEpoch: return .invalidProducerEpoch
        case .outOfOrder: return .outOfOrderSequenceNumber
        case .coordinatorFenced, .transactionOpen: return .invalidTxnState
        case .append: break
        }
        if !isOpen(producer) {
            let decision = guards.check(
                producerID: producer.id,
                epoch: producer.epoch,
                firstSequence: sequences.lowerBound,
                held: held
            )
            switch decision {
            case .append: break
            case .leadershipChanged: return .notLeaderOrFollower
            case .refuse: return .invalidTxnState
            case .outOfOrder: return .outOfOrderSequenceNumber
            }
        }
        take(Entry(batch: batch, tag: tag))
        return .none
    }

    package mutating func append(_ marker: TransactionMarker, coordinatorEpoch: Int32) -> ErrorCode {
        let producer = TransactionalProducer(id: marker.producerID, epoch: marker.epoch)
        let content = ProducerBatch.Content.endMarker(isCommit: marker.isCommit, coordinatorEpoch: coordinatorEpoch)
        let batch = batch(producer, -1 ... -1, content)
        switch table.check(batch, origin: .coordinator) {
        case .invalidEpoch: return .invalidProducerEpoch
        case .coordinatorFenced: return .transactionCoordinatorFenced
        default: break
        }
        take(Entry(batch: batch, tag: -1))
        return .none
    }

    private mutating func take(_ entry: Entry) {
        log.append(entry)
        _ = table.update(entry.batch)
        guards.end(producerID: entry.batch.producerID)
    }

    private func batch(
        _ producer: TransactionalProducer,
        _ sequences: ClosedRange<Int32>,
        _ content: ProducerBatch.Content
    ) -> ProducerBatch {
        ProducerBatch(
            producerID: producer.id,
            epoch: producer.epoch,
            firstSequence: sequences.lowerBound,
            lastSequence: sequences.upperBound,
            firstOffset: end,
            lastOffset: end,
            timestamp: 0,
            content: content
        )
    }

    /// Leadership goes and comes back: what is known is what the log says, and requests from before may still be at work.
    package mutating func restart() {
        table = ProducerStateTable()
        guards.leadershipChanged()
        for entry in log { _ = table.update(entry.batch) }
    }

    /// The last stable offset, which must not move back nor pass a transaction that is open.
    package mutating func stableOffsetProblem() -> String? {
        let stable = min(end, table.firstUnstableOffset(highWatermark: end) ?? end)
        defer { highestStable = max(highestStable, stable) }
        if stable < highestStable { return "the last stable offset went from \(highestStable) to \(stable)" }
        let undecided = fates.firstIndex { $0 == nil }
        if let undecided, stable > undecided { return "the last stable offset \(stable) passes \(undecided)" }
        return nil
    }

    /// For each entry: whether it is committed; nil while nothing is decided. Markers count as committed.
    package var fates: [Bool?] {
        var fates = [Bool?](repeating: nil, count: log.count)
        var open: [Int64: [Int]] = [:]
        for (offset, entry) in log.enumerated() {
            guard case .endMarker(let isCommit, _) = entry.batch.content else {
                open[entry.batch.producerID, default: []].append(offset)
                continue
            }
            fates[offset] = true
            for index in open.removeValue(forKey: entry.batch.producerID) ?? [] { fates[index] = isCommit }
        }
        return fates
    }
}
