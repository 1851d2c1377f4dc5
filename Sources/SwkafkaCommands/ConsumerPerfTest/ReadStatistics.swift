/// What `consumer-perf-test` measures.
struct ReadStatistics: Equatable, Sendable {
    /// What was read in one stretch of time.
    struct Count: Equatable, Sendable {
        var records = 0
        /// Of keys and values.
        var bytes = 0
        /// Time without partitions, in ms.
        var rebalanceMs: Int64 = 0

        var megabytes: Double { Double(bytes) / 1_048_576 }
    }

    let startMs: Int64
    private(set) var whole = Count()
    private(set) var samples: ThroughputSamples
    private var intervalStartMs: Int64
    private var atIntervalStart = Count()
    /// When the present rebalance began; nil while there are partitions.
    private var rebalanceStartMs: Int64?

    /// Reading begins with a rebalance: the group has to be joined.
    init(startMs: Int64) {
        self.startMs = startMs
        intervalStartMs = startMs
        rebalanceStartMs = startMs
        samples = ThroughputSamples(startMs: startMs)
    }

    mutating func add(records: Int, bytes: Int, nowMs: Int64) {
        whole.records += records
        whole.bytes += bytes
        samples.add(records: records, bytes: bytes, nowMs: nowMs)
    }

    mutating func revoked(nowMs: Int64) {
        if rebalanceStartMs == nil { rebalanceStartMs = nowMs }
    }

    mutating func assigned(nowMs: Int64) {
        guard let start = rebalanceStartMs else { return }
        whole.rebalanceMs += nowMs - start
        rebalanceStartMs = nil
    }

    /// What came since the last call, if the interval is over.
    mutating func interval(ofMs length: Int64, nowMs: Int64) -> (count: Count, startMs: Int64)? {
        guard nowMs - intervalStartMs >= length else { return nil }
        defer {
            intervalStartMs = nowMs
            atIntervalStart = whole
        }
        let count = Count(
            records: whole.records - atIntervalStart.records,
            bytes: whole.bytes - atIntervalStart.bytes,
            rebalanceMs: whole.rebalanceMs - atIntervalStart.rebalanceMs
        )
        return (count, intervalStartMs)
    }
}
