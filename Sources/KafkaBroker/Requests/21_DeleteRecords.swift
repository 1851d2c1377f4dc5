import KafkaMessages
import KafkaStorage

/// DeleteRecords (21), versions 0 to 2: raises the start of a partition's log.
///
/// 1 nothing new; 2 flexible. Offset -1 is the high watermark. The records are invisible when the answer arrives; files
/// go with the next retention check. Refused on topics that are only compacted.
struct DeleteRecordsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    private static let highWatermark: Int64 = -1

    let core: BrokerCore

    func handle(_ request: DeleteRecordsRequest, _ context: RequestContext) async -> Reply<DeleteRecordsResponse> {
        var response = DeleteRecordsResponse()
        for topic in request.topics {
            var answers = DeleteRecordsResponse.DeleteRecordsTopicResult(name: topic.name)
            for wanted in topic.partitions {
                var answer = DeleteRecordsResponse.DeleteRecordsPartitionResult(
                    partitionIndex: wanted.partitionIndex,
                    lowWatermark: -1
                )
                do throws(PartitionError) {
                    answer.lowWatermark = try delete(topic.name, wanted)
                } catch {
                    core.note(error, TopicPartition(topic: topic.name, partition: wanted.partitionIndex))
                    answer.errorCode = error.code
                }
                answers.partitions.append(answer)
            }
            response.topics.append(answers)
        }
        return .respond(response)
    }

    private func delete(
        _ topic: String,
        _ wanted: DeleteRecordsRequest.DeleteRecordsPartition
    ) throws(PartitionError) -> Int64 {
        let partition = try core.partition(topic, wanted.partitionIndex)
        let snapshot = try partition.leaderSnapshot(currentEpoch: -1)
        guard !partition.settings.isOnlyCompacted else { throw PartitionError(.policyViolation) }
        let offset = wanted.offset == Self.highWatermark ? snapshot.highWatermark : wanted.offset
        guard offset >= 0, offset <= snapshot.highWatermark else { throw PartitionError(.offsetOutOfRange) }
        do {
            return try partition.log.deleteRecords(before: offset)
        } catch {
            throw PartitionError(error)
        }
    }
}
