package import KafkaMessages
import KafkaWire

extension AlterPartitionRequest {
    /// Proposals of one broker, each for another partition; keys name topics by their ids.
    package init(brokerID: Int32, brokerEpoch: Int64, proposals: [(key: FetchKey, proposal: InSyncProposal)]) {
        self.init(brokerId: brokerID, brokerEpoch: brokerEpoch)
        var places: [FetchKey.Topic: Int] = [:]
        for (key, proposal) in proposals {
            guard case .id(let id) = key.topic else { continue }
            let place = places[key.topic] ?? topics.count
            if place == topics.count {
                places[key.topic] = place
                topics.append(TopicData(topicId: id))
            }
            topics[place].partitions.append(
                PartitionData(
                    partitionIndex: key.partition,
                    leaderEpoch: proposal.leaderEpoch,
                    newIsrWithEpochs: proposal.isr.map { .init(brokerId: $0.id, brokerEpoch: $0.brokerEpoch) },
                    // Whoever leads has recovered: nothing is left here from before an unclean election.
                    leaderRecoveryState: 0,
                    partitionEpoch: proposal.partitionEpoch
                )
            )
        }
    }
}

extension AlterPartitionResponse {
    /// What the controller says to the proposal for one partition.
    package func answer(to key: FetchKey) -> InSyncAnswer {
        guard errorCode == .none else { return .error(errorCode) }
        for topic in topics where key.topic == .id(topic.topicId) {
            for partition in topic.partitions where partition.partitionIndex == key.partition {
                guard partition.errorCode == .none else { return .error(partition.errorCode) }
                return .partition(
                    leader: partition.leaderId,
                    leaderEpoch: partition.leaderEpoch,
                    isr: partition.isr,
                    partitionEpoch: partition.partitionEpoch
                )
            }
        }
        return .unknown
    }
}
