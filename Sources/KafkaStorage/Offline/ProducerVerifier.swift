import KafkaWire

/// Follows the producers of a log along its batches, and compares them with the rules, with snapshots and with
/// transaction indexes.
struct ProducerVerifier {
    private var table = ProducerStateTable()
    /// Producers whose first batch may have gone with older segments.
    private var startsLate = false
    /// Transactions that were aborted in the present segment, in order.
    private(set) var aborted: [ProducerStateTable.CompletedTransaction] = []
    /// Abort markers of the segment whose transaction began before the log does.
    private(set) var strayAborts: [Int64: Int64] = [:]

    /// So many producers are remembered at least; then those go that have not written for a day, as a broker forgets them.
    private static let manyProducers = 100_000
    private static let expirationMs: Int64 = 86_400_000

    /// The log begins behind offset 0, with the state of a snapshot if there is one.
    mutating func startLate(with snapshot: [(producerID: Int64, state: ProducerState)]?) {
        startsLate = true
        guard let snapshot else { return }
        table = ProducerStateTable(producers: Dictionary(snapshot.map { ($0.producerID, $0.state) }) { $1 })
    }

    mutating func beginSegment(timeMs: Int64) {
        aborted = []
        strayAborts = [:]
        if table.producers.count > Self.manyProducers {
            table.removeExpired(nowMs: timeMs, expirationMs: Self.expirationMs)
            startsLate = true
        }
    }

    /// Takes in a batch; returns what is wrong with it. With `mayLackBatches` compaction may have taken earlier ones.
    mutating func visit(_ header: RecordBatchHeader, of batch: RecordBatchView, mayLackBatches: Bool) -> String? {
        guard header.hasProducerId else { return nil }
        let marker = header.isControl ? EndTransactionMarker(controlBatch: batch.buffer) : nil
        if header.isControl && marker == nil {
            return "its record ends no transaction, though the batch has a producer"
        }
        guard let facts = ProducerBatch(header, marker: marker) else { return nil }
        let fault = fault(of: facts, marker, mayLackBatches: mayLackBatches)
        let known = table.producers[facts.producerID]
        let completed = table.update(facts)
        if let marker, !marker.isCommit {
            if let completed {
                aborted.append(completed)
            } else if known == nil && startsLate || mayLackBatches {
                strayAborts[facts.lastOffset] = facts.producerID
            }
        }
        // Keeps what is decided from piling up.
        if marker != nil { _ = table.firstUnstableOffset(highWatermark: .max) }
        return fault
    }

    private func fault(of batch: ProducerBatch, _ marker: EndTransactionMarker?, mayLackBatches: Bool) -> String? {
        guard let state = table.producers[batch.producerID] else { return nil }
        let who = "producer \(batch.producerID)"
        if batch.epoch < state.epoch { return "\(who) writes with epoch \(batch.epoch) after epoch \(state.epoch)" }
        if let marker {
            guard marker.coordinatorEpoch < state.coordinatorEpoch else { return nil }
            return
                "\(who) gets a marker of coordinator epoch \(marker.coordinatorEpoch) after \(state.coordinatorEpoch)"
        }
        guard !mayLackBatches, batch.firstSequence >= 0 else { return nil }
        let expected = batch.epoch == state.epoch ? ProducerSequence.adding(1, to: state.lastSequence) : 0
        guard batch.firstSequence != expected else { return nil }
        return "\(who) goes on with sequence \(batch.firstSequence) where \(expected) should follow"
    }

    /// How the entries of a snapshot taken at `offset`, which is where the walk is, differ from what was seen; by the
    /// number of the entry.
    func differences(
        from snapshot: [(producerID: Int64, state: ProducerState)],
        at offset: Int64,
        mayLackBatches: Bool
    ) -> [(entry: Int, message: String)] {
        var found: [(Int, String)] = []
        for (index, (id, state)) in snapshot.enumerated() {
            if let last = state.batches.last, last.lastOffset >= offset {
                found.append((index, "producer \(id) is said to have written offset \(last.lastOffset)"))
                continue
            }
            guard let seen = table.producers[id] else {
                if !startsLate && !mayLackBatches { found.append((index, "producer \(id) has not written before")) }
                continue
            }
            guard !mayLackBatches else { continue }
            if state.epoch != seen.epoch {
                found.append((index, "producer \(id) is said to have epoch \(state.epoch), not \(seen.epoch)"))
            } else if state.batches.last.map({ [Int64($0.lastSequence), $0.lastOffset] })
                != seen.batches.last.map({ [Int64($0.lastSequence), $0.lastOffset] })
            {
                let said =
                    state.batches.last.map { "sequence \($0.lastSequence) at offset \($0.lastOffset)" } ?? "nothing"
                let was =
                    seen.batches.last.map { "sequence \($0.lastSequence) at offset \($0.lastOffset)" } ?? "nothing"
                found.append((index, "producer \(id) is said to have written \(said) last, not \(was)"))
            } else if state.transactionFirstOffset != seen.transactionFirstOffset {
                let said = state.transactionFirstOffset.map { "from \($0)" } ?? "none"
                let was = seen.transactionFirstOffset.map { "from \($0)" } ?? "none"
                found.append((index, "producer \(id) is said to have an open transaction \(said), not \(was)"))
            }
        }
        return found
    }
}
