import KafkaStorage

@testable import KafkaCoordination

/// A log of numbered records in memory, of which a crash of the machine leaves what was flushed.
struct SimulatedLog {
    struct Record: Equatable {
        var epoch: Int32
        var id: Int
    }

    private(set) var start: Int64 = 0
    private(set) var records: [Record] = []
    private(set) var durableEnd: Int64 = 0
    private var epochs = LeaderEpochCache()

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
        records.append(record)
    }

    mutating func apply(_ truncation: FollowerTruncation) {
        switch truncation {
        case .nothing: return
        case .cut(let offset):
            records.removeLast(Int(end - offset))
            _ = epochs.truncateFromEnd(end)
        case .restart(let offset):
            records = []
            start = offset
            epochs.removeAll()
            durableEnd = offset
        }
        durableEnd = min(durableEnd, end)
    }

    /// Removes records from the start, as retention does.
    mutating func raiseStart(to offset: Int64) {
        guard offset > start, offset <= end else { return }
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

    /// The power fails: true if something was lost.
    mutating func loseUnflushed() -> Bool {
        guard durableEnd < end else { return false }
        apply(.cut(at: durableEnd))
        return true
    }
}
