package import KafkaMessages
import KafkaWire
import NIOCore

/// Between the plan of a fetch and the messages of the protocol.
package enum FetchExchange {
    package typealias Answer = ConsumerCore<FetchedRecords>.PartitionAnswer

    /// A leader that an error answer names (KIP-951).
    package struct LeaderHint: Equatable, Sendable {
        package var partition: TopicPartition
        package var leader: Int32
        package var epoch: Int32
    }

    /// The first version that names topics by id.
    package static let firstVersionWithTopicIDs: Int16 = 13
    /// The first version with fetch sessions.
    package static let firstVersionWithSessions: Int16 = 7

    /// The request for a plan within a session.
    package static func request(
        _ session: FetchSession.Request,
        plan: FetchPlanner.Plan,
        version: Int16,
        isolationLevel: IsolationLevel,
        rack: String
    ) -> FetchRequest {
        var request = FetchRequest()
        request.maxWaitMs = plan.maxWaitMs
        request.minBytes = plan.minBytes
        request.maxBytes = plan.maxBytes
        request.isolationLevel = isolationLevel.rawValue
        request.sessionId = session.sessionID
        request.sessionEpoch = session.epoch
        request.rackId = rack
        request.topics = grouped(session.targets, by: \.partition.topic).map { name, targets in
            var topic = FetchRequest.FetchTopic()
            topic.topic = name
            topic.topicId = targets[0].topicID
            topic.partitions = targets.map { target in
                var partition = FetchRequest.FetchPartition()
                partition.partition = target.partition.partition
                partition.currentLeaderEpoch = target.leaderEpoch
                partition.fetchOffset = target.offset
                partition.lastFetchedEpoch = version >= 12 ? target.lastFetchedEpoch : -1
                partition.partitionMaxBytes = target.maxBytes
                return partition
            }
            return topic
        }
        request.forgottenTopicsData = grouped(session.forgotten) {
            Forgotten(topic: $0.partition.topic, id: $0.topicID)
        }
        .map { key, forgotten in
            var topic = FetchRequest.ForgottenTopic()
            topic.topic = key.topic
            topic.topicId = key.id
            topic.partitions = forgotten.map(\.partition.partition)
            return topic
        }
        return request
    }

    private struct Forgotten: Hashable {
        var topic: String
        var id: KafkaUUID
    }

    /// The partitions of an answer, and the leaders that its errors name.
    package static func answers(
        _ response: FetchResponse,
        session: FetchSession,
        usesTopicIDs: Bool
    ) -> (answers: [Answer], hints: [LeaderHint]) {
        var answers: [Answer] = []
        var hints: [LeaderHint] = []
        for topic in response.responses {
            for data in topic.partitions {
                let partition: TopicPartition
                if usesTopicIDs {
                    guard let known = session.partition(topicID: topic.topicId, index: data.partitionIndex) else {
                        continue
                    }
                    partition = known
                } else {
                    partition = TopicPartition(topic: topic.topic, partition: data.partitionIndex)
                }
                answers.append(answer(partition, data))
                if data.errorCode != .none, data.currentLeader.leaderId >= 0 {
                    hints.append(
                        LeaderHint(
                            partition: partition,
                            leader: data.currentLeader.leaderId,
                            epoch: data.currentLeader.leaderEpoch
                        )
                    )
                }
            }
        }
        return (answers, hints)
    }

    private static func answer(_ partition: TopicPartition, _ data: FetchResponse.PartitionData) -> Answer {
        var answer = Answer(
            partition: partition,
            error: data.errorCode,
            highWatermark: data.highWatermark,
            lastStableOffset: data.lastStableOffset,
            logStartOffset: data.logStartOffset,
            preferredReplica: data.preferredReadReplica >= 0 ? data.preferredReadReplica : nil
        )
        if data.divergingEpoch.epoch >= 0 || data.divergingEpoch.endOffset >= 0 {
            answer.diverging = (data.divergingEpoch.epoch, data.divergingEpoch.endOffset)
        }
        guard data.errorCode == .none, case .bytes(let records)? = data.records, records.readableBytes > 0 else {
            return answer
        }
        let aborted = (data.abortedTransactions ?? []).map { (producerID: $0.producerId, firstOffset: $0.firstOffset) }
        let (batches, error) = wholeBatches(in: records)
        if let last = batches.last {
            // What follows a batch that cannot be read is asked for again, and then reported.
            answer.data = Answer.Data(
                payload: FetchedRecords(batches: batches, aborted: aborted),
                byteCount: records.readableBytes,
                nextOffset: last.header.nextOffset,
                lastEpoch: last.header.partitionLeaderEpoch
            )
        } else if let error {
            answer.unreadable = error
        }
        return answer
    }

    /// The whole batches at the start of the bytes; a cut tail is what a limit on size leaves, and is no error.
    private static func wholeBatches(in records: ByteBuffer) -> ([RecordBatchView], RecordError?) {
        var sequence = RecordBatchSequence(records)
        var batches: [RecordBatchView] = []
        do throws(RecordError) {
            while let batch = try sequence.next() {
                batches.append(batch)
            }
            return (batches, nil)
        } catch {
            return (batches, error)
        }
    }
}
