import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import NIOPosix

/// Everything that a started broker holds: threads, directory, port, metadata, partitions.
final class BrokerRuntime: NodeRuntime {
    let address: BrokerAddress
    private let core: BrokerCore
    private let listener: ServerListener
    private let maintenance: Maintenance
    private let cleaner: LogCleaner
    private let synchronizer: DiskSynchronizer
    private let threads: BrokerThreads
    private let data: DataDirectory
    private let clockControl: ClockControl?
    private let plane: ControlPlane
    private let directoryWatch: DirectoryWatch

    /// How long requests in flight may take when the broker stops.
    private static let shutdownGrace = Duration.seconds(10)

    private init(
        address: BrokerAddress,
        core: BrokerCore,
        listener: ServerListener,
        threads: BrokerThreads,
        data: DataDirectory,
        synchronizer: DiskSynchronizer,
        clockControl: ClockControl?,
        plane: ControlPlane
    ) {
        self.address = address
        self.core = core
        self.listener = listener
        self.threads = threads
        self.data = data
        self.synchronizer = synchronizer
        self.clockControl = clockControl
        self.plane = plane
        maintenance = Maintenance(core: core)
        cleaner = LogCleaner(core: core)
        directoryWatch = DirectoryWatch(core: core)
    }

    // MARK: Start

    static func start(
        _ configuration: BrokerConfiguration,
        logger: Logger,
        _ environment: BrokerEnvironment
    ) async throws(BrokerError) -> BrokerRuntime {
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
    ) async throws(BrokerError) -> BrokerRuntime {
        let realClock = SystemClock(group: threads.group)
        let settableClock = configuration.clock.map { setting in
            SettableClock(setting, wallMs: realClock.nowMs, real: UptimeClock(system: realClock))
        }
        let clocks = BrokerClocks(broker: environment.clock ?? settableClock ?? realClock, real: realClock)
        let faults = environment.connectionFaults(of: configuration.nodeID)
        let remote = try await RemoteControllers.find(configuration, resolver, faults, threads.group, logger)
        let disk = environment.disk(of: configuration.nodeID)
        let data = try DataDirectory(configuration, disk, clusterID: remote?.clusterID)
        var configuration = configuration
        configuration.nodeID = data.logs.metadata.identity.nodeID
        let options = ListenerOptions(configuration, resolver, faults)
        let listener = try await threads.listen(options, data, logger)
        do throws(BrokerError) {
            let address = configuration.address(port: listener.port)
            let synchronizer = DiskSynchronizer(pool: threads.synchronizing)
            let partitions = PartitionManager(
                localID: configuration.nodeID,
                directories: data.logs,
                synchronizer: synchronizer,
                sabotage: environment.sabotage,
                logger: logger
            )
            let site = ControlPlane.Site(
                configuration: configuration,
                directories: data.logs,
                address: address,
                partitions: partitions,
                clock: clocks.broker,
                threads: threads,
                logger: logger
            )
            let plane =
                if let remote { try await ControlPlane.remote(site, remote) } else { try ControlPlane.local(site) }
            let core = makeCore(site, plane, clocks)
            try await plane.join(core)
            let clockControl = try await settableClock.openControl(data.logs.metadata.path, threads.group)
            return BrokerRuntime(
                address: address,
                core: core,
                listener: listener,
                threads: threads,
                data: data,
                synchronizer: synchronizer,
                clockControl: clockControl,
                plane: plane
            )
        } catch {
            await listener.shutdown(grace: .zero)
            data.abandon()
            throw error
        }
    }

    private static func makeCore(_ site: ControlPlane.Site, _ plane: ControlPlane, _ clocks: BrokerClocks) -> BrokerCore
    {
        for name in site.configuration.ignoredProperties {
            site.logger.warning("Configuration has no effect here", metadata: ["name": "\(name)"])
        }
        let groups = CoordinatorRuntime(
            topic: InternalTopics.offsets,
            metadata: plane.metadata,
            channel: plane.channel,
            partitions: site.partitions,
            clock: clocks.broker,
            logger: site.logger
        ) { GroupCoordinator(settings: GroupSettings($0)) }
        let markers = MarkerWriter(
            partitions: site.partitions,
            groups: groups,
            metadata: plane.metadata,
            peers: plane.peers,
            clock: clocks.broker,
            realClock: clocks.real
        )
        let replication = ReplicationDriver(
            LeaderFetcher.Environment(
                settings: ReplicationSettings(localID: site.configuration.nodeID, plane.metadata.view.resolver),
                peers: plane.peers,
                brokerEpoch: plane.epoch,
                quotas: ReplicationQuotas(clock: clocks.real),
                directories: site.directories,
                clock: clocks.broker,
                realClock: clocks.real,
                logger: site.logger
            ),
            channel: plane.channel
        )
        site.partitions.follow(replication)
        return BrokerCore(
            nodeID: site.configuration.nodeID,
            clusterID: site.directories.metadata.identity.clusterID,
            metadata: plane.metadata,
            controller: plane.channel,
            brokerEpoch: plane.epoch,
            partitions: site.partitions,
            fetchSessions: FetchSessions(slots: fetchSessionSlots(site.configuration)),
            producerIDs: ProducerIDAllocator(),
            groups: groups,
            transactions: CoordinatorRuntime(
                topic: InternalTopics.transactions,
                metadata: plane.metadata,
                channel: plane.channel,
                partitions: site.partitions,
                clock: clocks.broker,
                logger: site.logger,
                attend: { await MarkerDriver(shard: $0, writer: markers).run() },
                make: { TransactionCoordinator(settings: TransactionSettings($0)) }
            ),
            markers: markers,
            peers: plane.peers,
            replication: replication,
            clock: clocks.broker,
            realClock: clocks.real,
            logger: site.logger
        )
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
            group.addTask(executorPreference: threads.executor) { await self.core.replication.run() }
            group.addTask(executorPreference: threads.executor) { await self.core.groups.run() }
            group.addTask(executorPreference: threads.executor) { await self.core.transactions.run() }
            group.addTask(executorPreference: threads.executor) { await self.plane.run() }
            group.addTask(executorPreference: threads.executor) {
                if await self.directoryWatch.run() { await self.shutdown() }
            }
            await listener.run(RequestRouter(core))
            directoryWatch.stop()
            await clockControl?.close()
            core.replication.stop()
            plane.stop()
            maintenance.stop()
            cleaner.stop()
            core.groups.stop()
            core.transactions.stop()
            synchronizer.stop()
        }
        let problems = await withTaskExecutorPreference(threads.executor) { closeData() }
        await threads.stop()
        if let failure = directoryWatch.fatal { throw failure }
        if let first = problems.first { throw BrokerError(first) }
    }

    func shutdown() async {
        // Requests are answered while others take over what this broker leads.
        await plane.leave()
        core.stopWaiting()
        await listener.shutdown(grace: Self.shutdownGrace)
    }

    /// Closes what was started and never ran.
    func abandon() async {
        plane.stop()
        await listener.shutdown(grace: .zero)
        _ = await withTaskExecutorPreference(threads.executor) { closeData() }
        await threads.stop()
    }

    var nodeID: Int32 { core.nodeID }

    /// The directory of the metadata, in which a broker with a clock that can be set has its socket.
    var dataDirectory: String { data.logs.metadata.path }

    private func closeData() -> [StorageError] {
        data.close(highWatermarks: core.partitions.highWatermarks, brokerEpoch: core.brokerEpoch.value)
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

extension BrokerCore {
    /// From now on nobody waits for more records.
    fileprivate func stopWaiting() {
        stopping.begin()
        groups.stop()
        transactions.stop()
        for partition in partitions.all { partition.interrupt() }
    }
}
