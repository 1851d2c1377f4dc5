package import KafkaMessages
package import KafkaWire

/// A broker as the metadata log knows it.
package struct BrokerRegistration: Sendable, Equatable {
    package var id: Int32
    /// Random for each start of the process.
    package var incarnationID: KafkaUUID
    /// Offset of the record that registered this incarnation.
    package var epoch: Int64
    package var endpoints: [RegisterBrokerRecord.BrokerEndpoint]
    package var rack: String?
    /// A fenced broker does not lead, is in no new ISR, and is not shown to clients.
    package var isFenced: Bool
    package var isInControlledShutdown: Bool
    package var directories: [KafkaUUID]
    package var features: [RegisterBrokerRecord.BrokerFeature] = []

    /// May lead partitions and be in their ISR.
    package var isActive: Bool { !isFenced && !isInControlledShutdown }
}

/// A partition as the metadata log knows it.
package struct PartitionImage: Sendable, Equatable {
    package var replicas: [Int32]
    package var isr: [Int32]
    package var addingReplicas: [Int32] = []
    package var removingReplicas: [Int32] = []
    /// -1: none.
    package var leader: Int32
    package var leaderEpoch: Int32
    package var partitionEpoch: Int32
    /// The leader was elected uncleanly and has not confirmed yet.
    package var isRecovering = false
    /// The log directory of each replica, in their order; zero and other small ids stand for no known one.
    package var directories: [KafkaUUID] = []

    /// The partition after a change. Epochs that wrapped around are negative.
    func applying(_ record: PartitionChangeRecord) -> PartitionImage {
        var partition = self
        if let isr = record.isr { partition.isr = isr }
        if let replicas = record.replicas { partition.replicas = replicas }
        if let adding = record.addingReplicas { partition.addingReplicas = adding }
        if let removing = record.removingReplicas { partition.removingReplicas = removing }
        if let directories = record.directories { partition.directories = directories }
        if record.leaderRecoveryState >= 0 { partition.isRecovering = record.leaderRecoveryState == 1 }
        if record.leader != PartitionChange.unchangedLeader {
            partition.leader = record.leader
            partition.leaderEpoch &+= 1
        }
        partition.partitionEpoch &+= 1
        return partition
    }

    /// Whether the directory of a broker's replica is among those of the broker that work.
    package func isOnline(on broker: Int32, directories online: [KafkaUUID]) -> Bool {
        guard let index = replicas.firstIndex(of: broker), directories.indices.contains(index) else { return true }
        let directory = directories[index]
        let isReserved = directory.high == 0 && directory.low < 100
        return isReserved || online.isEmpty || online.contains(directory)
    }
}

package struct TopicImage: Sendable, Equatable {
    package var name: String
    package var id: KafkaUUID
    /// By partition number.
    package var partitions: [PartitionImage] = []
}

/// What a config belongs to, with Kafka's numbers.
package struct ConfigResource: Hashable, Sendable {
    package enum Kind: Int8, Sendable {
        case topic = 2
        case broker = 4
        case brokerLogger = 8
        case clientMetrics = 16
        case group = 32
    }

    package var kind: Kind
    /// Empty for the default of all brokers.
    package var name: String

    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }
}

/// A record that contradicts the image it should change: the log is damaged or was written by other rules.
package struct MetadataReplayError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The state of the cluster: what the metadata log says, record by record. It changes in no other way, so that a
/// restart, a follower and the active controller all come to the same.
package struct MetadataImage: Sendable, Equatable {
    package private(set) var brokers: [Int32: BrokerRegistration] = [:]
    package private(set) var topics: [String: TopicImage] = [:]
    package private(set) var topicNames: [KafkaUUID: String] = [:]
    package private(set) var configs: [ConfigResource: [String: String]] = [:]
    /// Quotas by whom they are for and their names.
    package private(set) var clientQuotas: [ClientQuotaEntity: [String: Double]] = [:]
    package private(set) var scramCredentials: [ScramCredentialID: UserScramCredentialRecord] = [:]
    /// Finalized feature levels.
    package private(set) var features: [String: Int16] = [:]
    /// First producer id of the next block.
    package private(set) var nextProducerID: Int64 = 0
    /// Existing topics by the form in which names may not collide.
    package private(set) var collisionForms: [String: Set<String>] = [:]
    /// Another whenever a topic comes, goes or grows, or its replicas are other brokers or in other racks than before.
    /// Only for comparing images that one replica built from the other.
    package private(set) var topicsVersion: UInt64 = 0
    /// Controllers as they have registered, by id.
    package private(set) var controllers: [Int32: RegisterControllerRecord] = [:]
    /// The log holds records of features that do not exist here: a snapshot of this image would lose them.
    package private(set) var hasForeignRecords = false
    /// The last metadata record that is part of this image; -1 before the first.
    package var offset: Int64 = -1

    package init() {}

    package func topic(id: KafkaUUID) -> TopicImage? {
        topicNames[id].flatMap { topics[$0] }
    }

    package func configs(of kind: ConfigResource.Kind, _ name: String) -> [String: String] {
        configs[ConfigResource(kind, name)] ?? [:]
    }

    /// Takes over one record. Records of features that do not exist here are passed over.
    package mutating func apply(_ record: MetadataRecord) throws(MetadataReplayError) {
        switch record {
        case .registerBroker(let record): apply(record)
        case .brokerRegistrationChange(let record): try apply(record)
        case .unregisterBroker(let record):
            if brokers.removeValue(forKey: record.brokerId)?.rack != nil { topicsVersion += 1 }
        case .topic(let record): try apply(record)
        case .partition(let record): try apply(record)
        case .partitionChange(let record): try apply(record)
        case .removeTopic(let record): try apply(record)
        case .config(let record): apply(record)
        case .clientQuota(let record): apply(record)
        case .userScramCredential(let record):
            scramCredentials[.init(user: record.name, mechanism: record.mechanism)] = record
        case .removeUserScramCredential(let record):
            scramCredentials[.init(user: record.name, mechanism: record.mechanism)] = nil
        case .producerIds(let record): nextProducerID = record.nextProducerId
        case .featureLevel(let record):
            features[record.name] = record.featureLevel == 0 ? nil : record.featureLevel
        case .registerController(let record): controllers[record.controllerId] = record
        case .noOp, .beginTransaction, .endTransaction, .abortTransaction: break
        default: hasForeignRecords = true
        }
    }

    /// This image takes the place of `former` at once, by a snapshot: topics may have changed.
    package mutating func succeed(_ former: MetadataImage) {
        topicsVersion = max(topicsVersion, former.topicsVersion) + 1
    }

    private mutating func apply(_ record: RegisterBrokerRecord) {
        if brokers[record.brokerId]?.rack != record.rack { topicsVersion += 1 }
        brokers[record.brokerId] = BrokerRegistration(
            id: record.brokerId,
            incarnationID: record.incarnationId,
            epoch: record.brokerEpoch,
            endpoints: record.endPoints,
            rack: record.rack,
            isFenced: record.fenced,
            isInControlledShutdown: record.inControlledShutdown,
            directories: record.logDirs,
            features: record.features
        )
    }

    private mutating func apply(_ record: BrokerRegistrationChangeRecord) throws(MetadataReplayError) {
        guard brokers[record.brokerId]?.epoch == record.brokerEpoch else {
            throw MetadataReplayError("change of broker \(record.brokerId), which has no epoch \(record.brokerEpoch)")
        }
        if record.fenced != 0 { brokers[record.brokerId]?.isFenced = record.fenced > 0 }
        if record.inControlledShutdown == 1 { brokers[record.brokerId]?.isInControlledShutdown = true }
        if !record.logDirs.isEmpty { brokers[record.brokerId]?.directories = record.logDirs }
    }

    private mutating func apply(_ record: TopicRecord) throws(MetadataReplayError) {
        guard topics[record.name] == nil, topicNames[record.topicId] == nil else {
            throw MetadataReplayError("topic \(record.name) with id \(record.topicId) exists already")
        }
        topics[record.name] = TopicImage(name: record.name, id: record.topicId)
        topicsVersion += 1
        topicNames[record.topicId] = record.name
        collisionForms[TopicName.collisionForm(of: record.name), default: []].insert(record.name)
    }

    private mutating func apply(_ record: PartitionRecord) throws(MetadataReplayError) {
        guard let name = topicNames[record.topicId] else {
            throw MetadataReplayError("partition of an unknown topic \(record.topicId)")
        }
        let partition = PartitionImage(
            replicas: record.replicas,
            isr: record.isr,
            addingReplicas: record.addingReplicas,
            removingReplicas: record.removingReplicas,
            leader: record.leader,
            leaderEpoch: record.leaderEpoch,
            partitionEpoch: record.partitionEpoch,
            isRecovering: record.leaderRecoveryState == 1,
            directories: record.directories
        )
        let count = Int32(clamping: topics[name]?.partitions.count ?? 0)
        if record.partitionId == count {
            topics[name]?.partitions.append(partition)
            topicsVersion += 1
        } else if (0..<count).contains(record.partitionId) {
            topics[name]?.partitions[Int(record.partitionId)] = partition
            topicsVersion += 1
        } else {
            throw MetadataReplayError("partition \(record.partitionId) of \(name) does not follow \(count) others")
        }
    }

    private mutating func apply(_ record: PartitionChangeRecord) throws(MetadataReplayError) {
        let index = Int(record.partitionId)
        // Nothing may hold the topic's partitions while they change: else all of them are copied for one.
        guard let name = topicNames[record.topicId], topics[name]?.partitions.indices.contains(index) == true,
            let partition = topics[name]?.partitions[index].applying(record)
        else { throw MetadataReplayError("change of unknown partition \(record.partitionId) of \(record.topicId)") }
        guard partition.leaderEpoch >= 0, partition.partitionEpoch >= 0 else {
            throw MetadataReplayError("partition \(record.partitionId) of \(name) has the greatest epoch there can be")
        }
        topics[name]?.partitions[index] = partition
        if record.replicas != nil { topicsVersion += 1 }
    }

    private mutating func apply(_ record: RemoveTopicRecord) throws(MetadataReplayError) {
        guard let name = topicNames.removeValue(forKey: record.topicId) else {
            throw MetadataReplayError("removal of an unknown topic \(record.topicId)")
        }
        topics[name] = nil
        topicsVersion += 1
        configs[ConfigResource(.topic, name)] = nil
        let form = TopicName.collisionForm(of: name)
        collisionForms[form]?.remove(name)
        if collisionForms[form]?.isEmpty == true { collisionForms[form] = nil }
    }

    private mutating func apply(_ record: ConfigRecord) {
        guard let kind = ConfigResource.Kind(rawValue: record.resourceType) else { return }
        let resource = ConfigResource(kind, record.resourceName)
        configs[resource, default: [:]][record.name] = record.value
        if configs[resource]?.isEmpty == true { configs[resource] = nil }
    }

    private mutating func apply(_ record: ClientQuotaRecord) {
        guard let entity = ClientQuotaEntity(record.entity) else {
            hasForeignRecords = true
            return
        }
        clientQuotas[entity, default: [:]][record.key] = record.remove ? nil : record.value
        if clientQuotas[entity]?.isEmpty == true { clientQuotas[entity] = nil }
    }
}
