import KafkaCoordination
import KafkaTransport
import Logging
import NIOCore
import NIOPosix

/// The threads of a node: event loops for sockets, a pool for requests, which may block on the disk, and one for
/// those who only wait for an fsync.
struct BrokerThreads: Sendable {
    let group: MultiThreadedEventLoopGroup
    let executor: StorageExecutor
    let synchronizing = StorageExecutor(size: 8)

    init(_ resolver: ConfigResolver) {
        let count = { (name: String, fallback: Int) in
            resolver.brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
        }
        group = MultiThreadedEventLoopGroup(numberOfThreads: count("num.network.threads", 2))
        executor = StorageExecutor(size: count("num.io.threads", 4))
    }

    /// Starts a node on new threads, which end again when it cannot be started.
    static func starting<Node: NodeRuntime>(
        _ resolver: ConfigResolver,
        _ open: @Sendable (BrokerThreads) async throws(BrokerError) -> Node
    ) async throws(BrokerError) -> Node {
        DescriptorLimit.raise()
        let threads = BrokerThreads(resolver)
        do {
            return try await withTaskExecutorPreference(threads.executor) { try await open(threads) }
        } catch {
            await threads.stop()
            throw error as? BrokerError ?? BrokerError(.storage, "\(error)")
        }
    }

    /// Takes the port of a node; its directory is let go when that fails.
    func listen(
        _ options: ListenerOptions,
        _ data: DataDirectory,
        _ logger: Logger
    ) async throws(BrokerError) -> ServerListener {
        do {
            return try await ServerListener.bind(options, on: group, executor: executor, logger: logger)
        } catch {
            data.abandon()
            throw BrokerError(.listen, error.description)
        }
    }

    /// Time that nobody can set.
    var uptime: UptimeClock { UptimeClock(system: SystemClock(group: group)) }

    func stop() async {
        executor.shutdown()
        synchronizing.shutdown()
        // Fails only when shut down before.
        try? await group.shutdownGracefully()
    }
}
