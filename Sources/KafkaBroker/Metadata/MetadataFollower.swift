import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import Logging
import Synchronization

/// Follows the metadata log of a controller in another process: keeps a copy of it in this broker's directory, and
/// carries out what is committed (`replication.md`, section 7).
///
/// Only records below the controller's high watermark count; what lies above may still be cut off again.
final class MetadataFollower: Sendable {
    /// Who follows.
    struct Identity: Sendable {
        let nodeID: Int32
        let clusterID: String
        let directoryID: KafkaUUID
    }

    private struct State {
        var replay: MetadataReplay
        var image = MetadataImage()
        var leaderEpoch: Int32
        var highWatermark: Int64 = -1
        /// Told of every change, once the metadata are complete for the first time.
        var metadata: ClusterMetadata?
        /// The log contradicts itself: nothing more is carried out.
        var hasFailed = false
    }

    /// What one answer of the controller came to.
    private enum Step {
        case goOn
        /// Asks again after a while, over another connection.
        case lookElsewhere(String)
    }

    /// Milliseconds that the controller may wait for more.
    private static let waitMs: Int32 = 500
    private static let maxBytes: Int32 = 8 << 20
    private static let firstWithReplicaState: Int16 = 15
    private static let newestFetch: Int16 = 17

    private let identity: Identity
    private let log: PartitionLog
    private let directory: LogDirectory
    let snapshots: MetadataSnapshots
    private let controllers: ControllerLink
    private let resolve: @Sendable (MetadataImage) -> ConfigResolver
    private let clock: any BrokerClock
    private let logger: Logger
    private let state: Mutex<State>
    private let pausing = Alarm()
    private let isStopped = Atomic(false)

    init(
        _ identity: Identity,
        directory: LogDirectory,
        controllers: ControllerLink,
        snapshots settings: MetadataSnapshots.Settings,
        resolve: @escaping @Sendable (MetadataImage) -> ConfigResolver,
        clock: any BrokerClock,
        logger: Logger
    ) throws(StorageError) {
        self.identity = identity
        self.directory = directory
        self.controllers = controllers
        self.resolve = resolve
        self.clock = clock
        self.logger = logger
        log = try directory.openLog(
            MetadataLog.topicPartition,
            topicID: MetadataLog.topicID,
            config: LogConfig(keepingEverything: ()),
            nowMs: clock.nowMs
        )
        snapshots = try MetadataSnapshots(
            log: log,
            directory: directory,
            settings: settings,
            clock: clock,
            logger: logger
        )
        let known = try directory.readQuorumState(of: MetadataLog.topicPartition)?.leaderEpoch ?? 0
        let replay = MetadataReplay(log: log, directory: directory, whole: snapshots.newest)
        state = Mutex(State(replay: replay, leaderEpoch: known))
    }

    /// The last metadata record that was carried out here.
    var appliedOffset: Int64 { state.withLock { $0.hasFailed ? -1 : $0.replay.nextOffset - 1 } }

    /// Whether the metadata are carried out no more.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    // MARK: Running

    /// Fetches until everything that is committed now has been carried out.
    ///
    /// - Parameter deadline: when to give up.
    func catchUp(before deadline: ContinuousClock.Instant) async throws(BrokerError) {
        try state.withLock { state throws(BrokerError) in
            try state.replay.readSnapshot { (record, offset) throws(MetadataReplayError) in
                try state.image.apply(record)
                state.image.offset = offset
            }
        }
        var problem = "no answer"
        while ContinuousClock.now < deadline, !isStopped.load(ordering: .relaxed) {
            switch await fetch(waitMs: 0) {
            case .goOn:
                let (isThere, hasFailed) = state.withLock { state in
                    (state.highWatermark >= 0 && state.replay.nextOffset >= state.highWatermark, state.hasFailed)
                }
                if hasFailed {
                    throw BrokerError(.metadata, "the controller's metadata cannot be applied; see the log")
                }
                if isThere { return }
            case .lookElsewhere(let reason):
                problem = reason
                if Task.isCancelled { break }
                guard await pause() else { throw BrokerError(.state, "the broker was stopped while it started") }
            }
        }
        throw BrokerError(
            .metadata,
            "no controller at \(controllers) let this broker catch up: \(problem). Check that the controller runs and "
                + "that controller.quorum.bootstrap.servers names its address"
        )
    }

    /// From now on every change is published at the metadata that `make` gets to begin with.
    func follow(_ make: (ClusterMetadata.View) -> ClusterMetadata) -> ClusterMetadata {
        state.withLock { state in
            let metadata = make(ClusterMetadata.View(image: state.image, resolver: resolve(state.image)))
            state.metadata = metadata
            return metadata
        }
    }

    /// Fetches until `stop`. Must run where blocking is allowed.
    func run() async {
        while !isStopped.load(ordering: .relaxed), !hasFailed {
            if case .lookElsewhere = await fetch(waitMs: Self.waitMs) {
                guard await pause() else { return }
            }
        }
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
        pausing.expire()
        snapshots.stop()
        controllers.close()
    }

    private func pause() async -> Bool {
        let call = clock.schedule(afterMs: controllers.pauseMs) { [pausing] in pausing.ring() }
        defer { call.cancel() }
        return await pausing.sleep()
    }

    // MARK: Fetching

    private func fetch(waitMs: Int32) async -> Step {
        let leaderEpoch = state.withLock { $0.leaderEpoch }
        do {
            let connection = try await controllers.connection()
            let version = try connection.version(of: FetchRequest.self, atMost: Self.newestFetch)
            let response = try await connection.send(
                request(version, leaderEpoch: leaderEpoch, waitMs: waitMs),
                version: version,
                timeout: .milliseconds(Int64(waitMs)) + controllers.patience
            )
            guard response.errorCode == .none else { return elsewhere("error \(response.errorCode.name)") }
            guard let data = response.responses.first?.partitions.first else { return elsewhere("an empty answer") }
            return try await take(data, over: connection)
        } catch {
            return elsewhere("\(error)")
        }
    }

    private func elsewhere(_ reason: String) -> Step {
        logger.debug("Metadata cannot be fetched", metadata: ["reason": "\(reason)"])
        controllers.lookElsewhere()
        return .lookElsewhere(reason)
    }

    private func request(_ version: Int16, leaderEpoch: Int32, waitMs: Int32) -> FetchRequest {
        let partition = FetchRequest.FetchPartition(
            partition: 0,
            currentLeaderEpoch: leaderEpoch,
            fetchOffset: log.logEndOffset,
            // A log that begins with a snapshot has had its last record there.
            lastFetchedEpoch: log.latestEpoch ?? snapshots.newest?.epoch ?? 0,
            logStartOffset: log.logStartOffset,
            partitionMaxBytes: Self.maxBytes,
            replicaDirectoryId: identity.directoryID
        )
        return FetchRequest(
            clusterId: identity.clusterID,
            replicaId: version < Self.firstWithReplicaState ? identity.nodeID : -1,
            replicaState: .init(replicaId: version < Self.firstWithReplicaState ? -1 : identity.nodeID),
            maxWaitMs: waitMs,
            minBytes: waitMs > 0 ? 1 : 0,
            maxBytes: Self.maxBytes,
            topics: [
                .init(topic: TopicName.clusterMetadata, topicId: MetadataLog.topicID, partitions: [partition])
            ]
        )
    }

    private func take(_ data: FetchResponse.PartitionData, over connection: ClientConnection) async throws -> Step {
        switch data.errorCode {
        case .none: break
        case .fencedLeaderEpoch, .unknownLeaderEpoch, .notLeaderOrFollower:
            // Somebody else leads, or the same one anew; the answer names the epoch.
            try note(leader: data.currentLeader)
            guard data.errorCode == .notLeaderOrFollower else { return .goOn }
            return elsewhere("it is not the leader of the metadata log")
        default: return elsewhere("error \(data.errorCode.name)")
        }
        try note(leader: data.currentLeader)
        if data.snapshotId.endOffset >= 0 {
            try await MetadataSnapshotFetch(identity: identity, directory: directory)
                .fetch(data.snapshotId, leaderEpoch: state.withLock { $0.leaderEpoch }, over: connection)
            try beginAnew(MetadataSnapshotName(endOffset: data.snapshotId.endOffset, epoch: data.snapshotId.epoch))
            return .goOn
        }
        if data.divergingEpoch.epoch >= 0 {
            try cut(data.divergingEpoch)
            return .goOn
        }
        let nowMs = clock.nowMs
        if let records = data.records, records.count > 0 {
            _ = try log.appendReplicated(try records.bytes(), nowMs: nowMs)
        }
        apply(highWatermark: data.highWatermark)
        return .goOn
    }

    /// The quorum has another epoch: remembered on the disk, as a voter could ask for it later.
    private func note(leader: FetchResponse.LeaderIdAndEpoch) throws(StorageError) {
        let isNews = state.withLock { state in
            guard leader.leaderEpoch >= 0, leader.leaderEpoch != state.leaderEpoch else { return false }
            state.leaderEpoch = leader.leaderEpoch
            return true
        }
        guard isNews else { return }
        let quorum = QuorumState(
            leaderID: leader.leaderId,
            leaderEpoch: leader.leaderEpoch,
            currentVoters: leader.leaderId >= 0 ? [leader.leaderId] : []
        )
        try directory.writeQuorumState(quorum, of: MetadataLog.topicPartition)
    }

    /// The controller's log has not what ours has at the end.
    private func cut(_ diverging: FetchResponse.EpochEndOffset) throws {
        let own = log.endOffset(forLeaderEpoch: diverging.epoch)?.endOffset ?? 0
        let end = min(diverging.endOffset, own)
        let applied = state.withLock { $0.replay.nextOffset }
        guard end >= applied else {
            // Committed records are gone at the controller: it has lost its disk, or is another one.
            fail("the controller's log ends at \(end), but \(applied) was committed")
            return
        }
        logger.warning("Metadata log is cut to the controller's", metadata: ["offset": "\(end)"])
        _ = try directory.truncate(log, to: end, nowMs: clock.nowMs)
    }

    // MARK: Carrying out

    private func apply(highWatermark: Int64) {
        state.withLock { state in
            guard !state.hasFailed else { return }
            state.highWatermark = max(state.highWatermark, highWatermark)
            let limit = min(state.highWatermark, log.logEndOffset)
            guard state.replay.nextOffset < limit else { return }
            var records: [MetadataRecord] = []
            let before = state.replay.readBytes
            let isFollowed = state.metadata != nil
            do throws(BrokerError) {
                try state.replay.read(before: limit) { (record, offset) throws(MetadataReplayError) in
                    try state.image.apply(record)
                    state.image.offset = offset
                    if isFollowed { records.append(record) }
                }
            } catch {
                state.hasFailed = true
                logger.critical("Metadata cannot be applied", metadata: ["error": "\(error)"])
            }
            snapshots.grew(by: state.replay.readBytes - before)
            publish(state, records)
            if !state.hasFailed { snapshots.consider(state.image) }
        }
    }

    /// Takes over a snapshot that was fetched, in place of everything before it.
    private func beginAnew(_ snapshot: MetadataSnapshotName) throws {
        try directory.truncateFully(log, startingAt: snapshot.endOffset, nowMs: clock.nowMs)
        snapshots.noteFetched(snapshot)
        try state.withLock { state in
            let old = state.image
            var image = MetadataImage()
            try state.replay.readSnapshot { (record, offset) throws(MetadataReplayError) in
                try image.apply(record)
                image.offset = offset
            }
            image.succeed(old)
            state.image = image
            publish(state, MetadataImage.changes(from: old, to: image))
        }
    }

    private func publish(_ state: borrowing State, _ records: [MetadataRecord]) {
        guard let metadata = state.metadata, !records.isEmpty else { return }
        metadata.publish(ClusterMetadata.View(image: state.image, resolver: resolve(state.image)), after: records)
    }

    private func fail(_ reason: String) {
        logger.critical("Metadata cannot be followed", metadata: ["reason": "\(reason)"])
        state.withLock { $0.hasFailed = true }
    }
}
