import KafkaMessages
import KafkaWire

@testable import KafkaCoordination

/// A broker made of the real machines and logs in memory: what the shells do, without threads and sockets.
struct SimulatedBroker {
    struct Partition {
        var replica: PartitionReplica
        var log: SimulatedLog
        /// Records that a producer with acks=all waits for.
        var waiting: [(offset: Int64, id: Int, since: Int32)] = []
    }

    let id: Int32
    var isUp = false
    var epoch: Int64 = -1
    /// Metadata records that have been carried out.
    var image = MetadataImage()
    var partitions: [FetchKey: Partition] = [:]
    var fetchers: [Int32: (machine: ReplicaFetcher, token: Int?)] = [:]
    var sessions: [Int32: FetchSession] = [:]
    /// What is on disk while the broker is down.
    var logs: [FetchKey: SimulatedLog] = [:]
    var checkpoints: [FetchKey: Int64] = [:]
    let sabotage: ReplicationSabotage

    init(id: Int32, sabotage: ReplicationSabotage) {
        self.id = id
        self.sabotage = sabotage
    }

    // MARK: Metadata

    /// Takes over the next state of the metadata.
    mutating func apply(_ image: MetadataImage, nowMs: Int64) {
        self.image = image
        let active = image.brokers.values.filter(\.isActive).reduce(into: [:]) { $0[$1.id] = $1.epoch }
        for topic in image.topics.values {
            for (index, partition) in topic.partitions.enumerated() where partition.replicas.contains(id) {
                let key = FetchKey(topic: .id(topic.id), partition: Int32(index))
                apply(partition, key, active, nowMs: nowMs)
            }
        }
    }

    private mutating func apply(
        _ image: PartitionImage,
        _ key: FetchKey,
        _ active: [Int32: Int64],
        nowMs: Int64
    ) {
        var local = partitions[key] ?? open(key)
        let transition = local.replica.metadataChanged(image, nowMs: nowMs)
        _ = local.replica.brokersChanged(active)
        partitions[key] = local
        guard transition != .none, transition != .updated else { return }
        for leader in fetchers.keys where leader != local.replica.leader || local.replica.isLeader {
            fetchers[leader]?.machine.unfollow(key)
        }
        if local.replica.isLeader {
            return
        }
        partitions[key]?.waiting = []
        guard local.replica.leader >= 0 else { return }
        var fetcher = fetchers[local.replica.leader] ?? (ReplicaFetcher(backoffMs: 100), nil)
        fetcher.machine.sabotage = sabotage
        fetcher.machine.follow(key, leaderEpoch: local.replica.leaderEpoch, log: local.log.followed)
        fetchers[local.replica.leader] = fetcher
    }

    private func open(_ key: FetchKey) -> Partition {
        let log = logs[key] ?? SimulatedLog()
        var replica = PartitionReplica(
            localID: id,
            logEnd: log.end,
            highWatermark: max(log.start, checkpoints[key] ?? 0),
            minimumInSync: 2
        )
        replica.maxLagMs = 1000
        replica.sabotage = sabotage
        return Partition(replica: replica, log: log)
    }

    // MARK: Life

    /// Stops at once. What was written is there again later, or with `losesPower` what was flushed.
    mutating func crash(losesPower: Bool) {
        for (key, partition) in partitions {
            var log = partition.log
            if losesPower { _ = log.loseUnflushed() }
            logs[key] = log
            checkpoints[key] = min(log.end, partition.replica.highWatermark)
        }
        isUp = false
        partitions = [:]
        fetchers = [:]
        sessions = [:]
        image = MetadataImage()
    }

    // MARK: Leading

    /// What a producer gets that writes here: whether the record was taken.
    mutating func produce(_ key: FetchKey, id record: Int) -> Bool {
        guard var partition = partitions[key], partition.replica.refusal(currentEpoch: -1) == nil,
            partition.replica.hasEnoughInSync
        else { return false }
        let epoch = partition.replica.leaderEpoch
        partition.log.append(.init(epoch: epoch, id: record))
        partition.waiting.append((partition.log.end - 1, record, epoch))
        _ = partition.replica.appended(to: partition.log.end)
        partitions[key] = partition
        return true
    }

    /// The records whose producers may be told now that they are safe.
    mutating func takeAcknowledged(_ key: FetchKey) -> [(offset: Int64, id: Int)] {
        guard let partition = partitions[key], partition.replica.isLeader, let first = partition.waiting.first,
            partition.replica.highWatermark > first.offset
        else { return [] }
        let done = partition.waiting.prefix { $0.offset < partition.replica.highWatermark }
        partitions[key]?.waiting.removeFirst(done.count)
        return done.filter { partition.replica.leadsSince <= $0.since }.map { ($0.offset, $0.id) }
    }

    /// Answers a follower.
    mutating func serve(
        _ request: FollowerSession.Request,
        replica: Int32,
        brokerEpoch: Int64,
        nowMs: Int64,
        generator: inout SeededGenerator
    ) -> (answer: SimulatedMessage.Body, proposals: [(FetchKey, InSyncProposal)])? {
        var sessionID = request.id
        var targets = request.targets
        if request.epoch == 0 {
            sessions[request.id] = nil
            sessionID = Int32.random(in: 1...1_000_000, using: &generator)
            sessions[sessionID] = FetchSession(targets: targets, usesTopicIDs: true)
        } else {
            let updated = sessions[request.id]?.update(
                epoch: request.epoch,
                targets: targets,
                forgotten: request.forgotten,
                usesTopicIDs: true
            )
            guard case .success(let all)? = updated else {
                return (.fetchFailed(isSessionLost: true, token: 0), [])
            }
            targets = all
        }
        var answers: [FollowerAnswer<[SimulatedLog.Record]>] = []
        var proposals: [(FetchKey, InSyncProposal)] = []
        for target in targets {
            let fetch = ReplicaFetch(
                replica: replica,
                brokerEpoch: brokerEpoch,
                offset: target.offset,
                logStart: target.logStartOffset
            )
            let (answer, proposal) = read(target, fetch, nowMs: nowMs)
            answers.append(answer)
            if let proposal { proposals.append((target.key, proposal)) }
        }
        let outcomes = answers.map {
            FetchOutcome(
                key: $0.key,
                hasRecords: $0.records?.isEmpty == false,
                isError: $0.error != .none,
                highWatermark: $0.highWatermark,
                logStartOffset: $0.logStart,
                mustBeTold: $0.diverging != nil
            )
        }
        let selection = sessions[sessionID]?.select(outcomes, isFull: request.epoch == 0) ?? []
        let told = zip(answers, selection).filter(\.1).map(\.0)
        return (.fetched(told, sessionID: sessionID, token: 0), proposals)
    }

    private mutating func read(
        _ target: FetchTarget,
        _ fetch: ReplicaFetch,
        nowMs: Int64
    ) -> (FollowerAnswer<[SimulatedLog.Record]>, InSyncProposal?) {
        guard var partition = partitions[target.key] else {
            return (FollowerAnswer(key: target.key, error: .unknownTopicId), nil)
        }
        let refusal =
            partition.replica.refusal(currentEpoch: target.currentLeaderEpoch) ?? partition.replica.refusal(of: fetch)
        if let refusal { return (FollowerAnswer(key: target.key, error: refusal), nil) }
        let log = partition.log
        if target.lastFetchedEpoch >= 0 {
            let end = partition.replica.epochEnd(
                of: target.lastFetchedEpoch,
                latest: log.latestEpoch,
                lookUp: log.epochEnd
            )
            guard let end else { return (FollowerAnswer(key: target.key, error: .offsetOutOfRange), nil) }
            if let diverging = partition.replica.divergence(
                offset: target.offset,
                lastEpoch: target.lastFetchedEpoch,
                end: end
            ) {
                return (FollowerAnswer(key: target.key, diverging: diverging), nil)
            }
        }
        guard target.offset >= log.start, target.offset <= log.end else {
            return (FollowerAnswer(key: target.key, error: .offsetOutOfRange), nil)
        }
        let fetched = partition.replica.followerFetched(fetch, nowMs: nowMs)
        partitions[target.key] = partition
        let answer = FollowerAnswer(
            key: target.key,
            highWatermark: partition.replica.highWatermark,
            logStart: log.start,
            records: log.slice(from: target.offset, count: 3)
        )
        return (answer, fetched.proposal)
    }

    // MARK: Following

    /// Does what an answer asks for; what must be asked of the leader is returned.
    mutating func carryOut(
        _ effect: FollowerEffect<[SimulatedLog.Record]>,
        leader: Int32,
        nowMs: Int64
    ) -> SimulatedMessage.Body? {
        guard var partition = partitions[effect.key], !partition.replica.isLeader,
            partition.replica.leaderEpoch == effect.leaderEpoch
        else { return nil }
        switch effect.work {
        case .append(let records, let highWatermark, let logStart):
            for record in records ?? [] { partition.log.append(record) }
            _ = partition.replica.followed(to: partition.log.end, leaderHighWatermark: highWatermark)
            partition.log.raiseStart(to: min(logStart, partition.replica.highWatermark))
        case .truncate(let diverging):
            let truncation = FollowerTruncation(
                diverging: diverging,
                own: partition.log.epochEnd(diverging.epoch),
                log: partition.log.followed
            )
            partition.cut(truncation)
        case .findRange: return .findRange(effect.key, leaderEpoch: effect.leaderEpoch)
        }
        partitions[effect.key] = partition
        fetchers[leader]?.machine.moved(effect.key, leaderEpoch: effect.leaderEpoch, log: partition.log.followed)
        return nil
    }

    mutating func foundRange(_ key: FetchKey, leaderEpoch: Int32, start: Int64, end: Int64, leader: Int32) {
        guard var partition = partitions[key], !partition.replica.isLeader,
            partition.replica.leaderEpoch == leaderEpoch
        else { return }
        partition.cut(FollowerTruncation(outOfRange: partition.log.followed, leaderStart: start, leaderEnd: end))
        partitions[key] = partition
        fetchers[leader]?.machine.moved(key, leaderEpoch: leaderEpoch, log: partition.log.followed)
    }
}

extension SimulatedBroker.Partition {
    mutating func cut(_ truncation: FollowerTruncation) {
        log.apply(truncation)
        switch truncation {
        case .nothing: return
        case .cut(let offset): replica.truncated(to: offset)
        case .restart(let offset): replica.restarted(at: offset)
        }
    }
}
