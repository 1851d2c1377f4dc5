import KafkaCoordination

/// How a broker follows others.
struct ReplicationSettings: Sendable {
    var localID: Int32
    /// `replica.fetch.max.bytes`
    var partitionBytes = 1 << 20
    /// `replica.fetch.response.max.bytes`
    var responseBytes: Int32 = 10 << 20
    /// `replica.fetch.min.bytes`
    var minimumBytes: Int32 = 1
    /// `replica.fetch.wait.max.ms`
    var waitMs: Int32 = 500
    /// `replica.fetch.backoff.ms`
    var backoffMs: Int64 = 1000
    /// `replica.socket.timeout.ms`
    var timeoutMs: Int64 = 30_000
    /// `replica.lag.time.max.ms`
    var maxLagMs: Int64 = 30_000

    init(localID: Int32, _ resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int64) in
            resolver.brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } ?? fallback
        }
        self.localID = localID
        partitionBytes = Int(integer("replica.fetch.max.bytes", Int64(partitionBytes)))
        responseBytes = Int32(clamping: integer("replica.fetch.response.max.bytes", Int64(responseBytes)))
        minimumBytes = Int32(clamping: integer("replica.fetch.min.bytes", Int64(minimumBytes)))
        waitMs = Int32(clamping: integer("replica.fetch.wait.max.ms", Int64(waitMs)))
        backoffMs = integer("replica.fetch.backoff.ms", backoffMs)
        timeoutMs = integer("replica.socket.timeout.ms", timeoutMs)
        maxLagMs = integer("replica.lag.time.max.ms", maxLagMs)
    }
}
