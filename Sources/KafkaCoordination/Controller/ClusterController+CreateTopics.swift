package import KafkaMessages
import KafkaWire

extension ClusterController {
    /// Partitions that one request may create: more would stall everything else.
    package static let maximumPartitionsPerRequest = 10_000

    /// CreateTopics: every topic of the request is created as a whole or refused with its own error.
    package func createTopics(
        _ request: CreateTopicsRequest,
        using generator: inout some RandomNumberGenerator
    ) -> ControllerResult<CreateTopicsResponse> {
        var result = ControllerResult(answer: CreateTopicsResponse())
        var counts: [String: Int] = [:]
        for topic in request.topics { counts[topic.name, default: 0] += 1 }
        var createdForms: [String: String] = [:]
        var partitions = 0
        for topic in request.topics {
            if let count = counts[topic.name], count > 1 {
                counts[topic.name] = 0
                result.answer.topics.append(
                    refusal(topic.name, ControllerError(.invalidRequest, "Duplicate topic name."))
                )
                continue
            }
            guard counts[topic.name] == 1 else { continue }
            do throws(ControllerError) {
                let form = TopicName.collisionForm(of: topic.name)
                try checkName(topic.name, form: form, createdForms: createdForms)
                try checkTopicConfigs(topic.configs)
                let placement = try place(topic, using: &generator)
                partitions += placement.count
                guard partitions <= Self.maximumPartitionsPerRequest else {
                    throw ControllerError(.policyViolation, "Excessively large number of partitions per request.")
                }
                let id = newTopicID(using: &generator)
                result.records += records(creating: topic, id: id, placement: placement)
                result.answer.topics.append(success(topic, id: id, placement: placement))
                createdForms[form] = topic.name
            } catch {
                result.answer.topics.append(refusal(topic.name, error))
            }
        }
        if request.validateOnly { result.records = [] }
        var placer = DirectoryPlacer(image)
        placer.assign(&result.records)
        return result
    }

    private func checkName(
        _ name: String,
        form: String,
        createdForms: [String: String]
    ) throws(ControllerError) {
        if let problem = TopicName.problem(with: name) { throw ControllerError(.invalidTopic, problem) }
        if name == TopicName.clusterMetadata {
            throw ControllerError(.invalidRequest, "Creation of internal topic \(name) is prohibited.")
        }
        if image.topics[name] != nil {
            throw ControllerError(.topicAlreadyExists, "Topic '\(name)' already exists.")
        }
        if let other = createdForms[form] ?? image.collisionForms[form]?.min() {
            throw ControllerError(.invalidTopic, "Topic '\(name)' collides with existing topic: \(other)")
        }
    }

    private func checkTopicConfigs(
        _ configs: [CreateTopicsRequest.CreatableTopicConfig]
    ) throws(ControllerError) {
        var values: [String: String] = [:]
        for config in configs {
            guard let value = config.value else {
                throw ControllerError(.invalidConfig, "Null value not supported for topic configs: \(config.name)")
            }
            values[config.name] = value
        }
        do {
            try ConfigValidation.checkTopic(values)
        } catch {
            throw ControllerError(.invalidConfig, error.description)
        }
    }

    // MARK: Placement

    private func place(
        _ topic: CreateTopicsRequest.CreatableTopic,
        using generator: inout some RandomNumberGenerator
    ) throws(ControllerError) -> [PartitionImage] {
        guard topic.assignments.isEmpty else { return try placeManually(topic) }
        guard topic.replicationFactor > 0 || topic.replicationFactor == -1 else {
            let message = "Replication factor must be larger than 0, or -1 to use the default value."
            throw ControllerError(.invalidReplicationFactor, message)
        }
        guard topic.numPartitions > 0 || topic.numPartitions == -1 else {
            throw ControllerError(.invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
        }
        let partitions = topic.numPartitions == -1 ? defaultInteger("num.partitions") : Int(topic.numPartitions)
        let factor =
            topic.replicationFactor == -1
            ? defaultInteger("default.replication.factor") : Int(topic.replicationFactor)
        return try place(partitions: partitions, replicationFactor: factor, using: &generator)
    }

    func place(
        partitions: Int,
        replicationFactor: Int,
        using generator: inout some RandomNumberGenerator
    ) throws(ControllerError) -> [PartitionImage] {
        guard partitions <= Self.maximumPartitionsPerRequest else {
            throw ControllerError(.policyViolation, "Excessively large number of partitions per request.")
        }
        var placer = ReplicaPlacer(
            brokers: image.brokers.values.map {
                ReplicaPlacer.Broker(id: $0.id, rack: $0.rack, isFenced: !$0.isActive)
            },
            using: &generator
        )
        do {
            return try placer.place(partitions: partitions, replicationFactor: replicationFactor).map(newPartition)
        } catch {
            throw ControllerError(.invalidReplicationFactor, Self.message(for: error))
        }
    }

    private static func message(for failure: ReplicaPlacer.Failure) -> String {
        switch failure {
        case .notEnoughBrokers(let wanted, let registered):
            "Unable to replicate the partition \(wanted) time(s): The target replication factor of \(wanted) cannot be "
                + "reached because only \(registered) broker(s) are registered."
        case .allFenced: "All brokers are currently fenced."
        case .noReplicas: "Invalid replication factor: it must be at least 1."
        }
    }

    private func placeManually(
        _ topic: CreateTopicsRequest.CreatableTopic
    ) throws(ControllerError) -> [PartitionImage] {
        guard topic.replicationFactor == -1 else {
            let message = "A manual partition assignment was specified, but replication factor was not set to -1."
            throw ControllerError(.invalidRequest, message)
        }
        guard topic.numPartitions == -1 else {
            let message = "A manual partition assignment was specified, but numPartitions was not set to -1."
            throw ControllerError(.invalidRequest, message)
        }
        let sorted = topic.assignments.sorted { $0.partitionIndex < $1.partitionIndex }
        guard sorted.enumerated().allSatisfy({ $0.offset == Int($0.element.partitionIndex) }) else {
            let message = "partitions should be a consecutive 0-based integer sequence"
            throw ControllerError(.invalidReplicaAssignment, message)
        }
        var partitions: [PartitionImage] = []
        for assignment in sorted {
            partitions.append(
                try manualPartition(assignment.brokerIds, index: partitions.count, like: partitions.first)
            )
        }
        return partitions
    }

    /// Checks brokers that the user chose for a partition: they are registered, and each is named once.
    func checkAssignment(_ replicas: [Int32]) throws(ControllerError) {
        if replicas.isEmpty {
            let message = "The manual partition assignment includes an empty replica list."
            throw ControllerError(.invalidReplicaAssignment, message)
        }
        var seen: Set<Int32> = []
        for replica in replicas {
            guard image.brokers[replica] != nil else {
                let message =
                    "The manual partition assignment includes broker \(replica), but no such broker is registered."
                throw ControllerError(.invalidReplicaAssignment, message)
            }
            guard seen.insert(replica).inserted else {
                let message = "The manual partition assignment includes the broker \(replica) more than once."
                throw ControllerError(.invalidReplicaAssignment, message)
            }
        }
    }

    /// A partition on brokers that the user chose, after checking that it can live there.
    func manualPartition(
        _ replicas: [Int32],
        index: Int,
        like first: PartitionImage?
    ) throws(ControllerError) -> PartitionImage {
        try checkAssignment(replicas)
        if let first, first.replicas.count != replicas.count {
            let message =
                "The manual partition assignment includes a partition with \(replicas.count) replica(s), but this is "
                + "not consistent with previous partitions, which have \(first.replicas.count) replica(s)."
            throw ControllerError(.invalidReplicaAssignment, message)
        }
        guard replicas.contains(where: isActive) else {
            let message =
                "All brokers specified in the manual partition assignment for partition \(index) are fenced or in "
                + "controlled shutdown."
            throw ControllerError(.invalidReplicaAssignment, message)
        }
        return newPartition(replicas)
    }

    private func newPartition(_ replicas: [Int32]) -> PartitionImage {
        let isr = replicas.filter(isActive)
        return PartitionImage(
            replicas: replicas,
            isr: isr,
            leader: isr.first ?? PartitionChange.noLeader,
            leaderEpoch: 0,
            partitionEpoch: 0,
            directories: replicas.map { _ in .zero }
        )
    }

    private func defaultInteger(_ name: String) -> Int {
        resolver().brokerValue(name).flatMap(Int.init) ?? 1
    }

    // MARK: Records and answers

    /// Ids below 100 are reserved for system topics and directory states.
    private func newTopicID(using generator: inout some RandomNumberGenerator) -> KafkaUUID {
        while true {
            let id = KafkaUUID.random(using: &generator)
            if id.high != 0 || id.low >= 100, image.topicNames[id] == nil { return id }
        }
    }

    private func records(
        creating topic: CreateTopicsRequest.CreatableTopic,
        id: KafkaUUID,
        placement: [PartitionImage]
    ) -> [MetadataRecord] {
        var topicRecord = TopicRecord()
        topicRecord.name = topic.name
        topicRecord.topicId = id
        var records: [MetadataRecord] = [.topic(topicRecord)]
        for config in topic.configs.sorted(by: { $0.name < $1.name }) {
            records.append(.config(ConfigRecord(.topic, topic.name, config.name, config.value)))
        }
        for (index, partition) in placement.enumerated() {
            records.append(.partition(PartitionRecord(partition, index: Int32(index), topicID: id)))
        }
        return records
    }

    private func refusal(_ name: String, _ error: ControllerError) -> CreateTopicsResponse.CreatableTopicResult {
        var result = CreateTopicsResponse.CreatableTopicResult()
        result.name = name
        result.errorCode = error.code
        result.errorMessage = error.message
        return result
    }

    private func success(
        _ topic: CreateTopicsRequest.CreatableTopic,
        id: KafkaUUID,
        placement: [PartitionImage]
    ) -> CreateTopicsResponse.CreatableTopicResult {
        var result = CreateTopicsResponse.CreatableTopicResult()
        result.name = topic.name
        result.topicId = id
        result.numPartitions = Int32(placement.count)
        result.replicationFactor = Int16(placement.first?.replicas.count ?? 0)
        var overrides: [String: String] = [:]
        for config in topic.configs { overrides[config.name] = config.value }
        result.configs = resolver().topicEntries(overrides: overrides).map { entry in
            var config = CreateTopicsResponse.CreatableTopicConfigs()
            config.name = entry.name
            config.value = entry.value
            config.readOnly = entry.isReadOnly
            config.configSource = entry.source.rawValue
            config.isSensitive = entry.isSensitive
            return config
        }
        return result
    }
}

extension PartitionRecord {
    init(_ partition: PartitionImage, index: Int32, topicID: KafkaUUID) {
        self.init()
        partitionId = index
        topicId = topicID
        replicas = partition.replicas
        isr = partition.isr
        addingReplicas = partition.addingReplicas
        removingReplicas = partition.removingReplicas
        leaderRecoveryState = partition.isRecovering ? 1 : 0
        leader = partition.leader
        leaderEpoch = partition.leaderEpoch
        partitionEpoch = partition.partitionEpoch
        directories = partition.directories
    }
}

extension ConfigRecord {
    init(_ kind: ConfigResource.Kind, _ resource: String, _ name: String, _ value: String?) {
        self.init()
        resourceType = kind.rawValue
        resourceName = resource
        self.name = name
        self.value = value
    }
}
