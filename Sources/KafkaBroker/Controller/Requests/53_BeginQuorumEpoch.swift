import KafkaCoordination
import KafkaMessages

/// BeginQuorumEpoch (53), versions 0 and 1: somebody says that it was elected.
///
/// 1 flexible, endpoints of the leader.
extension BeginQuorumEpochRequest: LeaderClaim {
    var claimed: (topic: String, partition: Int32, leaderEpoch: Int32)? {
        guard let topic = topics.first, let partition = topic.partitions.first else { return nil }
        return (topic.topicName, partition.partitionIndex, partition.leaderEpoch)
    }

    static func refusal(_ code: ErrorCode) -> BeginQuorumEpochResponse { BeginQuorumEpochResponse(errorCode: code) }

    static func answer(
        partition: Int32,
        _ code: ErrorCode,
        leader: (id: Int32, epoch: Int32)
    ) -> BeginQuorumEpochResponse {
        let data = BeginQuorumEpochResponse.PartitionData(
            partitionIndex: partition,
            errorCode: code,
            leaderId: leader.id,
            leaderEpoch: leader.epoch
        )
        return BeginQuorumEpochResponse(topics: [.init(topicName: TopicName.clusterMetadata, partitions: [data])])
    }
}
