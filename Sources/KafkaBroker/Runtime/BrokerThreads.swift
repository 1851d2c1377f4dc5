import KafkaCoordination
import KafkaTransport
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

    /// Time that nobody can set.
    var uptime: UptimeClock { UptimeClock(system: SystemClock(group: group)) }

    func stop() async {
        executor.shutdown()
        synchronizing.shutdown()
        // Fails only when shut down before.
        try? await group.shutdownGracefully()
    }
}
