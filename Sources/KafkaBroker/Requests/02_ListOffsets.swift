import KafkaMessages
import KafkaStorage

/// ListOffsets (2), versions 1 to 10: the offset that belongs to a time.
///
/// 1 one offset with its time instead of a list; 2 isolation level, throttle time; 4 leader epochs; 6 flexible;
/// 7 maximum timestamp (-3); 8 earliest local (-4); 9 latest tiered (-5); 10 timeout.
/// Without tiering the earliest local offset is the log's start, and the latest tiered one -1. Left out: version 0.
struct ListOffsetsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...10

    private enum Special {
        static let latest: Int64 = -1
        static let earliest: Int64 = -2
        static let maximumTimestamp: Int64 = -3
        static let earliestLocal: Int64 = -4
        static let latestTiered: Int64 = -5
    }

    let core: BrokerCore

    func handle(_ request: ListOffsetsRequest, _ context: RequestContext) async -> Reply<ListOffsetsResponse> {
        var response = ListOffsetsResponse()
        var seen: Set<TopicPartition> = []
        var repeated: Set<TopicPartition> = []
        for topic in request.topics {
            for partition in topic.partitions {
                let name = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                if !seen.insert(name).inserted { repeated.insert(name) }
            }
        }
        for topic in request.topics {
            var answers = ListOffsetsResponse.ListOffsetsTopicResponse(name: topic.name)
            for wanted in topic.partitions {
                let name = TopicPartition(topic: topic.name, partition: wanted.partitionIndex)
                var answer = ListOffsetsResponse.ListOffsetsPartitionResponse()
                do throws(PartitionError) {
                    guard !repeated.contains(name) else { throw PartitionError(.invalidRequest) }
                    answer = try find(wanted, topic: topic.name, request, context.version)
                } catch {
                    core.note(error, name)
                    answer.errorCode = error.code
                }
                answer.partitionIndex = wanted.partitionIndex
                answers.partitions.append(answer)
            }
            response.topics.append(answers)
        }
        return .respond(response)
    }

    private func find(
        _ wanted: ListOffsetsRequest.ListOffsetsPartition,
        topic: String,
        _ request: ListOffsetsRequest,
        _ version: Int16
    ) throws(PartitionError) -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        let partition = try core.partition(topic, wanted.partitionIndex)
        let snapshot = try partition.leaderSnapshot(currentEpoch: wanted.currentLeaderEpoch)
        let log = partition.log
        let fetchable: Int64 =
            if request.replicaId >= 0 || request.replicaId == -2 {
                log.logEndOffset
            } else if request.isolationLevel == 1 {
                partition.lastStableOffset(highWatermark: snapshot.highWatermark)
            } else {
                snapshot.highWatermark
            }
        // A new leader does not know yet which of the records before its epoch are safe.
        let notYet = PartitionError(version >= 5 ? .offsetNotAvailable : .leaderNotAvailable)
        var answer = ListOffsetsResponse.ListOffsetsPartitionResponse()
        let set = { (offset: Int64) in
            answer.offset = offset
            answer.leaderEpoch = log.leaderEpoch(at: offset) ?? snapshot.leaderEpoch
        }
        switch wanted.timestamp {
        case Special.latest:
            guard snapshot.hasCaughtUpWithEpoch || request.replicaId >= 0 else { throw notYet }
            set(fetchable)
        case Special.earliest: set(log.logStartOffset)
        case Special.earliestLocal where version >= 8: set(log.logStartOffset)
        case Special.latestTiered where version >= 9: break
        case Special.maximumTimestamp where version >= 7:
            if let found = try lookUp({ () throws(StorageError) in try log.maxTimestampOffset() }) {
                answer.timestamp = found.timestamp
                answer.offset = found.offset
                answer.leaderEpoch = found.leaderEpoch
            }
        case 0...:
            let found = try lookUp { () throws(StorageError) in
                try log.offset(forTimestamp: wanted.timestamp, before: fetchable)
            }
            if let found {
                answer.timestamp = found.timestamp
                answer.offset = found.offset
                answer.leaderEpoch = found.leaderEpoch
            } else if !snapshot.hasCaughtUpWithEpoch {
                throw notYet
            }
        default: throw PartitionError(.unsupportedVersion)
        }
        if version < 4 { answer.leaderEpoch = -1 }
        return answer
    }

    private func lookUp(
        _ body: () throws(StorageError) -> TimestampedOffset?
    ) throws(PartitionError) -> TimestampedOffset? {
        do {
            return try body()
        } catch {
            throw PartitionError(error)
        }
    }
}
