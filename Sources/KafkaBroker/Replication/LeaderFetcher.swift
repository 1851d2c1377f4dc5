import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import Synchronization

/// Follows one other broker in all partitions that it leads and this broker has replicas of: drives `ReplicaFetcher` over
/// a connection of its own.
final class LeaderFetcher: Sendable {
    private typealias Answer = FollowerAnswer<ByteBuffer>
    private typealias Effect = FollowerEffect<ByteBuffer>

    private struct State {
        var machine: ReplicaFetcher
        var partitions: [FetchKey: Partition] = [:]
        /// Partitions that wait for their disk, and have not been fetched from this leader yet.
        var unsynchronized: [FetchKey: Partition] = [:]
    }

    /// What all fetchers of a broker share.
    struct Environment: Sendable {
        var settings: ReplicationSettings
        var peers: any BrokerPeers
        var brokerEpoch: BrokerEpoch
        var quotas: ReplicationQuotas
        var directories: LogDirectories
        /// Stamps and ages.
        var clock: any BrokerClock
        /// How long something is waited for.
        var realClock: any BrokerClock
        var logger: Logger
    }

    private let leader: Int32
    private let environment: Environment
    private let state: Mutex<State>
    private let alarm = Alarm()

    init(leader: Int32, _ environment: Environment) {
        self.leader = leader
        self.environment = environment
        let machine = ReplicaFetcher(
            partitionBytes: environment.settings.partitionBytes,
            backoffMs: environment.settings.backoffMs
        )
        state = Mutex(State(machine: machine))
    }

    // MARK: What is followed

    func follow(_ partition: Partition, inEpoch epoch: Int32) {
        guard let log = partition.followedLog(inEpoch: epoch) else { return }
        state.withLock { state in
            state.machine.follow(partition.key, leaderEpoch: epoch, log: log)
            state.partitions[partition.key] = partition
            if partition.settings.waitsForDisk { state.unsynchronized[partition.key] = partition }
        }
        alarm.ring()
    }

    func unfollow(_ key: FetchKey) {
        state.withLock { state in
            state.machine.unfollow(key)
            state.partitions[key] = nil
            state.unsynchronized[key] = nil
        }
    }

    // MARK: Running

    /// Follows until the task is cancelled. Must run where blocking on the disk is allowed.
    func run() async {
        var connection: ClientConnection?
        while !Task.isCancelled {
            let (step, isIdle) = nextStep()
            switch step {
            case .wait(let untilMs):
                if isIdle {
                    connection?.close()
                    connection = nil
                }
                await sleep(untilMs: untilMs)
            case .fetch(let request):
                connection = await fetch(request, over: connection)
            }
        }
        connection?.close()
    }

    private func nextStep() -> (ReplicaFetcher.Step, isIdle: Bool) {
        let exceededUntilMs = environment.quotas.exceededUntilMs(.follower)
        return state.withLock { state in
            let partitions = state.partitions
            let step = state.machine.next(nowMs: environment.realClock.nowMs) { key in
                guard let exceededUntilMs, let partition = partitions[key], isThrottled(partition),
                    !partition.isInSync
                else { return nil }
                return exceededUntilMs
            }
            return (step, state.machine.isEmpty)
        }
    }

    /// Whether what is fetched of a partition is limited.
    private func isThrottled(_ partition: Partition) -> Bool {
        partition.settings.followerThrottle.contains(
            partition: partition.topicPartition.partition,
            broker: environment.settings.localID
        )
    }

    private func sleep(untilMs: Int64?) async {
        let call = untilMs.map { time in
            let alarm = self.alarm
            return environment.realClock.schedule(afterMs: max(1, time - environment.realClock.nowMs)) { alarm.ring() }
        }
        _ = await alarm.sleep()
        call?.cancel()
    }

    /// One round; returns the connection if it may be used again.
    private func fetch(_ request: FollowerSession.Request, over open: ClientConnection?) async -> ClientConnection? {
        var connection = open
        synchronizeNewcomers()
        do {
            let current: ClientConnection
            if let open, open.isOpen {
                current = open
            } else {
                current = try await environment.peers.connect(to: leader)
            }
            connection = current
            let settings = environment.settings
            let version = try current.version(of: FetchRequest.self)
            let response = try await current.send(
                FetchRequest(
                    request,
                    settings: settings,
                    brokerEpoch: environment.brokerEpoch.value,
                    version: version
                ),
                version: version,
                timeout: .milliseconds(settings.timeoutMs + Int64(settings.waitMs))
            )
            guard response.errorCode == .none else {
                noteFailure(response.errorCode.name)
                fetchFailed(isSessionLost: response.errorCode.isOfSession)
                return current
            }
            await take(response, over: current)
            return current
        } catch {
            if !Task.isCancelled { noteFailure("\(error)") }
            connection?.close()
            fetchFailed(isSessionLost: false)
            return nil
        }
    }

    /// The first fetch from a leader acknowledges everything that is there, also what came from the leader before and
    /// is on its way to the disk.
    private func synchronizeNewcomers() {
        let newcomers = state.withLock { state in
            defer { state.unsynchronized = [:] }
            return state.unsynchronized.values
        }
        for partition in newcomers { partition.synchronize() }
    }

    private func fetchFailed(isSessionLost: Bool) {
        let nowMs = environment.realClock.nowMs
        state.withLock { $0.machine.fetchFailed(isSessionLost: isSessionLost, nowMs: nowMs) }
    }

    private func noteFailure(_ reason: String) {
        environment.logger.info("Fetch failed", metadata: ["leader": "\(leader)", "reason": "\(reason)"])
    }

    // MARK: Carrying out

    private func take(_ response: FetchResponse, over connection: ClientConnection) async {
        let answers = response.answers
        let nowMs = environment.realClock.nowMs
        let work = state.withLock { state -> [(Partition, Effect)] in
            state.machine.received(answers, sessionID: response.sessionId, nowMs: nowMs).compactMap { effect in
                state.partitions[effect.key].map { ($0, effect) }
            }
        }
        for (partition, effect) in work {
            do {
                let log = try await carryOut(effect, at: partition, over: connection)
                finish(effect, partition, log)
            } catch {
                environment.logger.error(
                    "Partition cannot follow",
                    metadata: [
                        "partition": "\(partition.topicPartition)", "leader": "\(leader)",
                        "error": "\((error as? PartitionError).map { $0.message ?? $0.code.name } ?? "\(error)")",
                    ]
                )
                finish(effect, partition, nil)
            }
        }
    }

    private func carryOut(
        _ effect: Effect,
        at partition: Partition,
        over connection: ClientConnection
    ) async throws -> FollowedLog? {
        let nowMs = environment.clock.nowMs
        let epoch = effect.leaderEpoch
        switch effect.work {
        case .append(let records, let highWatermark, let logStart):
            let log = try partition.follow(
                records,
                inEpoch: epoch,
                highWatermark: highWatermark,
                logStart: logStart,
                nowMs: nowMs
            )
            if let records, isThrottled(partition) { environment.quotas.record(records.readableBytes, .follower) }
            // The next fetch acknowledges: not before it is on the disk, if that is waited for.
            if records != nil, partition.settings.waitsForDisk { partition.synchronize() }
            return log
        case .truncate(let end):
            return try cut(partition, epoch, "its leader's log parts at offset \(end.endOffset) of epoch \(end.epoch)")
            {
                FollowerTruncation(diverging: end, own: partition.ownEnd(of: end.epoch), log: $0)
            }
        case .findRange:
            let range = try await findRange(of: partition, epoch, over: connection)
            return try cut(partition, epoch, "its leader's log goes from \(range.start) to \(range.end)") {
                FollowerTruncation(outOfRange: $0, leaderStart: range.start, leaderEnd: range.end)
            }
        }
    }

    private func cut(
        _ partition: Partition,
        _ epoch: Int32,
        _ reason: String,
        _ decide: (FollowedLog) -> FollowerTruncation
    ) throws -> FollowedLog? {
        try partition.truncate(inEpoch: epoch, environment.directories, nowMs: environment.clock.nowMs) { log in
            let decision = decide(log)
            if decision != .nothing {
                environment.logger.info(
                    "Log is cut",
                    metadata: [
                        "partition": "\(partition.topicPartition)", "end": "\(log.end)", "decision": "\(decision)",
                        "reason": "\(reason)",
                    ]
                )
            }
            return decision
        }
    }

    /// Tells the machine; a partition that has another role now goes away, or has gone, with the metadata.
    private func finish(_ effect: Effect, _ partition: Partition, _ moved: FollowedLog?) {
        let nowMs = environment.realClock.nowMs
        let present = moved ?? partition.followedLog(inEpoch: effect.leaderEpoch)
        state.withLock { state in
            if let moved {
                state.machine.moved(effect.key, leaderEpoch: effect.leaderEpoch, log: moved)
            } else if let present {
                state.machine.failed(effect.key, leaderEpoch: effect.leaderEpoch, log: present, nowMs: nowMs)
            }
        }
    }

    /// From where to where the leader's log goes.
    private func findRange(
        of partition: Partition,
        _ epoch: Int32,
        over connection: ClientConnection
    ) async throws -> (start: Int64, end: Int64) {
        var found: [Int64] = []
        // Earliest and latest.
        for special: Int64 in [-2, -1] {
            let request = ListOffsetsRequest(
                replicaId: environment.settings.localID,
                topics: [
                    .init(
                        name: partition.topicPartition.topic,
                        partitions: [
                            .init(
                                partitionIndex: partition.topicPartition.partition,
                                currentLeaderEpoch: epoch,
                                timestamp: special
                            )
                        ]
                    )
                ]
            )
            let response = try await connection.send(request)
            guard let answer = response.topics.first?.partitions.first else {
                throw PartitionError(.unknownServerError, "The leader does not tell its offsets.")
            }
            guard answer.errorCode == .none else { throw PartitionError(answer.errorCode) }
            found.append(answer.offset)
        }
        return (found[0], found[1])
    }
}

extension Partition {
    /// As fetches name it.
    var key: FetchKey { FetchKey(topic: .id(topicID), partition: topicPartition.partition) }
}
