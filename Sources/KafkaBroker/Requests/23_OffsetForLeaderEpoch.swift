import KafkaCoordination
import KafkaMessages
import KafkaStorage

/// OffsetForLeaderEpoch (23), versions 2 to 4: where a leader epoch ends, for finding out whether a log was cut (KIP-320).
///
/// 2 current leader epoch; 3 replica id; 4 flexible.
struct OffsetForLeaderEpochHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 2...4

    let core: BrokerCore

    func handle(
        _ request: OffsetForLeaderEpochRequest,
        _ context: RequestContext
    ) async -> Reply<OffsetForLeaderEpochResponse> {
        var response = OffsetForLeaderEpochResponse()
        for topic in request.topics {
            var answers = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult(topic: topic.topic)
            for wanted in topic.partitions {
                var answer = OffsetForLeaderEpochResponse.EpochEndOffset(partition: wanted.partition)
                do throws(PartitionError) {
                    let partition = try core.partition(topic.topic, wanted.partition)
                    _ = try partition.leaderSnapshot(currentEpoch: wanted.currentLeaderEpoch)
                    if let end = partition.endOffset(of: wanted.leaderEpoch) {
                        answer.leaderEpoch = end.epoch
                        answer.endOffset = end.endOffset
                    }
                } catch {
                    answer.errorCode = error.code
                }
                answers.partitions.append(answer)
            }
            response.topics.append(answers)
        }
        return .respond(response)
    }
}
