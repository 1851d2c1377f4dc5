import KafkaStorage

@testable import KafkaCoordination

/// A log of numbered records in memory, of which a crash of the machine leaves what was flushed.
struct SimulatedLog {
    struct Record: Equatable {
        var epoch: Int32
        var id: Int
        var producer: Int64 = -1
        var sequence: Int32 = 0
        /// What a group's coordinator has written.
        var commit: CoordinatorRecord?

        fileprivate func batch(at offset: Int64) -> ProducerBatch {
            ProducerBatch(
                producerID: producer,
                epoch: 0,
                firstSequence: sequence,
                lastSequence: sequence,
                firstOffset: offset,
                lastOffset: offset,
                timestamp: 0,
                content: .data(isTransactional: false)
            )
        }
    }

    private(set) var start: Int64 = 0
    private(set) var records: [Record] = []
    private(set) var durableEnd: Int64 = 0
    private var epochs = LeaderEpochCache()
    /// What is known of producers at the end of the log, and at its start.
    private var producers = ProducerStateTable()
    private var oldProducers = ProducerStateTable()

    var end: Int64 { start + Int64(records.count) }
    var latestEpoch: Int32? { epochs.latest?.epoch }
    var followed: FollowedLog { FollowedLog(start: start, end: end, lastEpoch: latestEpoch ?? -1) }

    subscript(offset: Int64) -> Record? {
        offset >= start && offset < end ? records[Int(offset - start)] : nil
    }

    func slice(from offset: Int64, count: Int) -> [Record] {
        guard offset >= start, offset < end else { return [] }
        let first = Int(offset - start)
        return Array(records[first..<min(records.count, first + count)])
    }

    func epochEnd(_ epoch: Int32) -> PartitionReplica.EpochEnd? {
        epochs.endOffset(for: epoch, logEndOffset: end).map { .init(epoch: $0.epoch, endOffset: $0.endOffset) }
    }

    mutating func append(_ record: Record) {
        if record.epoch > latestEpoch ?? -1 { _ = epochs.assign(epoch: record.epoch, startOffset: end) }
        if record.producer >= 0 { _ = producers.update(record.batch(at: end)) }
        records.append(record)
    }

    /// What a leader does with a producer's record.
    func decision(on record: Record) -> ProducerStateTable.Decision {
        producers.check(record.batch(at: end), origin: .client)
    }

    private mutating func readProducers() {
        producers = oldProducers
        for (index, record) in records.enumerated() where record.producer >= 0 {
            _ = producers.update(record.batch(at: start + Int64(index)))
        }
    }

    mutating func apply(_ truncation: FollowerTruncation) {
        switch truncation {
        case .nothing: return
        case .cut(let offset):
            records.removeLast(Int(end - offset))
            _ = epochs.truncateFromEnd(end)
            readProducers()
        case .restart(let offset):
            records = []
            start = offset
            epochs.removeAll()
            durableEnd = offset
            oldProducers = ProducerStateTable()
            producers = oldProducers
        }
        durableEnd = min(durableEnd, end)
    }

    /// Removes records from the start, as retention does.
    mutating func raiseStart(to offset: Int64) {
        guard offset > start, offset <= end else { return }
        for (index, record) in records.prefix(Int(offset - start)).enumerated() where record.producer >= 0 {
            _ = oldProducers.update(record.batch(at: start + Int64(index)))
        }
        records.removeFirst(Int(offset - start))
        start = offset
        _ = epochs.truncateFromStart(offset)
        durableEnd = max(durableEnd, start)
    }

    /// Ends at the same offset with the same records, as far as both have them.
    func agrees(with other: SimulatedLog) -> Bool {
        let common = max(0, Int(end - max(start, other.start)))
        return end == other.end && records.suffix(common) == other.records.suffix(common)
    }

    mutating func flush() { durableEnd = end }

    var unflushedCount: Int { Int(end - durableEnd) }

    /// The power fails: of what was not flushed the first `count` records are there, and what follows them is torn.
    mutating func loseUnflushed(keeping count: Int) {
        guard count < unflushedCount else { return }
        apply(.cut(at: durableEnd + Int64(count)))
    }
}
