package import KafkaMessages
package import KafkaWire

/// Log directories of brokers (KIP-858).
extension ClusterController {
    /// A log directory of a broker does not work any more: what is in it needs other leaders, until the broker registers
    /// again with the directory.
    package func directoryFailed(_ directory: KafkaUUID, of id: Int32) -> ControllerResult<ErrorCode> {
        guard let broker = image.brokers[id] else { return ControllerResult(answer: .brokerIdNotRegistered) }
        return ControllerResult(records: records(losing: [directory], of: broker), answer: .none)
    }

    /// What follows when directories of a broker fail. Nothing for those it is not registered with, and when none would
    /// be left: such a broker stops.
    func records(losing directories: [KafkaUUID], of broker: BrokerRegistration) -> [MetadataRecord] {
        var record = BrokerRegistrationChangeRecord()
        record.brokerId = broker.id
        record.brokerEpoch = broker.epoch
        record.logDirs = broker.directories.filter { !directories.contains($0) }
        guard record.logDirs != broker.directories, !record.logDirs.isEmpty else { return [] }
        let elections = partitionChanges(
            touching: [broker.id],
            directories: [broker.id: record.logDirs],
            isActive: isActive
        )
        return [.brokerRegistrationChange(record)] + elections
    }

    /// Whether a broker can lead `partition`: it takes part, and the directory of its replica works.
    func canLead(_ partition: PartitionImage) -> (Int32) -> Bool {
        { broker in
            let online = image.brokers[broker]?.directories ?? []
            return isActive(broker) && partition.isOnline(on: broker, directories: online)
        }
    }
}
