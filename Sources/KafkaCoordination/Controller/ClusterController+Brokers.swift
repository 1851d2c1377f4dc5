package import KafkaMessages
import KafkaWire

extension ClusterController {
    /// Registers one start of a broker, fenced. A former incarnation loses what it led.
    ///
    /// - Parameter nextOffset: the offset that the first of the returned records will get; the registration's epoch
    ///   is that of its own record.
    package mutating func registerBroker(
        _ request: BrokerRegistrationRequest,
        nextOffset: Int64,
        nowMs: Int64
    ) -> ControllerResult<BrokerRegistrationResponse> {
        var response = BrokerRegistrationResponse()
        if let known = image.brokers[request.brokerId], known.incarnationID == request.incarnationId,
            request.clusterId == settings.clusterID
        {
            response.brokerEpoch = known.epoch
            return ControllerResult(answer: response)
        }
        if let problem = problem(with: request, nowMs: nowMs) {
            response.errorCode = problem
            return ControllerResult(answer: response)
        }
        var records: [MetadataRecord] = []
        if image.brokers[request.brokerId] != nil {
            records = partitionChanges(touching: [request.brokerId]) { [self] in
                isActive($0) && $0 != request.brokerId
            }
        }
        let record = RegisterBrokerRecord(request, epoch: nextOffset + Int64(records.count))
        records.append(.registerBroker(record))
        response.brokerEpoch = record.brokerEpoch
        sessions.touch(request.brokerId, epoch: record.brokerEpoch, metadataOffset: -1, nowMs: nowMs)
        return ControllerResult(records: records, answer: response)
    }

    private func problem(with request: BrokerRegistrationRequest, nowMs: Int64) -> ErrorCode? {
        guard request.clusterId == settings.clusterID else { return .inconsistentClusterId }
        guard request.brokerId >= 0 else { return .invalidRegistration }
        if let known = image.brokers[request.brokerId], !known.isFenced, sessions.isValid(known.id, nowMs: nowMs) {
            // Two processes with one id, or one that was started again before its end was noticed: try again later.
            return .duplicateBrokerRegistration
        }
        for feature in request.features {
            guard feature.minSupportedVersion <= feature.maxSupportedVersion else { return .invalidRegistration }
            guard let level = image.features[feature.name] else { continue }
            guard (feature.minSupportedVersion...feature.maxSupportedVersion).contains(level) else {
                return .unsupportedVersion
            }
        }
        return nil
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
        let elections = partitionChanges(touching: nil) { [self] in isActive($0) || $0 == id }
        return ControllerResult(records: [.brokerRegistrationChange(record)] + elections, answer: .none)
    }

    /// The changes that follow when exactly the brokers for which `isActive` holds can lead.
    ///
    /// - Parameters:
    ///   - brokers: only partitions that one of them leads or is in sync with; nil: only those without a leader.
    ///   - directories: log directories of brokers that differ from what is registered.
    func partitionChanges(
        touching brokers: Set<Int32>?,
        directories: [Int32: [KafkaUUID]] = [:],
        isActive: @escaping (Int32) -> Bool
    ) -> [MetadataRecord] {
        let resolver = resolver()
        var records: [MetadataRecord] = []
        for topic in image.topics.values.sorted(by: { $0.name < $1.name }) {
            let allowsUnclean = allowsUncleanElection(topic.name, resolver)
            for (index, partition) in topic.partitions.enumerated() {
                if let brokers {
                    guard brokers.contains(partition.leader) || partition.isr.contains(where: brokers.contains) else {
                        continue
                    }
                } else if partition.leader != PartitionChange.noLeader {
                    continue
                }
                let works = { (broker: Int32) in
                    let online = directories[broker] ?? image.brokers[broker]?.directories ?? []
                    return isActive(broker) && partition.isOnline(on: broker, directories: online)
                }
                var change = PartitionChange(
                    topicID: topic.id,
                    index: Int32(index),
                    partition: partition,
                    isActive: works
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

extension RegisterBrokerRecord {
    fileprivate init(_ request: BrokerRegistrationRequest, epoch: Int64) {
        self.init()
        brokerId = request.brokerId
        incarnationId = request.incarnationId
        brokerEpoch = epoch
        endPoints = request.listeners.map { listener in
            var endpoint = BrokerEndpoint()
            endpoint.name = listener.name
            endpoint.host = listener.host
            endpoint.port = listener.port
            endpoint.securityProtocol = listener.securityProtocol
            return endpoint
        }
        features = request.features.map { offered in
            var feature = BrokerFeature()
            feature.name = offered.name
            feature.minSupportedVersion = offered.minSupportedVersion
            feature.maxSupportedVersion = offered.maxSupportedVersion
            return feature
        }
        rack = request.rack
        fenced = true
        logDirs = request.logDirs
    }
}
