package import KafkaMessages
import KafkaWire

extension ClusterController {
    /// Where a broker is in its life (`replication.md`, section 6).
    private enum Stage {
        case fenced
        case unfenced
        /// Leads on until others have taken over.
        case leaving
        case gone
    }

    /// This controller is the active one from now on: brokers get a whole session to be heard of.
    package mutating func becameActive(nowMs: Int64) {
        for broker in image.brokers.values where !broker.isFenced {
            sessions.touch(broker.id, epoch: broker.epoch, metadataOffset: -1, nowMs: nowMs)
        }
    }

    // MARK: Heartbeats

    /// BrokerHeartbeat: keeps the session, and takes the broker a step along its life.
    package mutating func heartbeat(
        _ request: BrokerHeartbeatRequest,
        nextOffset: Int64,
        nowMs: Int64
    ) -> ControllerResult<BrokerHeartbeatResponse> {
        var response = BrokerHeartbeatResponse()
        guard let broker = image.brokers[request.brokerId] else {
            response.errorCode = .brokerIdNotRegistered
            return ControllerResult(answer: response)
        }
        guard broker.epoch == request.brokerEpoch else {
            response.errorCode = .staleBrokerEpoch
            return ControllerResult(answer: response)
        }
        sessions.touch(
            broker.id,
            epoch: broker.epoch,
            metadataOffset: request.currentMetadataOffset,
            nowMs: nowMs
        )
        let next = nextStage(of: broker, request)
        var records = records(taking: broker, to: next)
        // One step at a time: else the next heartbeat tells of it again.
        if records.isEmpty { records = self.records(losing: request.offlineLogDirs, of: broker) }
        if next == .leaving, !broker.isInControlledShutdown {
            sessions.beganShutdown(broker.id, offset: nextOffset + Int64(records.count) - 1)
        }
        response.isCaughtUp = request.currentMetadataOffset >= broker.epoch
        response.isFenced = next == .fenced || next == .gone
        response.shouldShutDown = next == .gone
        return ControllerResult(records: records, answer: response)
    }

    private func nextStage(of broker: BrokerRegistration, _ request: BrokerHeartbeatRequest) -> Stage {
        if broker.isFenced {
            if request.wantShutDown { return .gone }
            return !request.wantFence && request.currentMetadataOffset >= broker.epoch ? .unfenced : .fenced
        }
        if broker.isInControlledShutdown {
            return !leadsAny(broker.id) && othersKnow(broker) ? .gone : .leaving
        }
        if request.wantFence { return request.wantShutDown ? .gone : .fenced }
        guard request.wantShutDown else { return .unfenced }
        return leadsAny(broker.id) ? .leaving : .gone
    }

    private func leadsAny(_ broker: Int32) -> Bool {
        image.topics.values.contains { $0.partitions.contains { $0.leader == broker } }
    }

    /// Whether every broker that takes part has carried out what made `broker` lead nothing. A controller that has just
    /// begun does not know from where on, and lets it go.
    private func othersKnow(_ broker: BrokerRegistration) -> Bool {
        guard let offset = sessions.sessions[broker.id]?.shutdownOffset else { return true }
        return image.brokers.values.allSatisfy { other in
            !other.isActive || (sessions.sessions[other.id]?.metadataOffset ?? -1) >= offset
        }
    }

    private func records(taking broker: BrokerRegistration, to stage: Stage) -> [MetadataRecord] {
        switch stage {
        case .fenced, .gone: broker.isFenced ? [] : fence([broker.id])
        case .unfenced: broker.isFenced ? unfenceBroker(broker.id, epoch: broker.epoch).records : []
        case .leaving: broker.isInControlledShutdown ? [] : beginShutdown(broker)
        }
    }

    private func beginShutdown(_ broker: BrokerRegistration) -> [MetadataRecord] {
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = broker.id
        record.brokerEpoch = broker.epoch
        record.inControlledShutdown = 1
        let id = broker.id
        return [.brokerRegistrationChange(record)]
            + partitionChanges(touching: [id]) { [self] in isActive($0) && $0 != id }
    }

    // MARK: Fencing

    /// Fences brokers of which nothing was heard for a whole session, all at once.
    package func fenceSilentBrokers(nowMs: Int64) -> ControllerResult<[Int32]> {
        let silent = image.brokers.values.filter { !$0.isFenced && !sessions.isValid($0.id, nowMs: nowMs) }
            .map(\.id).sorted()
        return ControllerResult(records: silent.isEmpty ? [] : fence(silent), answer: silent)
    }

    /// When `fenceSilentBrokers` may have something to do; nil while there is no broker to fence.
    package var nextFencingMs: Int64? {
        sessions.nextExpiry(of: image.brokers.values.lazy.filter { !$0.isFenced }.map(\.id))
    }

    private func fence(_ brokers: [Int32]) -> [MetadataRecord] {
        let fenced = Set(brokers)
        let changes = brokers.compactMap { id -> MetadataRecord? in
            guard let broker = image.brokers[id] else { return nil }
            var record = BrokerRegistrationChangeRecord()
            record.brokerId = id
            record.brokerEpoch = broker.epoch
            record.fenced = 1
            return .brokerRegistrationChange(record)
        }
        return changes + partitionChanges(touching: fenced) { [self] in isActive($0) && !fenced.contains($0) }
    }

    // MARK: Unregistering

    /// UnregisterBroker: forgets a broker, which leads nothing and is in no ISR afterwards, unless it is the last there.
    package mutating func unregisterBroker(
        _ request: UnregisterBrokerRequest
    ) -> ControllerResult<UnregisterBrokerResponse> {
        guard let broker = image.brokers[request.brokerId] else {
            let code = ErrorCode.brokerIdNotRegistered
            return ControllerResult(answer: UnregisterBrokerResponse(errorCode: code, errorMessage: code.message))
        }
        sessions.end(broker.id)
        let id = broker.id
        var record = UnregisterBrokerRecord()
        record.brokerId = id
        record.brokerEpoch = broker.epoch
        let changes = partitionChanges(touching: [id]) { [self] in isActive($0) && $0 != id }
        return ControllerResult(records: changes + [.unregisterBroker(record)], answer: UnregisterBrokerResponse())
    }

    // MARK: Balance

    /// Elections that one round of balancing makes at most.
    private static let electionsPerBalance = 1000

    /// Gives leaderships back to preferred replicas where a broker leads too few of the partitions that prefer it
    /// (`leader.imbalance.per.broker.percentage`).
    package func balanceLeaders() -> ControllerResult<Int> {
        let percentage = resolver().brokerValue("leader.imbalance.per.broker.percentage").flatMap { Int($0) } ?? 10
        var preferring: [Int32: Int] = [:]
        var missing: [Int32: [(topic: TopicImage, index: Int)]] = [:]
        for topic in image.topics.values.sorted(by: { $0.name < $1.name }) {
            for (index, partition) in topic.partitions.enumerated() {
                guard let preferred = partition.replicas.first, canLead(partition)(preferred) else { continue }
                preferring[preferred, default: 0] += 1
                if partition.leader != preferred, partition.isr.contains(preferred) {
                    missing[preferred, default: []].append((topic, index))
                }
            }
        }
        var records: [MetadataRecord] = []
        for (broker, partitions) in missing.sorted(by: { $0.key < $1.key }) {
            guard partitions.count * 100 > percentage * (preferring[broker] ?? 0) else { continue }
            for (topic, index) in partitions where records.count < Self.electionsPerBalance {
                var change = PartitionChange(
                    topicID: topic.id,
                    index: Int32(index),
                    partition: topic.partitions[index],
                    isActive: canLead(topic.partitions[index])
                )
                change.election = .preferred
                if let record = change.record() { records.append(.partitionChange(record)) }
            }
        }
        return ControllerResult(records: records, answer: records.count)
    }
}
