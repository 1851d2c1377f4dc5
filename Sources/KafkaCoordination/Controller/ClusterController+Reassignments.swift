package import KafkaMessages
import KafkaWire

extension ClusterController {
    /// AlterPartitionReassignments: gives partitions other replicas, or takes back what is under way (replicas of nil).
    package func alterPartitionReassignments(
        _ request: AlterPartitionReassignmentsRequest
    ) -> ControllerResult<AlterPartitionReassignmentsResponse> {
        var result = ControllerResult(answer: AlterPartitionReassignmentsResponse())
        result.answer.allowReplicationFactorChange = request.allowReplicationFactorChange
        var seen: Set<String> = []
        for topic in request.topics {
            var answer = AlterPartitionReassignmentsResponse.ReassignableTopicResponse(name: topic.name)
            let isFirst = seen.insert(topic.name).inserted
            var indices: Set<Int32> = []
            for wanted in topic.partitions {
                var partition = AlterPartitionReassignmentsResponse.ReassignablePartitionResponse(
                    partitionIndex: wanted.partitionIndex
                )
                do throws(ControllerError) {
                    guard isFirst, indices.insert(wanted.partitionIndex).inserted else {
                        throw ControllerError(.invalidRequest, "The request names the partition twice.")
                    }
                    let record = try reassign(topic.name, wanted, request.allowReplicationFactorChange)
                    if let record { result.records.append(.partitionChange(record)) }
                } catch {
                    partition.errorCode = error.code
                    partition.errorMessage = error.message ?? error.code.message
                }
                answer.partitions.append(partition)
            }
            result.answer.responses.append(answer)
        }
        return result
    }

    private func reassign(
        _ name: String,
        _ wanted: AlterPartitionReassignmentsRequest.ReassignablePartition,
        _ allowsOtherFactor: Bool
    ) throws(ControllerError) -> PartitionChangeRecord? {
        guard let topic = image.topics[name] else {
            throw ControllerError(.unknownTopicOrPartition, "Unable to find a topic named \(name).")
        }
        guard topic.partitions.indices.contains(Int(wanted.partitionIndex)) else {
            throw ControllerError(
                .unknownTopicOrPartition,
                "Unable to find partition \(name):\(wanted.partitionIndex)."
            )
        }
        let partition = topic.partitions[Int(wanted.partitionIndex)]
        var change = PartitionChange(
            topicID: topic.id,
            index: wanted.partitionIndex,
            partition: partition,
            isActive: isActive
        )
        change.newDirectory = { [image] in image.brokers[$0]?.directories.first ?? .zero }
        // Before the move that is under way, if one is.
        let original = partition.replicas.filter { !partition.addingReplicas.contains($0) }
        if let target = wanted.replicas {
            // Some that are down may be among them: the move ends when they have come back.
            try checkAssignment(target)
            if !allowsOtherFactor, target.count != original.count {
                throw ControllerError(
                    .invalidReplicationFactor,
                    "The replication factor is changed from \(original.count) to \(target.count)"
                )
            }
            change.targetAdding = target.filter { !original.contains($0) }
            change.targetRemoving = partition.replicas.filter { !target.contains($0) }.sorted()
            change.targetReplicas = target + change.targetRemoving
        } else {
            guard !partition.addingReplicas.isEmpty || !partition.removingReplicas.isEmpty else {
                throw ControllerError(.noReassignmentInProgress)
            }
            let kept = partition.isr.filter(original.contains)
            guard !kept.isEmpty || allowsUncleanElection(name, resolver()) else {
                throw ControllerError(
                    .invalidReplicaAssignment,
                    "None of the replicas from before the reassignment is in sync; it cannot be cancelled safely."
                )
            }
            change.targetAdding = []
            change.targetRemoving = []
            change.targetReplicas = original
            change.targetISR = kept
        }
        if allowsUncleanElection(name, resolver()) { change.election = .unclean }
        let record = change.record()
        if wanted.replicas == nil, record == nil { throw ControllerError(.eligibleLeadersNotAvailable) }
        return record
    }

    /// AssignReplicasToDirs: a broker tells in which of its log directories replicas lie.
    package func assignReplicasToDirectories(
        _ request: AssignReplicasToDirsRequest
    ) -> ControllerResult<AssignReplicasToDirsResponse> {
        var result = ControllerResult(answer: AssignReplicasToDirsResponse())
        guard let broker = image.brokers[request.brokerId], broker.epoch == request.brokerEpoch else {
            result.answer.errorCode = .staleBrokerEpoch
            return result
        }
        for directory in request.directories {
            var answer = AssignReplicasToDirsResponse.DirectoryData(id: directory.id)
            for topic in directory.topics {
                var topicAnswer = AssignReplicasToDirsResponse.TopicData(topicId: topic.topicId)
                for wanted in topic.partitions {
                    let index = wanted.partitionIndex
                    let (code, record) = assign(topic.topicId, index, of: broker.id, to: directory.id)
                    if let record { result.records.append(.partitionChange(record)) }
                    topicAnswer.partitions.append(.init(partitionIndex: index, errorCode: code))
                }
                answer.topics.append(topicAnswer)
            }
            result.answer.directories.append(answer)
        }
        return result
    }

    private func assign(
        _ topicID: KafkaUUID,
        _ index: Int32,
        of broker: Int32,
        to directory: KafkaUUID
    ) -> (ErrorCode, PartitionChangeRecord?) {
        guard let topic = image.topic(id: topicID) else { return (.unknownTopicId, nil) }
        guard topic.partitions.indices.contains(Int(index)) else { return (.unknownTopicOrPartition, nil) }
        let partition = topic.partitions[Int(index)]
        guard let place = partition.replicas.firstIndex(of: broker) else { return (.notLeaderOrFollower, nil) }
        var directories = partition.directories
        if directories.count != partition.replicas.count {
            directories = partition.replicas.map { image.brokers[$0]?.directories.first ?? .zero }
        }
        guard directories[place] != directory else { return (.none, nil) }
        directories[place] = directory
        var record = PartitionChangeRecord()
        record.partitionId = index
        record.topicId = topicID
        record.directories = directories
        return (.none, record)
    }
}
