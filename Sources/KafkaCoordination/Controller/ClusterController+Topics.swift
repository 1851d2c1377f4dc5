package import KafkaMessages
import KafkaWire

extension ClusterController {
    // MARK: Deletion

    /// DeleteTopics by name or id. Requests below version 6 have their names in `topicNames`.
    package func deleteTopics(_ request: DeleteTopicsRequest) -> ControllerResult<DeleteTopicsResponse> {
        var wanted = request.topics
        for name in request.topicNames {
            var topic = DeleteTopicsRequest.DeleteTopicState()
            topic.name = name
            wanted.append(topic)
        }
        var result = ControllerResult(answer: DeleteTopicsResponse())
        var deleted: Set<KafkaUUID> = []
        for topic in wanted {
            var answer = DeleteTopicsResponse.DeletableTopicResult()
            answer.name = topic.name
            answer.topicId = topic.topicId
            do throws(ControllerError) {
                let found = try topicToDelete(topic)
                answer.name = found.name
                answer.topicId = found.id
                guard deleted.insert(found.id).inserted else {
                    throw ControllerError(.invalidRequest, "Duplicate topic name or id.")
                }
                var record = RemoveTopicRecord()
                record.topicId = found.id
                result.records.append(.removeTopic(record))
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message ?? error.code.message
            }
            result.answer.responses.append(answer)
        }
        return result
    }

    private func topicToDelete(
        _ topic: DeleteTopicsRequest.DeleteTopicState
    ) throws(ControllerError) -> TopicImage {
        if topic.name != nil, topic.topicId != .zero {
            throw ControllerError(.invalidRequest, "You may not specify both topic name and topic id.")
        }
        guard resolver().brokerValue("delete.topic.enable")?.lowercased() != "false" else {
            throw ControllerError(.topicDeletionDisabled)
        }
        guard let name = topic.name else {
            guard topic.topicId != .zero else {
                throw ControllerError(.invalidRequest, "Neither topic name nor id were specified.")
            }
            guard let found = image.topic(id: topic.topicId) else { throw ControllerError(.unknownTopicId) }
            return found
        }
        guard let found = image.topics[name] else { throw ControllerError(.unknownTopicOrPartition) }
        return found
    }

    // MARK: More partitions

    /// CreatePartitions: `count` is the new total of each topic.
    package func createPartitions(
        _ request: CreatePartitionsRequest,
        using generator: inout some RandomNumberGenerator
    ) -> ControllerResult<CreatePartitionsResponse> {
        var result = ControllerResult(answer: CreatePartitionsResponse())
        var counts: [String: Int] = [:]
        for topic in request.topics { counts[topic.name, default: 0] += 1 }
        var created = 0
        for topic in request.topics {
            guard let count = counts.updateValue(0, forKey: topic.name), count > 0 else { continue }
            var answer = CreatePartitionsResponse.CreatePartitionsTopicResult()
            answer.name = topic.name
            do throws(ControllerError) {
                if count > 1 { throw ControllerError(.invalidRequest, "Duplicate topic name.") }
                let records = try newPartitions(topic, created: created, using: &generator)
                created += records.count
                result.records += records
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            result.answer.results.append(answer)
        }
        if request.validateOnly { result.records = [] }
        var placer = DirectoryPlacer(image)
        placer.assign(&result.records)
        return result
    }

    private func newPartitions(
        _ request: CreatePartitionsRequest.CreatePartitionsTopic,
        created: Int,
        using generator: inout some RandomNumberGenerator
    ) throws(ControllerError) -> [MetadataRecord] {
        guard let topic = image.topics[request.name], let first = topic.partitions.first else {
            throw ControllerError(.unknownTopicOrPartition)
        }
        let current = topic.partitions.count
        let added = Int(request.count) - current
        if added == 0 {
            throw ControllerError(.invalidPartitions, "Topic already has \(current) partition(s).")
        }
        if added < 0 {
            let message =
                "The topic \(request.name) currently has \(current) partition(s); \(request.count) would not be an "
                + "increase."
            throw ControllerError(.invalidPartitions, message)
        }
        guard created + added <= Self.maximumPartitionsPerRequest else {
            throw ControllerError(.policyViolation, "Excessively large number of partitions per request.")
        }
        var placement: [PartitionImage] = []
        if let assignments = request.assignments {
            guard assignments.count == added else {
                let message =
                    "Attempted to add \(added) additional partition(s), but only \(assignments.count) assignment(s) "
                    + "were specified."
                throw ControllerError(.invalidReplicaAssignment, message)
            }
            for assignment in assignments {
                let index = current + placement.count
                placement.append(try manualPartition(assignment.brokerIds, index: index, like: first))
            }
        } else {
            placement = try place(
                partitions: added,
                replicationFactor: first.replicas.count,
                using: &generator
            )
        }
        return placement.enumerated().map { index, partition in
            .partition(PartitionRecord(partition, index: Int32(current + index), topicID: topic.id))
        }
    }

    // MARK: Elections

    /// ElectLeaders of type 0 (the preferred replica) or 1 (any replica, even one that is not in sync).
    package func electLeaders(_ request: ElectLeadersRequest) -> ControllerResult<ElectLeadersResponse> {
        var result = ControllerResult(answer: ElectLeadersResponse())
        guard request.electionType == 0 || request.electionType == 1 else {
            result.answer.errorCode = .invalidRequest
            return result
        }
        let isUnclean = request.electionType == 1
        let asksForAll = request.topicPartitions == nil
        for wanted in request.topicPartitions ?? allPartitions() {
            var answer = ElectLeadersResponse.ReplicaElectionResult()
            answer.topic = wanted.topic
            for index in wanted.partitions {
                let election = elect(wanted.topic, index, isUnclean: isUnclean)
                if let record = election.record { result.records.append(.partitionChange(record)) }
                // Asked for all partitions, only those that were not fine already are worth a line.
                if asksForAll, election.code == .electionNotNeeded { continue }
                var partition = ElectLeadersResponse.PartitionResult()
                partition.partitionId = index
                partition.errorCode = election.code
                partition.errorMessage = election.code == .none ? nil : election.code.message
                answer.partitionResult.append(partition)
            }
            if !answer.partitionResult.isEmpty { result.answer.replicaElectionResults.append(answer) }
        }
        return result
    }

    private func allPartitions() -> [ElectLeadersRequest.TopicPartitions] {
        image.topics.values.sorted { $0.name < $1.name }.map { topic in
            var partitions = ElectLeadersRequest.TopicPartitions()
            partitions.topic = topic.name
            partitions.partitions = topic.partitions.indices.map { Int32($0) }
            return partitions
        }
    }

    private func elect(
        _ topic: String,
        _ index: Int32,
        isUnclean: Bool
    ) -> (code: ErrorCode, record: PartitionChangeRecord?) {
        guard let topic = image.topics[topic], topic.partitions.indices.contains(Int(index)) else {
            return (.unknownTopicOrPartition, nil)
        }
        let partition = topic.partitions[Int(index)]
        if isUnclean ? partition.leader != PartitionChange.noLeader : partition.leader == partition.replicas.first {
            return (.electionNotNeeded, nil)
        }
        var change = PartitionChange(
            topicID: topic.id,
            index: index,
            partition: partition,
            isActive: canLead(partition)
        )
        change.election = isUnclean ? .unclean : .preferred
        guard let record = change.record(), record.leader >= 0 else {
            return (isUnclean ? .eligibleLeadersNotAvailable : .preferredLeaderNotAvailable, nil)
        }
        if !isUnclean, record.leader != partition.replicas.first { return (.preferredLeaderNotAvailable, nil) }
        return (.none, record)
    }
}
