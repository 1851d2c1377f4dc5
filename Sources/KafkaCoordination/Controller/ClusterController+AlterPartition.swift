package import KafkaMessages
import KafkaWire

extension ClusterController {
    /// AlterPartition: a leader's wish for another ISR, or its word that it has recovered from an unclean election.
    ///
    /// Versions 0 and 1, which name topics instead of giving ids, are not offered. In version 2 the members have no
    /// epochs, so that a member that has restarted since cannot be told from the one that was meant.
    package func alterPartition(_ request: AlterPartitionRequest) -> ControllerResult<AlterPartitionResponse> {
        var result = ControllerResult(answer: AlterPartitionResponse())
        guard let sender = image.brokers[request.brokerId], sender.epoch == request.brokerEpoch else {
            result.answer.errorCode = .staleBrokerEpoch
            return result
        }
        for topic in request.topics {
            var answer = AlterPartitionResponse.TopicData(topicId: topic.topicId)
            let known = image.topic(id: topic.topicId)
            for wanted in topic.partitions {
                do throws(ControllerError) {
                    guard let known else { throw ControllerError(.unknownTopicId) }
                    let (partition, record) = try change(known, wanted, from: request.brokerId)
                    if let record { result.records.append(.partitionChange(record)) }
                    answer.partitions.append(partition)
                } catch {
                    answer.partitions.append(.init(partitionIndex: wanted.partitionIndex, errorCode: error.code))
                }
            }
            result.answer.topics.append(answer)
        }
        return result
    }

    private func change(
        _ topic: TopicImage,
        _ wanted: AlterPartitionRequest.PartitionData,
        from sender: Int32
    ) throws(ControllerError) -> (AlterPartitionResponse.PartitionData, PartitionChangeRecord?) {
        guard topic.partitions.indices.contains(Int(wanted.partitionIndex)) else {
            throw ControllerError(.unknownTopicOrPartition)
        }
        let partition = topic.partitions[Int(wanted.partitionIndex)]
        let isr =
            wanted.newIsrWithEpochs.isEmpty
            ? wanted.newIsr.map { AlterPartitionRequest.BrokerState(brokerId: $0) } : wanted.newIsrWithEpochs
        try check(partition, wanted, isr, from: sender)
        var change = PartitionChange(
            topicID: topic.id,
            index: wanted.partitionIndex,
            partition: partition,
            isActive: isActive
        )
        change.targetISR = isr.map(\.brokerId)
        change.targetIsRecovering = wanted.leaderRecoveryState == 1
        if allowsUncleanElection(topic.name, resolver()) { change.election = .unclean }
        let record = change.record()
        let after = record.map(partition.applying) ?? partition
        let answer = AlterPartitionResponse.PartitionData(
            partitionIndex: wanted.partitionIndex,
            // The wish came true and more: a reassignment has ended, and with it the sender's leadership.
            errorCode: after.leader != sender || after.leaderEpoch != partition.leaderEpoch ? .newLeaderElected : .none,
            leaderId: after.leader,
            leaderEpoch: after.leaderEpoch,
            isr: after.isr,
            leaderRecoveryState: after.isRecovering ? 1 : 0,
            partitionEpoch: after.partitionEpoch
        )
        return (answer, record)
    }

    /// In Kafka's order: what the sender knows too much or too little of comes before what it may not wish.
    private func check(
        _ partition: PartitionImage,
        _ wanted: AlterPartitionRequest.PartitionData,
        _ isr: [AlterPartitionRequest.BrokerState],
        from sender: Int32
    ) throws(ControllerError) {
        if wanted.leaderEpoch > partition.leaderEpoch || wanted.partitionEpoch > partition.partitionEpoch {
            throw ControllerError(.notController)
        }
        if wanted.leaderEpoch < partition.leaderEpoch { throw ControllerError(.fencedLeaderEpoch) }
        guard partition.leader == sender else { throw ControllerError(.invalidRequest) }
        if wanted.partitionEpoch < partition.partitionEpoch { throw ControllerError(.invalidUpdateVersion) }
        let members = Set(isr.map(\.brokerId))
        guard members.count == isr.count, members.isSubset(of: partition.replicas), members.contains(sender),
            wanted.leaderRecoveryState == 0 || wanted.leaderRecoveryState == 1
        else { throw ControllerError(.invalidRequest) }
        if wanted.leaderRecoveryState == 1, isr.count > 1 || !partition.isRecovering {
            throw ControllerError(.invalidRequest)
        }
        for member in isr {
            guard let broker = image.brokers[member.brokerId], broker.isActive,
                member.brokerEpoch == -1 || member.brokerEpoch == broker.epoch
            else { throw ControllerError(.ineligibleReplica) }
        }
    }
}
