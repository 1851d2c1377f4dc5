import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import Logging

/// Where a broker has its metadata from and whom it asks about the cluster: the controller of its own process, or that
/// of another.
struct ControlPlane: Sendable {
    /// What a broker has before it knows anything of the cluster.
    struct Site: Sendable {
        let configuration: BrokerConfiguration
        let directories: LogDirectories
        let address: BrokerAddress
        let partitions: PartitionManager
        let clock: any BrokerClock
        let threads: BrokerThreads
        let logger: Logger

        /// The configs of the properties file.
        var resolver: ConfigResolver { ConfigResolver(staticValues: configuration.properties) }
    }

    private enum Controller: Sendable {
        case local(ControllerDriver, MetadataSnapshots)
        case remote(RemoteControllers, MetadataFollower, BrokerLifecycle, ConnectedPeers)
    }

    let metadata: ClusterMetadata
    let channel: any ControllerChannel
    let peers: any BrokerPeers
    let epoch: BrokerEpoch
    private let registration: BrokerRegistrationRequest
    private let controller: Controller

    // MARK: The controller of this process

    static func local(_ site: Site) throws(BrokerError) -> ControlPlane {
        do {
            let log = try MetadataLog(
                directory: site.directories.metadata,
                nodeID: site.configuration.nodeID,
                isDurable: !site.configuration.isEphemeral,
                snapshots: MetadataSnapshots.Settings(site.resolver),
                clock: site.clock,
                logger: site.logger
            )
            let driver = try ControllerDriver(
                log: log,
                settings: ClusterController.Settings(
                    clusterID: site.directories.metadata.identity.clusterID,
                    staticConfigs: site.configuration.properties
                ),
                clock: site.clock,
                uptime: site.threads.uptime,
                logger: site.logger
            )
            let metadata = driver.metadata(partitions: site.partitions)
            try log.begin(nowMs: site.clock.nowMs)
            try metadata.load()
            return ControlPlane(
                metadata: metadata,
                channel: LocalControllerChannel(
                    driver: driver,
                    quorum: QuorumDescriber(
                        nodeID: site.configuration.nodeID,
                        log: log,
                        observers: QuorumObservers(),
                        clock: site.clock
                    )
                ),
                peers: NoPeers(),
                epoch: BrokerEpoch(),
                registration: BrokerRegistrationRequest(site),
                controller: .local(driver, log.snapshots)
            )
        } catch {
            throw BrokerError(whileLoading: error)
        }
    }

    // MARK: The controller of another process

    static func remote(_ site: Site, _ controllers: RemoteControllers) async throws(BrokerError) -> ControlPlane {
        let epoch = BrokerEpoch()
        let clock = SystemClock(group: site.threads.group)
        let registration = BrokerRegistrationRequest(site)
        do {
            let follower = try MetadataFollower(
                MetadataFollower.Identity(
                    nodeID: site.configuration.nodeID,
                    clusterID: controllers.clusterID,
                    directoryID: site.directories.metadata.identity.directoryID ?? .zero
                ),
                directory: site.directories.metadata,
                controllers: controllers.forMetadata,
                snapshots: MetadataSnapshots.Settings(site.resolver),
                resolve: { [id = site.configuration.nodeID, properties = site.configuration.properties] image in
                    let settings = ClusterController.Settings(clusterID: "", staticConfigs: properties)
                    return ClusterController(image: image, settings: settings).resolver(broker: id)
                },
                clock: clock,
                logger: site.logger
            )
            try await follower.catchUp(before: controllers.deadline)
            let metadata = follower.follow { ClusterMetadata($0, partitions: site.partitions, clock: site.clock) }
            try metadata.load()
            let peers = ConnectedPeers(
                options: controllers.options,
                group: site.threads.group,
                clock: clock,
                logger: site.logger
            )
            peers.follow(metadata)
            let lifecycle = BrokerLifecycle(
                registration,
                epoch: epoch,
                follower: follower,
                controllers: controllers.forHeartbeats,
                intervalMs: controllers.heartbeatMs,
                failedDirectories: { [directories = site.directories] in directories.failedIDs },
                clock: clock,
                logger: site.logger
            )
            return ControlPlane(
                metadata: metadata,
                channel: RemoteControllerChannel(
                    controllers: controllers.forRequests,
                    metadata: metadata,
                    clock: clock
                ),
                peers: peers,
                epoch: epoch,
                registration: registration,
                controller: .remote(controllers, follower, lifecycle, peers)
            )
        } catch {
            throw BrokerError(whileLoading: error)
        }
    }

    // MARK: Life

    /// Registers this start of the broker, and has the coordinators follow the metadata. With a controller in another
    /// process the broker takes part once `run` has told that it has caught up.
    func join(_ core: BrokerCore) async throws(BrokerError) {
        switch controller {
        case .local(let driver, _): try driver.admit(registration, epoch, core.partitions)
        case .remote(let controllers, _, let lifecycle, _):
            try await lifecycle.register(before: controllers.deadline)
            if let request = core.partitions.placements(brokerEpoch: epoch.value, metadata.view.image) {
                do throws(PartitionError) {
                    _ = try await channel.send(request)
                } catch {
                    throw BrokerError(registering: error)
                }
            }
            metadata.observe { _, _ in lifecycle.metadataChanged() }
        }
        metadata.observe(core.replication.metadataChanged)
        metadata.observe(core.groups.metadataChanged)
        metadata.observe(core.transactions.metadataChanged)
    }

    /// Follows the metadata and sends heartbeats, and writes snapshots of the metadata, until `stop`. Must run where
    /// blocking is allowed.
    func run() async {
        switch controller {
        case .local(_, let snapshots): await snapshots.run()
        case .remote(_, let follower, let lifecycle, _):
            await withDiscardingTaskGroup { group in
                group.addTask { await follower.run() }
                group.addTask { await follower.snapshots.run() }
                group.addTask { await lifecycle.run() }
            }
        }
    }

    /// Gives back what this broker leads, as far as there are others.
    func leave() async {
        if case .remote(_, _, let lifecycle, _) = controller { await lifecycle.leave() }
    }

    func stop() {
        switch controller {
        case .local(_, let snapshots): snapshots.stop()
        case .remote(let controllers, let follower, let lifecycle, let peers):
            lifecycle.stop()
            follower.stop()
            controllers.forRequests.close()
            peers.close()
        }
    }
}

extension BrokerRegistrationRequest {
    /// One start of the broker at `site`.
    fileprivate init(_ site: ControlPlane.Site) {
        let address = site.address
        self.init(
            brokerId: site.configuration.nodeID,
            clusterId: site.directories.metadata.identity.clusterID,
            incarnationId: .random(),
            listeners: [
                .init(
                    name: site.configuration.listenerName,
                    host: address.host,
                    port: UInt16(clamping: address.port),
                    securityProtocol: 0
                )
            ],
            features: FeatureCatalog.all.map { feature in
                BrokerRegistrationRequest.Feature(
                    name: feature.name,
                    minSupportedVersion: feature.supported.lowerBound,
                    maxSupportedVersion: feature.supported.upperBound
                )
            },
            rack: site.configuration.rack,
            logDirs: site.directories.onlineIDs,
            previousBrokerEpoch: site.directories.metadata.previousBrokerEpoch
        )
    }
}

extension ControllerDriver {
    /// Registers the broker of this process, which takes part at once: it has carried out everything already.
    fileprivate func admit(
        _ request: BrokerRegistrationRequest,
        _ epoch: BrokerEpoch,
        _ partitions: PartitionManager
    ) throws(BrokerError) {
        do throws(PartitionError) {
            try perform(isLast: false) { controller, _ in
                ControllerResult(records: controller.bootstrap(), answer: ())
            }
            let registered = try perform(isLast: false) { controller, input in
                controller.registerBroker(request, nextOffset: input.nextOffset, nowMs: input.nowMs)
            }
            guard registered.errorCode == .none else { throw PartitionError(registered.errorCode) }
            if let request = partitions.placements(brokerEpoch: registered.brokerEpoch, read { $0.image }) {
                _ = try perform(isLast: false) { controller, _ in controller.assignReplicasToDirectories(request) }
            }
            let code = try perform { controller, _ in
                controller.unfenceBroker(request.brokerId, epoch: registered.brokerEpoch)
            }
            guard code == .none else { throw PartitionError(code) }
            epoch.registered(registered.brokerEpoch)
        } catch {
            throw BrokerError(registering: error)
        }
    }
}

extension BrokerError {
    fileprivate init(registering error: PartitionError) {
        self.init(.metadata, "the broker cannot register: \(error.message ?? error.code.name)")
    }

    fileprivate init(whileLoading error: any Error) {
        switch error {
        case let error as BrokerError: self = error
        case let error as StorageError: self.init(error)
        default: self.init(.metadata, "\(error)")
        }
    }
}
