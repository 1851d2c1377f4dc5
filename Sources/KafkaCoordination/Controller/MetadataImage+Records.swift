package import KafkaMessages
import KafkaWire

extension MetadataImage {
    /// The state as the records of a snapshot: replayed on nothing, they come to the same.
    package func records() -> [MetadataRecord] {
        var records: [MetadataRecord] = []
        // Whatever else there is may depend on them.
        for (name, level) in features.sorted(by: { $0.key < $1.key }) {
            records.append(.featureLevel(FeatureLevelRecord(name: name, featureLevel: level)))
        }
        for controller in controllers.sorted(by: { $0.key < $1.key }) {
            records.append(.registerController(controller.value))
        }
        for broker in brokers.values.sorted(by: { $0.id < $1.id }) {
            records.append(.registerBroker(RegisterBrokerRecord(broker)))
        }
        for topic in topics.values.sorted(by: { $0.name < $1.name }) {
            records.append(.topic(TopicRecord(name: topic.name, topicId: topic.id)))
            for (index, partition) in topic.partitions.enumerated() {
                records.append(.partition(PartitionRecord(partition, index: Int32(index), topicID: topic.id)))
            }
        }
        let resources = configs.sorted { ($0.key.kind.rawValue, $0.key.name) < ($1.key.kind.rawValue, $1.key.name) }
        for (resource, values) in resources {
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                records.append(.config(ConfigRecord(resource.kind, resource.name, name, value)))
            }
        }
        let quotas = clientQuotas.sorted { $0.key.sortKey.lexicographicallyPrecedes($1.key.sortKey) }
        for (entity, values) in quotas {
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                records.append(.clientQuota(ClientQuotaRecord(entity, key, value)))
            }
        }
        let credentials = scramCredentials.sorted { ($0.key.user, $0.key.mechanism) < ($1.key.user, $1.key.mechanism) }
        records += credentials.map { .userScramCredential($0.value) }
        if nextProducerID > 0 {
            records.append(
                .producerIds(ProducerIdsRecord(brokerId: -1, brokerEpoch: -1, nextProducerId: nextProducerID))
            )
        }
        return records
    }
}

extension RegisterBrokerRecord {
    fileprivate init(_ broker: BrokerRegistration) {
        self.init()
        brokerId = broker.id
        incarnationId = broker.incarnationID
        brokerEpoch = broker.epoch
        endPoints = broker.endpoints
        features = broker.features
        rack = broker.rack
        fenced = broker.isFenced
        inControlledShutdown = broker.isInControlledShutdown
        logDirs = broker.directories
    }
}
