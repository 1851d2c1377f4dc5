import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import NIOPosix

/// Everything that a started broker holds: threads, directory, port, metadata, partitions.
final class BrokerRuntime: Sendable {
    let address: BrokerAddress
    private let core: BrokerCore
    private let listener: ServerListener
    private let maintenance: Maintenance
    private let cleaner: LogCleaner
    private let synchronizer: DiskSynchronizer
    private let threads: BrokerThreads
    private let data: DataDirectory
    private let clockControl: ClockControl?

    /// How long requests in flight may take when the broker stops.
    private static let shutdownGrace = Duration.seconds(10)

    private init(
        address: BrokerAddress,
        core: BrokerCore,
        listener: ServerListener,
        threads: BrokerThreads,
        data: DataDirectory,
        synchronizer: DiskSynchronizer,
        clockControl: ClockControl?
    ) {
        self.address = address
        self.core = core
        self.listener = listener
        self.threads = threads
        self.data = data
        self.synchronizer = synchronizer
        self.clockControl = clockControl
        maintenance = Maintenance(core: core)
        cleaner = LogCleaner(core: core)
    }

    // MARK: Start

    static func start(
        _ configuration: BrokerConfiguration,
        logger: Logger,
        _ environment: BrokerEnvironment
    ) async throws(BrokerError) -> BrokerRuntime {
        DescriptorLimit.raise()
        let resolver = ConfigResolver(staticValues: configuration.properties)
        let threads = BrokerThreads(resolver)
        do {
            return try await withTaskExecutorPreference(threads.executor) {
                try await open(configuration, resolver, threads, environment, logger)
            }
        } catch {
            await threads.stop()
            throw error as? BrokerError ?? BrokerError(.storage, "\(error)")
        }
    }

    private static func open(
        _ configuration: BrokerConfiguration,
        _ resolver: ConfigResolver,
        _ threads: BrokerThreads,
        _ environment: BrokerEnvironment,
        _ logger: Logger
    ) async throws(BrokerError) -> BrokerRuntime {
        let realClock = SystemClock(group: threads.group)
        let settableClock = configuration.clock.map { setting in
            SettableClock(setting, wallMs: realClock.nowMs, real: UptimeClock(system: realClock))
        }
        let clocks = BrokerClocks(broker: environment.clock ?? settableClock ?? realClock, real: realClock)
        let data = try DataDirectory(configuration, environment.fileSystem)
        var configuration = configuration
        configuration.nodeID = data.logs.identity.nodeID
        let listener: ServerListener
        do {
            listener = try await ServerListener.bind(
                ListenerOptions(configuration, resolver),
                on: threads.group,
                executor: threads.executor,
                logger: logger
            )
        } catch {
            data.abandon()
            throw BrokerError(.listen, error.description)
        }
        do throws(BrokerError) {
            let address = configuration.address(port: listener.port)
            let synchronizer = DiskSynchronizer(pool: threads.synchronizing)
            let core = try loadCore(configuration, data, address, clocks, synchronizer, logger)
            let clockControl = try await settableClock.openControl(data.logs.path, threads.group)
            return BrokerRuntime(
                address: address,
                core: core,
                listener: listener,
                threads: threads,
                data: data,
                synchronizer: synchronizer,
                clockControl: clockControl
            )
        } catch {
            await listener.shutdown(grace: .zero)
            data.abandon()
            throw error
        }
    }

    private static func loadCore(
        _ configuration: BrokerConfiguration,
        _ data: DataDirectory,
        _ address: BrokerAddress,
        _ clocks: BrokerClocks,
        _ synchronizer: DiskSynchronizer,
        _ logger: Logger
    ) throws(BrokerError) -> BrokerCore {
        for name in configuration.ignoredProperties {
            logger.warning("Configuration has no effect here", metadata: ["name": "\(name)"])
        }
        do {
            let nowMs = clocks.broker.nowMs
            let metadataLog = try MetadataLog(
                directory: data.logs,
                nodeID: configuration.nodeID,
                isDurable: !configuration.isEphemeral,
                nowMs: nowMs
            )
            let partitions = PartitionManager(
                localID: configuration.nodeID,
                directory: data.logs,
                synchronizer: synchronizer,
                logger: logger
            )
            let driver = try ControllerDriver(
                log: metadataLog,
                settings: ClusterController.Settings(
                    clusterID: data.logs.identity.clusterID,
                    staticConfigs: configuration.properties
                ),
                clock: clocks.broker,
                logger: logger
            )
            let metadata = driver.metadata(partitions: partitions)
            let controller = LocalControllerChannel(driver: driver)
            try metadataLog.begin(nowMs: nowMs)
            try metadata.load()
            let groups = CoordinatorRuntime(
                topic: InternalTopics.offsets,
                metadata: metadata,
                channel: controller,
                partitions: partitions,
                clock: clocks.broker,
                logger: logger
            ) { GroupCoordinator(settings: GroupSettings($0)) }
            let peers = NoPeers()
            let markers = MarkerWriter(
                partitions: partitions,
                groups: groups,
                metadata: metadata,
                peers: peers,
                clock: clocks.broker,
                realClock: clocks.real
            )
            let core = BrokerCore(
                nodeID: configuration.nodeID,
                clusterID: data.logs.identity.clusterID,
                metadata: metadata,
                controller: controller,
                brokerEpoch: BrokerEpoch(),
                partitions: partitions,
                fetchSessions: FetchSessions(slots: fetchSessionSlots(configuration)),
                producerIDs: ProducerIDAllocator(),
                groups: groups,
                transactions: CoordinatorRuntime(
                    topic: InternalTopics.transactions,
                    metadata: metadata,
                    channel: controller,
                    partitions: partitions,
                    clock: clocks.broker,
                    logger: logger,
                    attend: { await MarkerDriver(shard: $0, writer: markers).run() },
                    make: { TransactionCoordinator(settings: TransactionSettings($0)) }
                ),
                markers: markers,
                peers: peers,
                clock: clocks.broker,
                realClock: clocks.real,
                logger: logger
            )
            try core.register(configuration, address, directory: data.logs.identity, with: driver)
            metadata.observe(core.groups.metadataChanged)
            metadata.observe(core.transactions.metadataChanged)
            return core
        } catch let error as BrokerError {
            throw error
        } catch let error as StorageError {
            throw BrokerError(error)
        } catch {
            throw BrokerError(.metadata, "\(error)")
        }
    }

    private static func fetchSessionSlots(_ configuration: BrokerConfiguration) -> Int {
        let resolver = ConfigResolver(staticValues: configuration.properties)
        return resolver.brokerValue("max.incremental.fetch.session.cache.slots").flatMap(Int.init) ?? 1000
    }

    // MARK: Run and stop

    func run() async throws(BrokerError) {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: threads.executor) { await self.maintenance.run() }
            group.addTask { await self.cleaner.run() }
            group.addTask { await self.synchronizer.run() }
            if let clockControl { group.addTask { await clockControl.run(settling: self.maintenance) } }
            group.addTask(executorPreference: threads.executor) { await self.core.groups.run() }
            group.addTask(executorPreference: threads.executor) { await self.core.transactions.run() }
            await listener.run(RequestRouter(core))
            await clockControl?.close()
            maintenance.stop()
            cleaner.stop()
            core.groups.stop()
            core.transactions.stop()
            synchronizer.stop()
        }
        let problems = await withTaskExecutorPreference(threads.executor) { closeData() }
        await threads.stop()
        if let first = problems.first { throw BrokerError(first) }
    }

    func shutdown() async {
        core.stopWaiting()
        await listener.shutdown(grace: Self.shutdownGrace)
    }

    /// Closes what was started and never ran.
    func abandon() async {
        await listener.shutdown(grace: .zero)
        _ = await withTaskExecutorPreference(threads.executor) { closeData() }
        await threads.stop()
    }

    /// The data directory, in which a broker with a clock that can be set has its socket.
    var nodeID: Int32 { core.nodeID }
    var dataDirectory: String { data.logs.path }

    private func closeData() -> [StorageError] {
        return data.close(highWatermarks: core.partitions.highWatermarks, brokerEpoch: core.brokerEpoch.value)
    }
}

/// The broker's time and the machine's.
private struct BrokerClocks: Sendable {
    let broker: any BrokerClock
    let real: any BrokerClock
}

extension Optional<SettableClock> {
    /// A clock that can be set is set through a socket; any other has none.
    fileprivate func openControl(
        _ directory: String,
        _ group: any EventLoopGroup
    ) async throws(BrokerError) -> ClockControl? {
        guard let self else { return nil }
        return ClockControl(clock: self, socket: try await .bind(directory: directory, on: group))
    }
}

/// The threads of a broker: event loops for sockets, a pool for requests, which may block on the disk, and one for
/// those who only wait for an fsync.
private struct BrokerThreads: Sendable {
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

    func stop() async {
        executor.shutdown()
        synchronizing.shutdown()
        // Fails only when shut down before.
        try? await group.shutdownGracefully()
    }
}

extension ListenerOptions {
    fileprivate init(_ configuration: BrokerConfiguration, _ resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int) in
            resolver.brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
        }
        let host = configuration.listener.host
        self.init(host: host.isEmpty ? "0.0.0.0" : host, port: configuration.listener.port)
        maximumRequestBytes = integer("socket.request.max.bytes", maximumRequestBytes)
        maximumConnections = integer("max.connections", maximumConnections)
        let idleMs = integer("connections.max.idle.ms", 600_000)
        idleLimit = idleMs < 0 ? nil : .milliseconds(idleMs)
    }
}

extension BrokerCore {
    /// Registers this start of the broker with the controller and takes up its partitions.
    fileprivate func register(
        _ configuration: BrokerConfiguration,
        _ address: BrokerAddress,
        directory: MetaProperties,
        with driver: ControllerDriver
    ) throws(BrokerError) {
        let request = BrokerRegistrationRequest(
            brokerId: nodeID,
            clusterId: clusterID,
            incarnationId: .random(),
            listeners: [
                .init(name: "PLAINTEXT", host: address.host, port: UInt16(clamping: address.port), securityProtocol: 0)
            ],
            features: FeatureCatalog.all.map { feature in
                BrokerRegistrationRequest.Feature(
                    name: feature.name,
                    minSupportedVersion: feature.supported.lowerBound,
                    maxSupportedVersion: feature.supported.upperBound
                )
            },
            rack: configuration.rack,
            logDirs: directory.directoryID.map { [$0] } ?? []
        )
        do throws(PartitionError) {
            try driver.perform(isLast: false) { controller, _ in
                ControllerResult(records: controller.bootstrap(), answer: ())
            }
            let registered = try driver.perform(isLast: false) { controller, input in
                controller.registerBroker(request, nextOffset: input.nextOffset)
            }
            guard registered.errorCode == .none else { throw PartitionError(registered.errorCode) }
            let code = try driver.perform { controller, _ in
                controller.unfenceBroker(nodeID, epoch: registered.brokerEpoch)
            }
            guard code == .none else { throw PartitionError(code) }
            brokerEpoch.registered(registered.brokerEpoch)
        } catch {
            throw BrokerError(.metadata, "the broker cannot register: \(error.message ?? error.code.name)")
        }
    }

    /// From now on nobody waits for more records.
    fileprivate func stopWaiting() {
        stopping.begin()
        groups.stop()
        transactions.stop()
        for partition in partitions.all { partition.interrupt() }
    }
}
