public import Logging
public import NIOCore
import NIOPosix
import Synchronization

/// A client's view of one cluster: its connections, and what it knows about topics and brokers.
///
/// ``KafkaAdmin``, ``KafkaConsumer`` and the producer share one. Nothing is connected before the first call. Call
/// ``close()`` at the end: it closes every connection and waits for every task. ``withCluster(_:logger:_:)`` does so by
/// itself.
public final class KafkaCluster: Sendable {
    /// How this client was set up.
    public let configuration: ClientConfiguration
    package let logger: Logger
    /// The threads that the connections run on.
    package let group: any EventLoopGroup
    /// Notified after every attempt to refresh metadata and after every hint that was news.
    package let metadataChanged: ChangeSignal

    let pool: NodePool
    let state: Mutex<State>
    let refreshWanted: ChangeSignal
    let tasks = TaskScope()
    let backoff: Backoff

    struct State: ~Copyable {
        var cache = MetadataCache()
        var coordinators = CoordinatorCache()
        var schedule: MetadataSchedule
        var lastRefreshError: KafkaClientError?
        var hasBootstrapped = false
        var isRefreshing = false
        var isClosed = false
    }

    /// A client of the cluster that the configuration's bootstrap servers belong to.
    ///
    /// - Parameters:
    ///   - group: the threads for the connections; a shared one by default.
    ///   - logger: where to tell what happens, at levels trace and debug; silent by default.
    public init(
        configuration: ClientConfiguration,
        group: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "swkafka.client") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.configuration = configuration
        let group = group ?? MultiThreadedEventLoopGroup.singleton
        self.logger = logger
        self.group = group
        backoff = Backoff(configuration.retry)
        pool = NodePool(configuration: configuration, group: group, logger: logger)
        metadataChanged = ChangeSignal(eventLoop: group.any())
        refreshWanted = ChangeSignal(eventLoop: group.any())
        state = Mutex(State(schedule: MetadataSchedule(maxAge: configuration.metadata.maxAge, backoff: backoff)))
    }

    /// Runs a closure with a cluster, and closes it afterwards, whatever happens.
    public static func withCluster<Result>(
        _ configuration: ClientConfiguration,
        logger: Logger = Logger(label: "swkafka.client") { _ in SwiftLogNoOpLogHandler() },
        _ body: (KafkaCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = KafkaCluster(configuration: configuration, logger: logger)
        do {
            let result = try await body(cluster)
            await cluster.close()
            return result
        } catch {
            await cluster.close()
            throw error
        }
    }

    /// Closes all connections and ends all tasks; calls under way fail with ``KafkaClientError/Code/closed``.
    public func close() async {
        state.withLock { $0.isClosed = true }
        refreshWanted.notify()
        metadataChanged.notify()
        await tasks.close()
        await pool.close()
    }

    /// The deadline of a call that starts now, by `default.api.timeout.ms`.
    package func callDeadline() -> Deadline {
        .after(configuration.request.callTimeout)
    }

    // What is known

    /// Looks at what is known about the cluster. The closure must be short; it runs under a lock.
    package func withMetadata<Result: Sendable>(_ body: (borrowing MetadataCache) -> Result) -> Result {
        state.withLock { body($0.cache) }
    }

    /// The node that leads a partition and the leader's epoch, as far as known.
    package func leader(of partition: TopicPartition) -> (node: Node, epoch: Int32)? {
        state.withLock { $0.cache.leader(of: partition) }
    }

    /// A topic's description, if one is known; the topic counts as used and is kept fresh.
    package func knownTopic(_ name: String) -> TopicMetadata? {
        let nowMs = MonotonicClock.nowMs
        return state.withLock { state in
            guard let topic = state.cache.topic(name) else { return nil }
            state.cache.use(name, nowMs: nowMs)
            return topic
        }
    }

    /// Takes in who leads a partition now, as a Produce or Fetch error said (KIP-951).
    package func applyHint(_ partition: TopicPartition, leader: Int32, epoch: Int32, endpoints: [Node]) {
        let isNews = state.withLock { state in
            state.cache.applyHint(partition, leader: leader, epoch: epoch, endpoints: endpoints)
        }
        if isNews {
            metadataChanged.notify()
        }
    }
}
