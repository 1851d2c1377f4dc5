import KafkaCoordination
import KafkaMessages
import KafkaWire
import NIOCore

extension FetchRequest {
    /// A follower's request.
    init(_ request: FollowerSession.Request, settings: ReplicationSettings, brokerEpoch: Int64, version: Int16) {
        self.init(
            maxWaitMs: settings.waitMs,
            minBytes: settings.minimumBytes,
            maxBytes: settings.responseBytes,
            sessionId: request.id,
            sessionEpoch: request.epoch
        )
        if version >= 15 {
            replicaState = ReplicaState(replicaId: settings.localID, replicaEpoch: brokerEpoch)
        } else {
            replicaId = settings.localID
        }
        var places: [FetchKey.Topic: Int] = [:]
        for target in request.targets {
            guard case .id(let id) = target.key.topic else { continue }
            let place = places[target.key.topic] ?? topics.count
            if place == topics.count {
                places[target.key.topic] = place
                topics.append(FetchTopic(topicId: id))
            }
            topics[place].partitions.append(
                FetchPartition(
                    partition: target.key.partition,
                    currentLeaderEpoch: target.currentLeaderEpoch,
                    fetchOffset: target.offset,
                    lastFetchedEpoch: target.lastFetchedEpoch,
                    logStartOffset: target.logStartOffset,
                    partitionMaxBytes: Int32(clamping: target.maxBytes)
                )
            )
        }
        for key in request.forgotten {
            guard case .id(let id) = key.topic else { continue }
            forgottenTopicsData.append(ForgottenTopic(topicId: id, partitions: [key.partition]))
        }
    }
}

extension FetchResponse {
    /// What it says to a follower.
    var answers: [FollowerAnswer<ByteBuffer>] {
        responses.flatMap { topic in
            topic.partitions.map { partition in
                var answer = FollowerAnswer<ByteBuffer>(
                    key: FetchKey(topic: .id(topic.topicId), partition: partition.partitionIndex),
                    error: partition.errorCode,
                    highWatermark: partition.highWatermark,
                    logStart: partition.logStartOffset
                )
                if partition.divergingEpoch.endOffset >= 0 {
                    answer.diverging = .init(
                        epoch: partition.divergingEpoch.epoch,
                        endOffset: partition.divergingEpoch.endOffset
                    )
                }
                answer.records = partition.records.flatMap { records in
                    guard case .bytes(let bytes) = records else { return nil }
                    return bytes
                }
                return answer
            }
        }
    }
}

extension ErrorCode {
    /// The leader does not know the fetch session, or counts its requests otherwise.
    var isOfSession: Bool {
        [.fetchSessionIdNotFound, .invalidFetchSessionEpoch, .fetchSessionTopicIdError].contains(self)
    }
}
