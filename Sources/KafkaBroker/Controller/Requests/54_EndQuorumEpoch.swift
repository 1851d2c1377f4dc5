import KafkaCoordination
import KafkaMessages

/// EndQuorumEpoch (54), versions 0 and 1: somebody that has led gives up.
///
/// 1 flexible, candidates with directory ids.
extension EndQuorumEpochRequest: LeaderClaim {
    var claimed: (topic: String, partition: Int32, leaderEpoch: Int32)? {
        guard let topic = topics.first, let partition = topic.partitions.first else { return nil }
        return (topic.topicName, partition.partitionIndex, partition.leaderEpoch)
    }

    static func refusal(_ code: ErrorCode) -> EndQuorumEpochResponse { EndQuorumEpochResponse(errorCode: code) }

    static func answer(
        partition: Int32,
        _ code: ErrorCode,
        leader: (id: Int32, epoch: Int32)
    ) -> EndQuorumEpochResponse {
        let data = EndQuorumEpochResponse.PartitionData(
            partitionIndex: partition,
            errorCode: code,
            leaderId: leader.id,
            leaderEpoch: leader.epoch
        )
        return EndQuorumEpochResponse(topics: [.init(topicName: TopicName.clusterMetadata, partitions: [data])])
    }
}
