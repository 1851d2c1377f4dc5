/// Remembers which nodes take the batches that wait for them (`partitioner.availability.timeout.ms`).
package struct NodeAvailability: Sendable {
    private struct Times {
        /// When something last was ready to go to the node.
        var readyMs: Int64
        /// When the node last could take it.
        var drainedMs: Int64
    }

    private var times: [Int32: Times] = [:]
    private let timeoutMs: Int64

    /// - Parameter timeoutMs: how long a node may leave batches waiting before it counts as unavailable; 0 for ever.
    package init(timeoutMs: Int64) {
        self.timeoutMs = timeoutMs
    }

    /// Takes note that batches were ready for `node`.
    ///
    /// - Parameter couldDrain: whether the node could take them, having a connection with room for a request.
    package mutating func batchesWereReady(for node: Int32, couldDrain: Bool, nowMs: Int64) {
        guard timeoutMs > 0 else { return }
        var times = times[node] ?? Times(readyMs: nowMs, drainedMs: nowMs)
        times.readyMs = nowMs
        if couldDrain { times.drainedMs = nowMs }
        self.times[node] = times
    }

    /// Whether `node` took what waited for it within the time allowed, or was never asked.
    package func isAvailable(_ node: Int32) -> Bool {
        guard timeoutMs > 0, let times = times[node] else { return true }
        return times.readyMs - times.drainedMs <= timeoutMs
    }
}
