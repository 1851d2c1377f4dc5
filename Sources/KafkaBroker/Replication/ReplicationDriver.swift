import KafkaCoordination
import KafkaMessages
import KafkaStorage
import Logging
import Synchronization

/// Keeps this broker's replicas in step with the others: a fetcher for each broker that leads some of them, and the ISR
/// of those that are led here. Where no other broker has replicas it only sleeps.
final class ReplicationDriver: Sendable {
    private struct State {
        var fetchers: [Int32: LeaderFetcher] = [:]
        /// Fetchers that nobody runs yet.
        var new: [LeaderFetcher] = []
        /// Which leader each partition follows.
        var leaders: [FetchKey: Int32] = [:]
        /// Partitions that are led here and followed elsewhere.
        var led: [FetchKey: Partition] = [:]
        var isCheckScheduled = false
        var isCheckDue = false
        var isStopped = false
    }

    private let environment: LeaderFetcher.Environment
    private let sender: InSyncSender
    private let alarm = Alarm()
    private let state = Mutex(State())

    init(_ environment: LeaderFetcher.Environment, channel: any ControllerChannel) {
        self.environment = environment
        sender = InSyncSender(
            localID: environment.settings.localID,
            channel: channel,
            brokerEpoch: environment.brokerEpoch,
            clock: environment.realClock,
            alarm: alarm
        )
    }

    /// The limits on copying throttled partitions.
    var quotas: ReplicationQuotas { environment.quotas }

    // MARK: From the metadata

    func metadataChanged(_ view: ClusterMetadata.View, _ removedTopics: [RemovedTopic]) {
        quotas.configsChanged(view.resolver)
    }

    /// A partition has got another leader, epoch or ISR. Called in the order of the changes.
    func partitionChanged(_ partition: Partition) {
        let key = partition.key
        let now = partition.snapshot
        let follows = !now.isLeader && now.leader >= 0 && now.leader != environment.settings.localID
        let (old, current) = state.withLock { state -> (LeaderFetcher?, LeaderFetcher?) in
            guard !state.isStopped else { return (nil, nil) }
            state.led[key] = now.hasFollowers ? partition : nil
            var old: LeaderFetcher?
            if let leader = state.leaders[key], !follows || leader != now.leader {
                old = state.fetchers[leader]
                state.leaders[key] = nil
            }
            guard follows else { return (old, nil) }
            state.leaders[key] = now.leader
            return (old, fetcher(of: now.leader, &state))
        }
        old?.unfollow(key)
        current?.follow(partition, inEpoch: now.leaderEpoch)
        if current != nil || now.hasFollowers { alarm.ring() }
    }

    /// A partition has gone from this broker.
    func partitionRemoved(_ partition: Partition) {
        let key = partition.key
        let fetcher = state.withLock { state -> LeaderFetcher? in
            state.led[key] = nil
            return state.leaders.removeValue(forKey: key).flatMap { state.fetchers[$0] }
        }
        fetcher?.unfollow(key)
    }

    private func fetcher(of leader: Int32, _ state: inout State) -> LeaderFetcher {
        if let known = state.fetchers[leader] { return known }
        let made = LeaderFetcher(leader: leader, environment)
        state.fetchers[leader] = made
        state.new.append(made)
        return made
    }

    // MARK: The ISR

    /// A partition that is led here proposes another ISR.
    func propose(_ proposal: InSyncProposal, of partition: Partition) { sender.add(proposal, of: partition) }

    private func checkInSync(_ led: [Partition]) {
        let nowMs = environment.clock.nowMs
        for partition in led {
            if let proposal = partition.checkInSync(nowMs: nowMs) { propose(proposal, of: partition) }
        }
    }

    // MARK: Running

    /// Works until `stop`. Must run where blocking on the disk is allowed.
    func run() async {
        await withDiscardingTaskGroup { group in
            while await alarm.sleep() {
                let (new, due) = state.withLock { state -> ([LeaderFetcher], [Partition]) in
                    let due = state.isCheckDue ? Array(state.led.values) : []
                    state.isCheckDue = false
                    defer { state.new = [] }
                    return (state.new, due)
                }
                for fetcher in new { group.addTask { await fetcher.run() } }
                if !due.isEmpty { checkInSync(due) }
                scheduleCheck()
                if sender.begin() { group.addTask { await self.sender.send() } }
            }
            state.withLock { state in
                state.isStopped = true
                state.fetchers = [:]
            }
            group.cancelAll()
        }
    }

    /// Followers that lag are looked for every half of the time that they may.
    private func scheduleCheck() {
        let isNeeded = state.withLock { state in
            guard !state.led.isEmpty, !state.isCheckScheduled else { return false }
            state.isCheckScheduled = true
            return true
        }
        guard isNeeded else { return }
        _ = environment.clock.schedule(afterMs: max(1, environment.settings.maxLagMs / 2)) { [weak self] in
            self?.checkIsDue()
        }
    }

    private func checkIsDue() {
        state.withLock { state in
            state.isCheckScheduled = false
            state.isCheckDue = true
        }
        alarm.ring()
    }

    func stop() { alarm.expire() }
}
