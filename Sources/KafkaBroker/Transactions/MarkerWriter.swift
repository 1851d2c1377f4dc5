import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire

/// Writes markers to partitions: those that this broker leads at once, others by WriteTxnMarkers to their leaders.
struct MarkerWriter: Sendable {
    let partitions: PartitionManager
    let groups: CoordinatorRuntime<GroupCoordinator>
    let metadata: ClusterMetadata
    let peers: any BrokerPeers
    let clock: any BrokerClock
    let realClock: any BrokerClock

    /// Milliseconds that a marker waits for the other replicas.
    private static let commitTimeoutMs: Int64 = 30_000

    /// Sends a marker to `wanted`; the answer has one code for each partition.
    func write(
        _ marker: TransactionMarker,
        to wanted: PartitionSet,
        coordinatorEpoch: Int32
    ) async -> [MarkerDelivery.PartitionResult] {
        let image = metadata.view.image
        let end = EndTransactionMarker(isCommit: marker.isCommit, coordinatorEpoch: coordinatorEpoch)
        let producer = TransactionalProducer(id: marker.producerID, epoch: marker.epoch)
        var results: [MarkerDelivery.PartitionResult] = []
        var remote: [Int32: PartitionSet] = [:]
        for (topic, number) in wanted.list {
            guard let known = image.topics[topic]?.partitions, known.indices.contains(Int(number)) else {
                results.append(.init(topic, number, .unknownTopicOrPartition))
                continue
            }
            let leader = known[Int(number)].leader
            if leader == partitions.localID {
                results.append(.init(topic, number, await writeHere(end, of: producer, topic, number)))
            } else if leader < 0 {
                results.append(.init(topic, number, .leaderNotAvailable))
            } else {
                remote[leader, default: PartitionSet()].insert(topic, number)
            }
        }
        for (leader, part) in remote {
            results += await write(marker, to: part, at: leader, coordinatorEpoch: coordinatorEpoch)
        }
        return results
    }

    /// Appends a marker to a partition of this broker and waits until it is committed; in a partition of committed
    /// offsets its coordinator then applies or drops what the transaction committed.
    func writeHere(
        _ marker: EndTransactionMarker,
        of producer: TransactionalProducer,
        _ topic: String,
        _ number: Int32
    ) async -> ErrorCode {
        do throws(PartitionError) {
            if topic == groups.topic {
                let shard: CoordinatorShard<GroupCoordinator>
                do throws(CoordinatorError) {
                    shard = try groups.shard(number)
                } catch {
                    throw PartitionError(.notLeaderOrFollower)
                }
                try await shard.endTransaction(marker, of: producer)
                return .none
            }
            let partition = try partitions.partition(topic, number) { metadata.view.image }
            let appended = try partition.append(marker, of: producer, nowMs: clock.nowMs)
            guard !partition.isCommitted(appended.lastOffset + 1, since: appended.leaderEpoch) else { return .none }
            let alarm = Alarm()
            let deadline = realClock.schedule(afterMs: Self.commitTimeoutMs) { alarm.expire() }
            defer { deadline.cancel() }
            try await partition.waitUntilCommitted(appended, alarm: alarm)
            return .none
        } catch {
            return error.code
        }
    }

    private func write(
        _ marker: TransactionMarker,
        to part: PartitionSet,
        at leader: Int32,
        coordinatorEpoch: Int32
    ) async -> [MarkerDelivery.PartitionResult] {
        let request = WriteTxnMarkersRequest(
            markers: [
                .init(
                    producerId: marker.producerID,
                    producerEpoch: marker.epoch,
                    transactionResult: marker.isCommit,
                    topics: part.sorted.map { .init(name: $0.topic, partitionIndexes: $0.partitions) },
                    coordinatorEpoch: coordinatorEpoch
                )
            ]
        )
        do {
            let response = try await peers.send(request, to: leader)
            return response.markers.flatMap(\.topics).flatMap { topic in
                topic.partitions.map { .init(topic.name, $0.partitionIndex, $0.errorCode) }
            }
        } catch {
            return part.list.map { .init($0.topic, $0.partition, .networkException) }
        }
    }
}
