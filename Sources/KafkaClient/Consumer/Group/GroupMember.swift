import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import Synchronization

/// One consumer's place in its group: carries out what its membership asks for, one request at a time, over a connection
/// of its own.
final class GroupMember: Sendable {
    /// What the member needs of its consumer.
    struct Application: Sendable {
        /// Since when no records were asked for; `nil` while they are waited for.
        var absentSinceMs: @Sendable () -> Int64?
        /// Lays out events for the next call for records.
        var handOver: @Sendable ([RebalanceEvent]) -> Void
        /// The membership is over, for this reason.
        var stop: @Sendable (KafkaClientError) -> Void
    }

    /// The topics that are wanted.
    struct Wanted: Sendable {
        var names: [String] = []
        /// An expression that the broker matches; the consumer protocol only.
        var expression: String?
        /// Chooses among all topics, internal ones told.
        var matches: (@Sendable (_ name: String, _ isInternal: Bool) -> Bool)?
    }

    let cluster: KafkaCluster
    let configuration: GroupConfiguration
    let finder: CoordinatorFinder
    let lane: ConnectionLane
    /// Notified when there may be something new to do.
    let signal: ChangeSignal
    let membership: Mutex<GroupMembership>
    let wanted = Mutex(Wanted())
    let wantedChanged: ChangeSignal
    let application: Application

    private static let lastLane = Atomic<UInt64>(0)

    /// A lane that no other member has.
    static func newLane() -> ConnectionLane { .member(lastLane.wrappingAdd(1, ordering: .relaxed).newValue) }

    init(cluster: KafkaCluster, configuration: GroupConfiguration, application: Application) {
        self.cluster = cluster
        self.configuration = configuration
        self.application = application
        finder = CoordinatorFinder(cluster: cluster, key: CoordinatorKey(.group, configuration.id))
        lane = Self.newLane()
        signal = ChangeSignal(eventLoop: cluster.group.any())
        wantedChanged = ChangeSignal(eventLoop: cluster.group.any())
        let rack = cluster.configuration.rack
        membership = Mutex(
            GroupMembership(configuration, rack: rack.isEmpty ? nil : rack, backoff: cluster.backoff)
        )
    }

    // MARK: What the consumer calls

    /// Sets the topics that are wanted.
    func subscribe(_ new: Wanted) {
        wanted.withLock { $0 = new }
        if new.matches == nil { topicsFound(new.names) }
        wantedChanged.notify()
    }

    /// The application has done what was handed over.
    func handedOver() {
        let nowMs = MonotonicClock.nowMs
        membership.withLock { $0.handedOver(nowMs: nowMs) }
        signal.notify()
    }

    /// The application asks for records: if it had been given up, it joins again.
    func applicationCalls() {
        if membership.withLock({ $0.waitsForApplication }) { signal.notify() }
    }

    /// A commit was refused for this reason.
    func commitRefused(_ code: ErrorCode, identity used: MemberIdentity) {
        let nowMs = MonotonicClock.nowMs
        membership.withLock { $0.commitRefused(code, identity: used, nowMs: nowMs) }
        signal.notify()
    }

    var identity: MemberIdentity { membership.withLock { $0.identity } }

    private func topicsFound(_ topics: [String]) {
        let nowMs = MonotonicClock.nowMs
        cluster.state.withLock { state in
            for topic in topics { state.cache.use(topic, nowMs: nowMs) }
        }
        let expression = wanted.withLock { $0.expression }
        membership.withLock { $0.subscribe(topics, expression: expression, nowMs: nowMs) }
        signal.notify()
    }

    // MARK: Running

    /// Runs until it is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.followMetadata() }
            group.addTask { await self.listTopics() }
            var isStopTold = false
            while !Task.isCancelled {
                let seen = signal.version
                var action: MembershipAction? = nextAction(&isStopTold)
                var pause: Int64?
                while let current = action, !Task.isCancelled {
                    if case .wait(let untilMs) = current {
                        pause = untilMs
                        break
                    }
                    // Another subscription begins anew.
                    if case .stopped = current { break }
                    action = await perform(current)
                }
                if action != nil { _ = await signal.wait(past: seen, untilMs: pause) }
            }
            group.cancelAll()
        }
    }

    private func nextAction(_ isStopTold: inout Bool) -> MembershipAction {
        let absentSinceMs = application.absentSinceMs()
        let nowMs = MonotonicClock.nowMs
        let action = membership.withLock { $0.next(nowMs: nowMs, absentSinceMs: absentSinceMs) }
        if case .stopped = action {
            if !isStopTold { reportStop() }
            isStopTold = true
        } else {
            isStopTold = false
        }
        return action
    }

    private func reportStop() {
        let (owned, failure) = membership.withLock { ($0.owned.sorted(), $0.failure) }
        if !owned.isEmpty { application.handOver([.lost(owned)]) }
        if let failure { application.stop(failure) }
    }

    /// Keeps the leader informed about its group's topics, and the cluster about who uses them.
    private func followMetadata() async {
        while !Task.isCancelled {
            let seen = cluster.metadataChanged.version
            let nowMs = MonotonicClock.nowMs
            let (topics, watchesRacks) = membership.withLock { ($0.groupTopics, $0.watchesRacks) }
            let layout = cluster.state.withLock { state in
                for topic in topics { state.cache.use(topic, nowMs: nowMs) }
                return topics.reduce(into: TopicLayout(partitionCounts: [:])) { layout, name in
                    guard let topic = state.cache.topic(name) else { return }
                    layout.add(name, topic.partitions, nodes: watchesRacks ? state.cache.nodes : nil)
                }
            }
            membership.withLock { $0.topicsChanged(layout) }
            signal.notify()
            guard await cluster.metadataChanged.wait(past: seen) else { return }
        }
    }

    /// Lists all topics from time to time when they are chosen by a pattern.
    private func listTopics() async {
        while !Task.isCancelled {
            let seen = wantedChanged.version
            var pauseMs = cluster.configuration.metadata.maxAge.milliseconds
            if let matches = wanted.withLock({ $0.matches }) {
                do {
                    let deadline = cluster.callDeadline()
                    let response = try await cluster.withRetries(deadline: deadline) {
                        [cluster] (_) async throws(KafkaClientError) in
                        try await cluster.fetchMetadata(topics: nil, allowsTopicCreation: false, deadline: deadline)
                    }
                    topicsFound(
                        response.topics.filter { $0.errorCode == .none }.compactMap { topic in
                            topic.name.flatMap { matches($0, topic.isInternal) ? $0 : nil }
                        }
                    )
                } catch {
                    cluster.logger.debug("Topics could not be listed", metadata: ["error": "\(error)"])
                    pauseMs = cluster.backoff.limit.milliseconds
                }
            }
            _ = await wantedChanged.wait(past: seen, untilMs: MonotonicClock.nowMs + max(pauseMs, 100))
        }
    }
}
