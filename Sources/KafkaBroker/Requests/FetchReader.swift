import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// What one partition gave to a fetch.
struct FetchPart {
    let target: FetchTarget
    /// nil when the partition was not found: nothing to wait for.
    var partition: Partition?
    var error: PartitionError?
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var logStartOffset: Int64 = -1
    var records = RecordData.bytes(ByteBuffer())
    /// As a follower sees it; -1 for consumers.
    var logEnd: Int64 = -1
    /// Where the client should rather read (KIP-392).
    var preferredReplica: Int32?
    /// nil unless only committed records are wanted.
    var aborted: [AbortedTransaction]?
    /// Where the logs of client and leader part (KIP-595).
    var diverging: PartitionReplica.EpochEnd?
    /// Who leads, when the client believes something else.
    var currentLeader: (id: Int32, epoch: Int32)?

    init(target: FetchTarget) { self.target = target }

    var outcome: FetchOutcome {
        FetchOutcome(
            key: target.key,
            hasRecords: records.count > 0,
            isError: error != nil,
            highWatermark: highWatermark,
            logStartOffset: logStartOffset,
            mustBeTold: diverging != nil || preferredReplica != nil
        )
    }

    var data: FetchResponse.PartitionData {
        var data = FetchResponse.PartitionData()
        data.partitionIndex = target.key.partition
        data.records = records
        data.errorCode = error?.code ?? .none
        data.highWatermark = highWatermark
        data.lastStableOffset = lastStableOffset
        data.logStartOffset = logStartOffset
        data.abortedTransactions = aborted?.map {
            FetchResponse.AbortedTransaction(producerId: $0.producerID, firstOffset: $0.firstOffset)
        }
        if let diverging {
            data.divergingEpoch.epoch = diverging.epoch
            data.divergingEpoch.endOffset = diverging.endOffset
        }
        if let preferredReplica { data.preferredReadReplica = preferredReplica }
        if let currentLeader {
            data.currentLeader.leaderId = currentLeader.id
            data.currentLeader.leaderEpoch = currentLeader.epoch
        }
        return data
    }
}

/// Reads the partitions of one fetch within its limits (`consumer.md`, section 2).
struct FetchReader {
    let core: BrokerCore
    let version: Int16
    let isCommittedOnly: Bool
    /// The broker that follows; nil for a consumer.
    let follower: Follower?
    /// The consumer's rack; nil when nobody is told to read elsewhere.
    let rack: String?
    let maxBytes: Int

    struct Follower {
        let id: Int32
        /// -1: it does not tell.
        let epoch: Int64
    }

    /// All targets in order. The first batch found is returned whole even when it breaks the limits; after that they
    /// hold.
    ///
    /// - Parameter isNews: false when the same request looks again after waiting.
    func read(_ targets: [FetchTarget], isNews: Bool) -> [FetchPart] {
        var remaining = maxBytes
        var hasRecords = false
        return targets.map { target in
            var part = FetchPart(target: target)
            do throws(PartitionError) {
                let limit = min(target.maxBytes, remaining)
                try read(&part, limit: limit, atLeastOneBatch: !hasRecords, isNews: isNews)
                remaining = max(0, remaining - part.records.count)
                hasRecords = hasRecords || part.records.count > 0
            } catch {
                fail(&part, error)
            }
            return part
        }
    }

    private func read(
        _ part: inout FetchPart,
        limit: Int,
        atLeastOneBatch: Bool,
        isNews: Bool
    ) throws(PartitionError) {
        let target = part.target
        let partition = try find(target.key)
        part.partition = partition
        if version < 10, partition.settings.isZstd {
            throw PartitionError(.unsupportedCompressionType)
        }
        let bound =
            if let follower {
                try boundOfFollower(&part, partition, follower, isNews: isNews)
            } else {
                try boundOfConsumer(&part, partition)
            }
        guard let bound else { return }
        partition.noteUse()
        do throws(ReadError) {
            let slice = try partition.log.read(
                from: target.offset,
                maxBytes: limit,
                before: bound,
                atLeastOneBatch: atLeastOneBatch
            )
            guard let slice else { return }
            part.records = slice.data
            if follower != nil, isThrottled(partition) { core.replication.quotas.record(slice.data.count, .leader) }
            if isCommittedOnly, follower == nil {
                part.aborted = try abortedTransactions(partition.log, from: target.offset, to: slice.upperBoundOffset)
            }
        } catch {
            throw PartitionError(error)
        }
    }

    /// Takes in what a follower's fetch says. It may read up to the log's end; nil: nothing.
    private func boundOfFollower(
        _ part: inout FetchPart,
        _ partition: Partition,
        _ follower: Follower,
        isNews: Bool
    ) throws(PartitionError) -> Int64? {
        let fetch = ReplicaFetch(
            replica: follower.id,
            brokerEpoch: follower.epoch,
            offset: part.target.offset,
            logStart: part.target.logStartOffset
        )
        let view = try partition.followerFetched(part.target, fetch, isNews: isNews, nowMs: core.clock.nowMs)
        if let proposal = view.proposal { core.replication.propose(proposal, of: partition) }
        part.highWatermark = view.highWatermark
        part.logStartOffset = partition.log.logStartOffset
        part.logEnd = view.logEnd
        part.diverging = view.diverging
        guard view.diverging == nil else { return nil }
        // Followers in sync are never held up: producers wait for them.
        let isHeld =
            !view.isInSync && isThrottled(partition) && core.replication.quotas.exceededUntilMs(.leader) != nil
        return isHeld ? nil : view.logEnd
    }

    /// Whether what followers get of a partition from here is limited.
    private func isThrottled(_ partition: Partition) -> Bool {
        partition.settings.leaderThrottle.contains(
            partition: partition.topicPartition.partition,
            broker: core.nodeID
        )
    }

    /// Consumers may read from a follower, if they know that there are any (KIP-392), up to the high watermark or the
    /// last stable offset; nil: nothing.
    private func boundOfConsumer(
        _ part: inout FetchPart,
        _ partition: Partition
    ) throws(PartitionError) -> Int64? {
        let target = part.target
        let snapshot = try partition.leaderSnapshot(
            currentEpoch: target.currentLeaderEpoch,
            allowsFollower: version >= 11
        )
        part.highWatermark = snapshot.highWatermark
        part.lastStableOffset = partition.lastStableOffset(highWatermark: snapshot.highWatermark)
        part.logStartOffset = partition.log.logStartOffset
        if isCommittedOnly { part.aborted = [] }
        part.diverging = try partition.divergence(of: target)
        if part.diverging != nil { return nil }
        if let rack, snapshot.hasFollowers {
            let brokers = core.image.brokers
            part.preferredReplica = partition.preferredReader(rack, offset: target.offset) { brokers[$0]?.rack }
            if part.preferredReplica != nil { return nil }
        }
        return isCommittedOnly ? part.lastStableOffset : snapshot.highWatermark
    }

    private func abortedTransactions(
        _ log: PartitionLog,
        from offset: Int64,
        to bound: Int64
    ) throws(ReadError) -> [AbortedTransaction] {
        do {
            return try log.abortedTransactions(from: offset, upTo: bound)
        } catch {
            throw .storage(error)
        }
    }

    private func find(_ key: FetchKey) throws(PartitionError) -> Partition {
        switch key.topic {
        case .name(let name): return try core.partition(name, key.partition)
        case .id(let id):
            guard let topic = core.partitions.topic(id: id) else {
                guard let name = core.image.topicNames[id] else { throw PartitionError(.unknownTopicId) }
                return try core.partition(name, key.partition)
            }
            guard let partition = topic.partitions[key.partition] else {
                return try core.partition(topic.name, key.partition)
            }
            return partition
        }
    }

    private func fail(_ part: inout FetchPart, _ error: PartitionError) {
        if let partition = part.partition { core.note(error, partition.topicPartition) }
        var error = error
        // Clients of that age do not know the code; both make them look for another leader.
        if version <= 5, error.code == .kafkaStorageError { error = PartitionError(.notLeaderOrFollower) }
        if version >= 12, [.notLeaderOrFollower, .fencedLeaderEpoch].contains(error.code),
            let snapshot = part.partition?.snapshot
        {
            part.currentLeader = (snapshot.leader, snapshot.leaderEpoch)
        }
        part.error = error
        part.highWatermark = -1
        part.lastStableOffset = -1
        part.logStartOffset = -1
        part.aborted = isCommittedOnly ? [] : nil
    }
}
