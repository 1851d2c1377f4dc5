import KafkaMessages
import KafkaStorage
import KafkaWire

@testable import KafkaCoordination

/// A broker made of the real machines and logs in memory: what the shells do, without threads and sockets.
struct SimulatedBroker {
    struct Partition {
        var replica: PartitionReplica
        var log: SimulatedLog
        /// Records that a producer with acks=all waits for.
        var waiting: [(offset: Int64, id: Int, since: Int32)] = []
        /// Appended for this leader in this epoch, and not on the disk that is waited for.
        var unfinished: (leader: Int32, epoch: Int32)?
    }

    let id: Int32
    var isUp = false
    /// Fetches seldom.
    var isSlow = false
    var epoch: Int64 = -1
    /// Metadata records that have been carried out.
    var image = MetadataImage()
    var partitions: [FetchKey: Partition] = [:]
    var fetchers: [Int32: (machine: ReplicaFetcher, token: Int?)] = [:]
    var sessions: [Int32: FetchSession] = [:]
    /// Of the group whose partition this broker leads.
    var coordinator: SimulatedCoordinator?
    /// What is on disk while the broker is down.
    var logs: [FetchKey: SimulatedLog] = [:]
    var checkpoints: [FetchKey: Int64] = [:]
    /// `flush.messages=1`: nothing counts before it is on the disk.
    let waitsForDisk: Bool
    let sabotage: ReplicationSabotage
    /// By how much its clock is wrong, and how many thousandths it runs too fast.
    var skewMs: Int64 = 0
    let drift: Int64

    init(id: Int32, waitsForDisk: Bool, drift: Int64, sabotage: ReplicationSabotage) {
        self.id = id
        self.waitsForDisk = waitsForDisk
        self.drift = drift
        self.sabotage = sabotage
    }

    func clock(_ worldMs: Int64) -> Int64 { worldMs + worldMs * drift / 1000 + skewMs }

    // MARK: Metadata

    /// Takes over the next state of the metadata.
    mutating func apply(_ image: MetadataImage, nowMs: Int64) {
        self.image = image
        let active = image.brokers.values.filter(\.isActive).reduce(into: [:]) { $0[$1.id] = $1.epoch }
        for topic in image.topics.values {
            for (index, partition) in topic.partitions.enumerated() {
                let key = FetchKey(topic: .id(topic.id), partition: Int32(index))
                if partition.replicas.contains(id) {
                    apply(partition, key, active, nowMs: nowMs)
                } else {
                    remove(key)
                }
            }
        }
    }

    /// The partition has moved away.
    private mutating func remove(_ key: FetchKey) {
        logs[key] = nil
        checkpoints[key] = nil
        guard partitions.removeValue(forKey: key) != nil else { return }
        for leader in fetchers.keys { fetchers[leader]?.machine.unfollow(key) }
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
        if transition != .none, transition != .updated { local.unfinished = nil }
        partitions[key] = local
        guard transition != .none, transition != .updated else { return }
        for leader in fetchers.keys where leader != local.replica.leader || local.replica.isLeader {
            fetchers[leader]?.machine.unfollow(key)
        }
        if local.replica.isLeader {
            return
        }
        local.waiting = []
        partitions[key] = local
        guard local.replica.leader >= 0 else { return }
        // The first fetch acknowledges what is there: not before it is on the disk, if that is waited for.
        if waitsForDisk {
            local.log.flush()
            _ = local.replica.synchronized(to: local.log.end)
            partitions[key] = local
        }
        var fetcher = fetchers[local.replica.leader] ?? (ReplicaFetcher(backoffMs: 50), nil)
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
            minimumInSync: 2,
            durableEnd: log.durableEnd,
            waitsForDisk: waitsForDisk
        )
        replica.maxLagMs = 400
        replica.sabotage = sabotage
        return Partition(replica: replica, log: log)
    }

    // MARK: Life

    /// Stops at once. What was written is there again later, or with `kept` only what was flushed, and that many records
    /// behind it.
    mutating func crash(kept: ((Int) -> Int)?) {
        for (key, partition) in partitions.sorted(by: { $0.key.partition < $1.key.partition }) {
            var log = partition.log
            if let kept { log.loseUnflushed(keeping: kept(log.unflushedCount)) }
            // A start flushes what it finds.
            log.flush()
            logs[key] = log
            checkpoints[key] = min(log.end, partition.replica.highWatermark)
        }
        isUp = false
        partitions = [:]
        fetchers = [:]
        sessions = [:]
        coordinator = nil
        image = MetadataImage()
    }

    /// The disk has got everything of a partition.
    mutating func flush(_ key: FetchKey) {
        guard var partition = partitions[key] else { return }
        partition.log.flush()
        let unfinished = partition.unfinished.take()
        _ = partition.replica.synchronized(to: partition.log.end)
        partitions[key] = partition
        guard let (leader, epoch) = unfinished else { return }
        fetchers[leader]?.machine.moved(key, leaderEpoch: epoch, log: partition.log.followed)
    }

    // MARK: Leading

    /// What a producer gets that writes here.
    enum Produced: Equatable {
        /// Not a leader that can take it.
        case refused
        case taken
        /// The sequence does not follow what the leader knows.
        case outOfOrder
    }

    mutating func produce(_ key: FetchKey, _ record: SimulatedLog.Record) -> Produced {
        guard var partition = partitions[key], partition.replica.refusal(currentEpoch: -1) == nil,
            partition.replica.hasEnoughInSync
        else { return .refused }
        let epoch = partition.replica.leaderEpoch
        var record = record
        record.epoch = epoch
        switch partition.log.decision(on: record) {
        case .append:
            partition.log.append(record)
            partition.waiting.append((partition.log.end - 1, record.id, epoch))
            _ = partition.replica.appended(to: partition.log.end)
        case .duplicate(let batch): partition.waiting.append((batch.lastOffset, record.id, epoch))
        default: return .outOfOrder
        }
        partitions[key] = partition
        return .taken
    }

    /// Lets the coordinator at this broker, if it leads `key`, do something.
    mutating func coordinate<Result>(
        _ key: FetchKey,
        nowMs: Int64,
        _ body: (inout SimulatedCoordinator, inout Partition) throws -> Result
    ) throws -> Result? {
        guard var partition = partitions[key], partition.replica.refusal(currentEpoch: -1) == nil,
            partition.replica.hasEnoughInSync
        else { return nil }
        let since = partition.replica.leadsSince
        var coordinator =
            try coordinator.flatMap { $0.since == since ? $0 : nil }
            ?? SimulatedCoordinator(since: since, log: partition.log, nowMs: nowMs)
        let result = try body(&coordinator, &partition)
        self.coordinator = coordinator
        partitions[key] = partition
        return result
    }

    /// The records whose producers may be told now that they are safe.
    mutating func takeAcknowledged(_ key: FetchKey) -> [(offset: Int64, id: Int)] {
        guard let partition = partitions[key], !partition.waiting.isEmpty, partition.replica.isLeader else { return [] }
        let isDone = { (item: (offset: Int64, id: Int, since: Int32)) in
            item.offset < partition.replica.highWatermark
        }
        let done = partition.waiting.filter(isDone)
        guard !done.isEmpty else { return [] }
        partitions[key]?.waiting.removeAll(where: isDone)
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
        var mustWait = false
        switch effect.work {
        case .append(let records, let highWatermark, let logStart):
            for record in records ?? [] { partition.log.append(record) }
            _ = partition.replica.followed(to: partition.log.end, leaderHighWatermark: highWatermark)
            partition.log.raiseStart(to: min(logStart, partition.replica.highWatermark))
            // The next fetch acknowledges: not before it is on the disk, if that is waited for.
            mustWait = waitsForDisk && records?.isEmpty == false
        case .truncate(let diverging):
            let truncation = FollowerTruncation(
                diverging: diverging,
                own: partition.log.epochEnd(diverging.epoch),
                log: partition.log.followed
            )
            partition.cut(truncation)
        case .findRange: return .findRange(effect.key, leaderEpoch: effect.leaderEpoch)
        }
        if mustWait { partition.unfinished = (leader, effect.leaderEpoch) }
        partitions[effect.key] = partition
        guard !mustWait else { return nil }
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
