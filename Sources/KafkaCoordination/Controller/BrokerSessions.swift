/// When registered brokers were last heard of, and how far they have come: what only the active controller knows, and
/// forgets when it ends.
///
/// A broker that is not fenced has a session; it ends `timeoutMs` after the last heartbeat, and the broker is fenced.
package struct BrokerSessions: Sendable {
    package struct Session: Sendable, Equatable {
        package var epoch: Int64
        package var lastContactMs: Int64
        /// The metadata that the broker has carried out.
        package var metadataOffset: Int64
        /// Where its controlled shutdown stands in the metadata log: who has passed that knows the new leaders.
        package var shutdownOffset: Int64?
    }

    /// Milliseconds without a heartbeat after which a broker is fenced (`broker.session.timeout.ms`).
    package var timeoutMs: Int64
    package private(set) var sessions: [Int32: Session] = [:]

    package init(timeoutMs: Int64) { self.timeoutMs = max(1, timeoutMs) }

    /// A broker was heard of.
    mutating func touch(_ id: Int32, epoch: Int64, metadataOffset: Int64, nowMs: Int64) {
        var session = sessions[id] ?? Session(epoch: epoch, lastContactMs: nowMs, metadataOffset: metadataOffset)
        if session.epoch != epoch { session = Session(epoch: epoch, lastContactMs: nowMs, metadataOffset: -1) }
        session.lastContactMs = nowMs
        session.metadataOffset = max(session.metadataOffset, metadataOffset)
        sessions[id] = session
    }

    mutating func beganShutdown(_ id: Int32, offset: Int64) { sessions[id]?.shutdownOffset = offset }

    mutating func end(_ id: Int32) { sessions[id] = nil }

    /// Whether the broker was heard of lately enough.
    func isValid(_ id: Int32, nowMs: Int64) -> Bool {
        guard let session = sessions[id] else { return false }
        return nowMs - session.lastContactMs < timeoutMs
    }

    /// When the next of `brokers` is fenced if nothing is heard of it; nil without any.
    func nextExpiry(of brokers: some Sequence<Int32>) -> Int64? {
        brokers.compactMap { id in sessions[id].map { $0.lastContactMs + timeoutMs } }.min()
    }
}
