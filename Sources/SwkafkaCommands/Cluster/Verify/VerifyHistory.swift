/// What a workload has seen of a topic: what was written and acknowledged, what readers saw while it went on, and what
/// is there in the end.
struct VerifyHistory: Sendable {
    /// What a producer knows of a record.
    enum Fate: Equatable, Sendable {
        /// It may be there or not.
        case uncertain
        case acknowledged(partition: Int32, offset: Int64)
    }

    struct Write: Equatable, Sendable {
        var transaction: Int64?
        var fate = Fate.uncertain
    }

    enum Outcome: Equatable, Sendable {
        /// It may have been committed or aborted.
        case uncertain
        case committed
        case aborted
    }

    /// A record at an offset, as somebody saw it; nil: something that is none of the workload's records.
    struct Sighting: Equatable, Sendable {
        var offset: Int64
        var record: VerifyRecord?
    }

    /// Somebody who reads while the workload goes on.
    struct Reader: Equatable, Sendable {
        var name: String
        var readsCommitted: Bool
        /// By partition, in the order in which they came.
        var sightings: [Int32: [Sighting]] = [:]
        /// What it was told that must not happen.
        var complaints: [String] = []
        /// By partition: where it was in the end, when it did not come to the end.
        var stuckAt: [Int32: Int64] = [:]
    }

    /// A batch in a replica's files.
    struct StoredBatch: Equatable, Sendable {
        var baseOffset: Int64
        var nextOffset: Int64
        var bytes: Int
        /// Over all its bytes.
        var checksum: UInt32
    }

    /// By producer; a record's place is its number.
    var writes: [Int32: [Write]] = [:]
    /// By number.
    var transactions: [Int64: Outcome] = [:]
    var readers: [Reader] = []
    /// By partition, in the end: all records.
    var all: [Int32: [Sighting]] = [:]
    /// By partition, in the end: what readers of committed records see.
    var committed: [Int32: [Sighting]] = [:]
    /// By partition, in the end: the high watermark.
    var highWatermarks: [Int32: Int64] = [:]
    /// By partition: where readers of committed records end, if that is before the high watermark for good.
    var stableOffsets: [Int32: Int64] = [:]
    /// By partition and broker, up to the high watermark.
    var replicas: [Int32: [Int32: [StoredBatch]]] = [:]

    // MARK: Figures

    var writtenCount: Int { writes.values.reduce(0) { $0 + $1.count } }

    var acknowledgedCount: Int {
        writes.values.reduce(0) { $0 + $1.count { $0.fate != .uncertain } }
    }

    func count(of outcome: Outcome) -> Int { transactions.values.count { $0 == outcome } }

    var readCount: Int { readers.reduce(0) { $0 + $1.sightings.values.reduce(0) { $0 + $1.count } } }

    var batchCount: Int { replicas.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count } } }
}
