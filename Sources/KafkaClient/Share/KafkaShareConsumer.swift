import KafkaMessages
import KafkaTransport
import KafkaWire
import NIOCore
import Synchronization

/// Reads topics as a member of a share group (KIP-932): the brokers lend records to members one by one, several members
/// may read the same partition, and each record is acknowledged by itself.
///
/// ```swift
/// let consumer = KafkaShareConsumer(cluster: cluster, configuration: ShareConsumerConfiguration(groupID: "workers"))
/// try consumer.subscribe(topics: ["jobs"])
/// while let batch = try await consumer.nextBatch(timeout: .seconds(10)) {
///     …
///     consumer.acknowledge(batch, as: .accept)
/// }
/// await consumer.close()
/// ```
///
/// Acknowledgements travel with the next request for records, and with ``close()``. Records that were not acknowledged when
/// the broker's lock on them ends (`group.share.record.lock.duration.ms`, 30 s), or at the end, are delivered again. Needs
/// Apache Kafka 4.1 or newer with the feature `share.version` at 1.
///
/// One task should ask for records; another one may end its call with ``wakeup()``.
public final class KafkaShareConsumer: Sendable {
    /// How this consumer was set up.
    public let configuration: ShareConsumerConfiguration
    let cluster: KafkaCluster
    let finder: CoordinatorFinder
    let lane: ConnectionLane
    /// Told when the membership may have something new to do.
    let membership: ChangeSignal
    /// Told when there may be something to fetch, or a fetch has ended.
    let room: ChangeSignal
    /// Told when there are records or errors to hand out.
    let delivery: ChangeSignal
    let state: Mutex<State>
    let tasks = TaskScope()

    struct State {
        var membership: ShareMembership
        var core: ShareConsumerCore
        var isRunning = false
        var isClosed = false
        /// Whether ``KafkaShareConsumer/wakeup()`` was called and nobody has noticed yet.
        var isWoken = false
    }

    /// A consumer on a cluster, which must stay open as long as it.
    public init(cluster: KafkaCluster, configuration: ShareConsumerConfiguration) {
        self.cluster = cluster
        self.configuration = configuration
        finder = CoordinatorFinder(cluster: cluster, key: .group(configuration.groupID))
        lane = GroupMember.newLane()
        membership = ChangeSignal(eventLoop: cluster.group.any())
        room = ChangeSignal(eventLoop: cluster.group.any())
        delivery = ChangeSignal(eventLoop: cluster.group.any())
        let memberID = "\(KafkaUUID.random())"
        let rack = cluster.configuration.rack
        state = Mutex(
            State(
                membership: ShareMembership(
                    settings: .init(
                        groupID: configuration.groupID,
                        memberID: memberID,
                        rack: rack.isEmpty ? nil : rack,
                        backoff: cluster.backoff
                    )
                ),
                core: ShareConsumerCore(configuration, memberID: memberID, backoff: cluster.backoff)
            )
        )
    }

    /// Joins the group, or changes what is read. Topics need not exist yet.
    ///
    /// - Throws: ``KafkaClientError/Code/invalidArgument`` for no topics, ``KafkaClientError/Code/closed`` after the end.
    public func subscribe(topics: [String]) throws(KafkaClientError) {
        guard !topics.isEmpty, !topics.contains("") else {
            throw KafkaClientError(.invalidArgument, "A share group needs at least one topic, by its name.")
        }
        let nowMs = MonotonicClock.nowMs
        let (starts, isClosed) = state.withLock { state in
            guard !state.isClosed else { return (false, true) }
            state.membership.subscribe(topics, nowMs: nowMs)
            defer { state.isRunning = true }
            return (!state.isRunning, false)
        }
        guard !isClosed else { throw .clientClosed }
        if starts { tasks.start { [self] in await run() } }
        membership.notify()
    }

    /// Whether the group has said which partitions this member may read.
    public var isAssigned: Bool { state.withLock { $0.membership.isAssigned } }

    /// The next records that are lent to this member, waited for. What was acknowledged before goes to the brokers meanwhile.
    ///
    /// - Parameters:
    ///   - maxRecords: ask for so many at most, if that is fewer than `max.poll.records`; brokers may lend more.
    ///   - timeout: how long to wait; `nil` waits until there are some.
    /// - Returns: `nil` when the time is up.
    /// - Throws: what went wrong with a partition, once for each; reading may go on with the others. What ended the
    ///   membership of the group, each time. Also ``KafkaClientError/Code/closed``, ``KafkaClientError/Code/cancelled`` and
    ///   ``KafkaClientError/Code/wokenUp``.
    public func nextBatch(
        maxRecords: Int = .max,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> SharedBatch? {
        let deadlineMs = timeout.map { Deadline.after($0).ms }
        defer { state.withLock { $0.core.rest() } }
        while true {
            let seen = delivery.version
            if let batch = try take() { return batch }
            state.withLock { $0.core.want(maxRecords) }
            room.notify()
            guard await delivery.wait(past: seen, untilMs: deadlineMs) else {
                if Task.isCancelled { throw .wasCancelled }
                return nil
            }
        }
    }

    private func take() throws(KafkaClientError) -> SharedBatch? {
        let next: Result<SharedBatch, KafkaClientError>? = state.withLock { state in
            if state.isClosed { return .failure(.clientClosed) }
            if state.isWoken {
                state.isWoken = false
                return .failure(.wasWokenUp)
            }
            if let next = state.core.take() { return next }
            return state.membership.failure.map { .failure($0) }
        }
        return try next?.get()
    }

    /// Says what became of records. They are told to the broker with the next call for records, or at the end.
    ///
    /// - Parameter offsets: which of the batch's; `nil` for all. Each counts once.
    public func acknowledge(
        _ batch: SharedBatch,
        as outcome: ShareAcknowledgement,
        offsets: ClosedRange<Int64>? = nil
    ) {
        state.withLock { $0.core.acknowledge(batch, offsets ?? batch.offsets, as: outcome) }
    }

    /// Acknowledgements that failed since the last call: their records will be delivered again.
    public func takeFailures() -> [ShareAcknowledgementFailure] { state.withLock { $0.core.takeFailures() } }

    /// Ends the present or the next call for records with ``KafkaClientError/Code/wokenUp``.
    public func wakeup() {
        state.withLock { $0.isWoken = true }
        delivery.notify()
    }

    /// Tells the brokers what was acknowledged, gives back the rest, and leaves the group. The cluster stays open.
    ///
    /// ``takeFailures()`` tells afterwards what did not arrive.
    public func close() async {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            state.core.rest()
            return state.isClosed
        }
        guard !wasClosed else { return }
        delivery.notify()
        let limit = Deadline.after(Self.patience)
        await waitForFetches(limit)
        await closeSessions(limit)
        await tasks.close()
        if let request = state.withLock({ $0.membership.leave() }) { await leave(request, limit) }
        cluster.pool.release(lane)
    }

    /// How long the end may take.
    private static let patience: Duration = .seconds(5)
}
