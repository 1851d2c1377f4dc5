import KafkaCoordination
import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging

/// What the handlers of a controller's listener work with.
struct ControllerCore: Sendable {
    let nodeID: Int32
    let clusterID: String
    /// Nil in directories that were formatted before there were such ids.
    let directoryID: KafkaUUID?
    let listenerName: String
    let address: BrokerAddress
    let driver: ControllerDriver
    let log: MetadataLog
    let observers: QuorumObservers
    /// Wall time, for what people read.
    let clock: any BrokerClock
    let stopping = Stopping()
    let logger: Logger

    /// What every answer about the quorum says: this node leads, in this epoch.
    var leaderEpoch: Int32 { log.epoch }
}
