import KafkaClient
import KafkaWire

/// A console consumer's part in a group: it subscribes, and commits what was written to standard output.
///
/// Offsets are committed here and not by the consumer, since a record that waits in the output's buffer, or that
/// `--max-messages` left unprinted, does not count. A partition that nothing came of keeps its place all the same.
struct GroupReading {
    /// A batch that was printed and is not known to have left the buffer whole.
    private struct Printed {
        var batch: ConsumedBatch
        var nextOffset: Int64
        /// Where its text starts and ends in all that was written.
        var start: Int
        var end: Int
    }

    /// How many batches may wait for the buffer before it has to be emptied.
    private static let patience = 512

    private let consumer: KafkaConsumer
    /// How often to commit, `nil` for never.
    private let interval: Duration?
    private let written = WrittenOffsets()
    private var printed: [Printed] = []
    private let clock = ContinuousClock()
    private var nextCommit: ContinuousClock.Instant

    /// - Parameters:
    ///   - consumer: one that does not commit by itself.
    ///   - interval: how often to commit, `nil` for never.
    init(consumer: KafkaConsumer, interval: Duration?) {
        self.consumer = consumer
        self.interval = interval
        nextCommit = clock.now + (interval ?? .zero)
    }

    /// When the group gave its first assignment, `nil` before.
    var assigned: ContinuousClock.Instant? { written.assigned }

    /// Subscribes; what was written of partitions that go to others is committed before they go.
    func subscribe(topic: String?, pattern: TopicPattern?) throws(KafkaClientError) {
        let (written, clock, commits) = (written, clock, interval != nil)
        let listener: RebalanceListener = { [weak consumer] event in
            switch event {
            case .assigned: written.noteAssignment(at: clock.now)
            case .lost(let partitions): written.forget(partitions)
            case .revoked(let partitions):
                // Within a call for records, before which the output was emptied, or after the last.
                if commits, let consumer {
                    // What cannot be committed is read again by whoever gets the partition.
                    do throws(KafkaClientError) {
                        try await Self.commit(written, of: consumer, timeout: .seconds(5))
                    } catch {}
                }
                written.forget(partitions)
            }
        }
        if let pattern {
            try consumer.subscribe(topicsMatching: { pattern.matches($0) }, onRebalance: listener)
        } else {
            try consumer.subscribe(topics: topic.map { [$0] } ?? [], onRebalance: listener)
        }
    }

    /// Notes that a batch was printed, from where the output stood before it to where it stands now.
    ///
    /// - Parameter output: emptied when too many batches wait for it.
    mutating func note(
        _ batch: ConsumedBatch,
        next offset: Int64,
        from start: Int,
        in output: ByteOutput
    ) throws(OutputError) {
        guard interval != nil else { return }
        printed.append(Printed(batch: batch, nextOffset: offset, start: start, end: output.position))
        if printed.count >= Self.patience { try output.flush() }
        settle(output)
    }

    /// Notes a batch that the output took a part of before it failed, if any.
    mutating func noteCut(_ batch: ConsumedBatch, from start: Int) {
        guard interval != nil else { return }
        printed.append(Printed(batch: batch, nextOffset: batch.fromOffset, start: start, end: .max))
    }

    /// Takes in how much of the output has been written.
    mutating func settle(_ output: ByteOutput) {
        guard let first = printed.first, first.end <= output.delivered else { return }
        let whole = printed.firstIndex { $0.end > output.delivered } ?? printed.count
        for entry in printed[..<whole] { note(entry, next: entry.nextOffset) }
        printed.removeFirst(whole)
    }

    /// The output takes no more: finds out which records of a batch that was cut had been written.
    mutating func settlePartly(_ output: ByteOutput, _ printer: BatchPrinter) {
        settle(output)
        if let cut = printed.first, cut.start < output.delivered {
            note(cut, next: printer.nextOffset(of: cut.batch, within: output.delivered - cut.start))
        }
        for entry in printed { written.noteCut(entry.batch.partition) }
        printed = []
    }

    private func note(_ entry: Printed, next offset: Int64) {
        written.note(
            entry.batch.partition,
            next: offset,
            leaderEpoch: entry.batch.view.header.partitionLeaderEpoch
        )
        if offset < entry.batch.nextOffset { written.noteCut(entry.batch.partition) }
    }

    /// Commits in the background when it is time; what waits in the output is written first.
    mutating func commitIfDue(_ output: ByteOutput) throws(OutputError) {
        guard let interval, clock.now >= nextCommit else { return }
        nextCommit = clock.now + interval
        try output.flush()
        settle(output)
        let (written, pending) = (written, written.pending(at: consumer.handedOutOffsets))
        guard !pending.isEmpty else { return }
        consumer.commitInBackground(pending) { result in
            if case .success = result { written.committed(pending) }
        }
    }

    /// Commits what was written and is not committed yet.
    func commit() async throws(KafkaClientError) {
        guard interval != nil else { return }
        try await Self.commit(written, of: consumer, timeout: .seconds(10))
    }

    private static func commit(
        _ written: WrittenOffsets,
        of consumer: KafkaConsumer,
        timeout: Duration
    ) async throws(KafkaClientError) {
        let pending = written.pending(at: consumer.handedOutOffsets)
        guard !pending.isEmpty else { return }
        try await consumer.commit(pending, timeout: timeout)
        written.committed(pending)
    }
}
