import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import NIOPosix

/// Everything that a controller's own process holds: threads, directory, port, metadata log.
final class ControllerRuntime: NodeRuntime {
    let address: BrokerAddress
    private let core: ControllerCore
    private let listener: ServerListener
    private let timers: ControllerTimers
    private let threads: BrokerThreads
    private let data: DataDirectory

    /// How long requests in flight may take when the controller stops.
    private static let shutdownGrace = Duration.seconds(5)

    private init(
        core: ControllerCore,
        listener: ServerListener,
        timers: ControllerTimers,
        threads: BrokerThreads,
        data: DataDirectory
    ) {
        address = core.address
        self.core = core
        self.listener = listener
        self.timers = timers
        self.threads = threads
        self.data = data
    }

    var nodeID: Int32 { core.nodeID }
    var dataDirectory: String { data.logs.metadata.path }

    // MARK: Start

    static func start(
        _ configuration: BrokerConfiguration,
        logger: Logger,
        _ environment: BrokerEnvironment
    ) async throws(BrokerError) -> ControllerRuntime {
        let resolver = ConfigResolver(staticValues: configuration.properties)
        return try await BrokerThreads.starting(resolver) { threads async throws(BrokerError) in
            try await open(configuration, resolver, threads, environment, logger)
        }
    }

    private static func open(
        _ configuration: BrokerConfiguration,
        _ resolver: ConfigResolver,
        _ threads: BrokerThreads,
        _ environment: BrokerEnvironment,
        _ logger: Logger
    ) async throws(BrokerError) -> ControllerRuntime {
        let data = try DataDirectory(configuration, environment.disk(of: configuration.nodeID))
        let options = ListenerOptions(
            configuration,
            resolver,
            environment.connectionFaults(of: configuration.nodeID)
        )
        let listener = try await threads.listen(options, data, logger)
        do throws(BrokerError) {
            let clock = environment.clock ?? SystemClock(group: threads.group)
            let settings = ControllerTimers.Settings(resolver)
            let core = try loadCore(configuration, data, listener, settings, clock, threads.uptime, logger)
            let timers = ControllerTimers(core.driver, settings: settings, clock: threads.uptime, logger: logger)
            return ControllerRuntime(core: core, listener: listener, timers: timers, threads: threads, data: data)
        } catch {
            await listener.shutdown(grace: .zero)
            data.abandon()
            throw error
        }
    }

    private static func loadCore(
        _ configuration: BrokerConfiguration,
        _ data: DataDirectory,
        _ listener: ServerListener,
        _ timers: ControllerTimers.Settings,
        _ clock: any BrokerClock,
        _ uptime: any BrokerClock,
        _ logger: Logger
    ) throws(BrokerError) -> ControllerCore {
        let identity = data.logs.metadata.identity
        let log: MetadataLog
        do throws(StorageError) {
            log = try MetadataLog(
                directory: data.logs.metadata,
                nodeID: identity.nodeID,
                isDurable: !configuration.isEphemeral,
                snapshots: MetadataSnapshots.Settings(ConfigResolver(staticValues: configuration.properties)),
                clock: clock,
                logger: logger
            )
        } catch {
            throw BrokerError(error)
        }
        let driver = try ControllerDriver(
            log: log,
            settings: ClusterController.Settings(
                clusterID: identity.clusterID,
                nodeID: identity.nodeID,
                staticConfigs: configuration.properties,
                sessionTimeoutMs: timers.sessionMs
            ),
            clock: clock,
            uptime: uptime,
            logger: logger
        )
        try log.begin(nowMs: clock.nowMs)
        let core = ControllerCore(
            nodeID: identity.nodeID,
            clusterID: identity.clusterID,
            directoryID: identity.directoryID,
            listenerName: configuration.listenerName,
            address: configuration.address(port: listener.port),
            driver: driver,
            log: log,
            observers: QuorumObservers(),
            clock: clock,
            logger: logger
        )
        do throws(PartitionError) {
            try core.takeOver()
        } catch {
            throw BrokerError(.metadata, "the controller cannot begin: \(error.message ?? error.code.name)")
        }
        return core
    }

    // MARK: Run and stop

    func run() async throws(BrokerError) {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: threads.executor) { await self.timers.run() }
            group.addTask(executorPreference: threads.executor) { await self.core.log.snapshots.run() }
            await listener.run(RequestRouter(core))
            timers.stop()
            core.log.snapshots.stop()
        }
        let problems = await withTaskExecutorPreference(threads.executor) { closeData() }
        await threads.stop()
        if let first = problems.first { throw BrokerError(first) }
    }

    func shutdown() async {
        core.stopping.begin()
        core.log.wakeAll()
        await listener.shutdown(grace: Self.shutdownGrace)
    }

    func abandon() async {
        await listener.shutdown(grace: .zero)
        _ = await withTaskExecutorPreference(threads.executor) { closeData() }
        await threads.stop()
    }

    private func closeData() -> [StorageError] { data.close(highWatermarks: [:], brokerEpoch: -1) }
}

extension ControllerTimers.Settings {
    fileprivate init(_ resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int64) in
            resolver.brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } ?? fallback
        }
        let balances = resolver.brokerValue("auto.leader.rebalance.enable")?.trimmingBlanks().lowercased() != "false"
        self.init(
            sessionMs: max(1, integer("broker.session.timeout.ms", 9000)),
            balanceMs: balances ? integer("leader.imbalance.check.interval.seconds", 300) * 1000 : nil
        )
    }
}

extension ControllerCore {
    /// Writes what a new cluster, or a new start of this controller, begins with.
    fileprivate func takeOver() throws(PartitionError) {
        try driver.perform { controller, input in
            controller.becameActive(nowMs: input.nowMs)
            var record = RegisterControllerRecord()
            record.controllerId = nodeID
            record.incarnationId = .random()
            record.endPoints = [
                .init(name: listenerName, host: address.host, port: UInt16(clamping: address.port), securityProtocol: 0)
            ]
            record.features = FeatureCatalog.all.map {
                .init(
                    name: $0.name,
                    minSupportedVersion: $0.supported.lowerBound,
                    maxSupportedVersion: $0.supported.upperBound
                )
            }
            return ControllerResult(records: controller.bootstrap() + [.registerController(record)], answer: ())
        }
    }
}
