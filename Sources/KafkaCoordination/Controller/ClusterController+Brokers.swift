package import KafkaMessages
import KafkaWire

extension ClusterController {
    /// Registers one start of a broker, fenced. A former incarnation loses what it led.
    ///
    /// - Parameter nextOffset: the offset that the first of the returned records will get; the registration's epoch
    ///   is that of its own record.
    package func registerBroker(
        _ request: BrokerRegistrationRequest,
        nextOffset: Int64
    ) -> ControllerResult<BrokerRegistrationResponse> {
        var response = BrokerRegistrationResponse()
        guard request.clusterId == settings.clusterID else {
            response.errorCode = .inconsistentClusterId
            return ControllerResult(answer: response)
        }
        if let known = image.brokers[request.brokerId], known.incarnationID == request.incarnationId {
            response.brokerEpoch = known.epoch
            return ControllerResult(answer: response)
        }
        var records: [MetadataRecord] = []
        if image.brokers[request.brokerId] != nil {
            records = partitionChanges { isActive($0) && $0 != request.brokerId }
        }
        var record = RegisterBrokerRecord()
        record.brokerId = request.brokerId
        record.incarnationId = request.incarnationId
        record.brokerEpoch = nextOffset + Int64(records.count)
        record.endPoints = request.listeners.map { listener in
            var endpoint = RegisterBrokerRecord.BrokerEndpoint()
            endpoint.name = listener.name
            endpoint.host = listener.host
            endpoint.port = listener.port
            endpoint.securityProtocol = listener.securityProtocol
            return endpoint
        }
        record.features = request.features.map { offered in
            var feature = RegisterBrokerRecord.BrokerFeature()
            feature.name = offered.name
            feature.minSupportedVersion = offered.minSupportedVersion
            feature.maxSupportedVersion = offered.maxSupportedVersion
            return feature
        }
        record.rack = request.rack
        record.fenced = true
        record.logDirs = request.logDirs
        records.append(.registerBroker(record))
        response.brokerEpoch = record.brokerEpoch
        return ControllerResult(records: records, answer: response)
    }

    /// Lets a registered broker take part: partitions without a leader get one.
    package func unfenceBroker(_ id: Int32, epoch: Int64) -> ControllerResult<ErrorCode> {
        guard let broker = image.brokers[id] else { return ControllerResult(answer: .brokerIdNotRegistered) }
        guard broker.epoch == epoch else { return ControllerResult(answer: .staleBrokerEpoch) }
        guard broker.isFenced else { return ControllerResult(answer: .none) }
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = id
        record.brokerEpoch = epoch
        record.fenced = -1
        let elections = partitionChanges(onlyLeaderless: true) { isActive($0) || $0 == id }
        return ControllerResult(records: [.brokerRegistrationChange(record)] + elections, answer: .none)
    }

    /// The changes that follow when exactly the brokers for which `isActive` holds can lead.
    private func partitionChanges(
        onlyLeaderless: Bool = false,
        isActive: @escaping (Int32) -> Bool
    ) -> [MetadataRecord] {
        let resolver = resolver()
        var records: [MetadataRecord] = []
        for topic in image.topics.values.sorted(by: { $0.name < $1.name }) {
            let allowsUnclean = allowsUncleanElection(topic.name, resolver)
            for (index, partition) in topic.partitions.enumerated() {
                if onlyLeaderless, partition.leader != PartitionChange.noLeader { continue }
                var change = PartitionChange(
                    topicID: topic.id,
                    index: Int32(index),
                    partition: partition,
                    isActive: isActive
                )
                if allowsUnclean { change.election = .unclean }
                if let record = change.record() { records.append(.partitionChange(record)) }
            }
        }
        return records
    }

    func allowsUncleanElection(_ topic: String, _ resolver: ConfigResolver) -> Bool {
        resolver.topicConfig(
            "unclean.leader.election.enable",
            overrides: image.configs(of: .topic, topic)
        ) == .boolean(true)
    }
}
