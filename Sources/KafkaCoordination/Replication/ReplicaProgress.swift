/// What a leader knows of another replica.
package struct ReplicaProgress: Sendable, Equatable {
    /// Everything below is in that replica's log; nil until it fetches in this epoch.
    package var logEnd: Int64?
    /// Where its log starts; -1 until it fetches.
    package var logStart: Int64 = -1
    /// When it last held all that the leader had.
    package var caughtUpMs: Int64
    /// The leader's log end at its last fetch; nil before the first.
    package var leaderEndAtLastFetch: Int64?
    package var lastFetchMs: Int64 = 0
    /// The start of the broker that fetches; -1 if it does not tell.
    package var brokerEpoch: Int64 = -1
    /// It is about to join the ISR, and the high watermark waits for it: otherwise it would be behind for ever, while
    /// records keep coming.
    package var isAwaited = false

    init(caughtUpMs: Int64) { self.caughtUpMs = caughtUpMs }

    /// Whether it holds what the leader has, or did so a short while ago.
    func isCaughtUp(leaderEnd: Int64, nowMs: Int64, maxLagMs: Int64) -> Bool {
        logEnd == leaderEnd || nowMs - caughtUpMs <= maxLagMs
    }

    /// Takes in a fetch. One round behind under constant load is caught up: then it holds what the leader had at its
    /// fetch before.
    mutating func fetched(_ fetch: ReplicaFetch, leaderEnd: Int64, nowMs: Int64) {
        logEnd = fetch.offset
        logStart = fetch.logStart
        brokerEpoch = fetch.brokerEpoch
        if fetch.offset >= leaderEnd {
            caughtUpMs = max(caughtUpMs, nowMs)
        } else if let before = leaderEndAtLastFetch, fetch.offset >= before {
            caughtUpMs = max(caughtUpMs, lastFetchMs)
        }
        leaderEndAtLastFetch = leaderEnd
        lastFetchMs = nowMs
    }
}

/// A follower's fetch, as far as it tells of the follower.
package struct ReplicaFetch: Sendable, Equatable {
    package var replica: Int32
    /// The start of that broker; -1 if it does not tell (Fetch up to version 14).
    package var brokerEpoch: Int64
    /// Its log end: it holds everything below.
    package var offset: Int64
    package var logStart: Int64

    package init(replica: Int32, brokerEpoch: Int64 = -1, offset: Int64, logStart: Int64 = -1) {
        self.replica = replica
        self.brokerEpoch = brokerEpoch
        self.offset = offset
        self.logStart = logStart
    }
}
