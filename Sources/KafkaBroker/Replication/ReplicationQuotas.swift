import KafkaCoordination
import Synchronization

/// The limits on copying throttled partitions to and from this broker, as its configs have them.
final class ReplicationQuotas: Sendable {
    private struct State {
        /// What followers get from here.
        var leader = ReplicationQuota()
        /// What is fetched here from leaders.
        var follower = ReplicationQuota()
    }

    enum Side: Sendable {
        case leader
        case follower
    }

    private let state = Mutex(State())
    private let clock: any BrokerClock

    /// - Parameter clock: one that nobody sets.
    init(clock: any BrokerClock) { self.clock = clock }

    func configsChanged(_ resolver: ConfigResolver) {
        let rate = { (side: String) -> Int64? in
            resolver.brokerValue("\(side).replication.throttled.rate").flatMap { Int64($0.trimmingBlanks()) }
                .flatMap { $0 == .max ? nil : $0 }
        }
        let (leader, follower) = (rate("leader"), rate("follower"))
        state.withLock { state in
            state.leader.bytesPerSecond = leader
            state.follower.bytesPerSecond = follower
        }
    }

    /// Bytes of throttled partitions were copied.
    func record(_ bytes: Int, _ side: Side) {
        let nowMs = clock.nowMs
        state.withLock { state in
            switch side {
            case .leader: state.leader.record(bytes, nowMs: nowMs)
            case .follower: state.follower.record(bytes, nowMs: nowMs)
            }
        }
    }

    /// When to look again at the limit of a side that has copied too much; nil if it has not.
    func exceededUntilMs(_ side: Side) -> Int64? {
        let nowMs = clock.nowMs
        return state.withLock { state in
            let quota = side == .leader ? state.leader : state.follower
            return quota.isExceeded(nowMs: nowMs) ? quota.retryMs(nowMs: nowMs) : nil
        }
    }
}
