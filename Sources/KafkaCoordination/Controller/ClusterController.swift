package import KafkaMessages
import KafkaWire

/// What the controller answers to one input: records to append and replay, and the answer to give once they are
/// committed. Nothing has changed yet.
package struct ControllerResult<Answer: Sendable>: Sendable {
    package var records: [MetadataRecord]
    package var answer: Answer

    package init(records: [MetadataRecord] = [], answer: Answer) {
        self.records = records
        self.answer = answer
    }
}

/// One item of a request that is refused.
package struct ControllerError: Error, Equatable, Sendable {
    package let code: ErrorCode
    package let message: String?

    package init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}

/// The controller: decides what may be done with topics, configs, brokers and producer ids.
///
/// Every decision reads the image and returns records; the image changes only in `replay`, on the active controller
/// directly after the append, at start and on every other node when the log is read. Only the sessions of brokers change
/// with a decision: they are no part of the cluster's state, and a new controller does without them. There is no clock,
/// no file and no source of randomness but the generator that is passed in.
package struct ClusterController: Sendable {
    package private(set) var image: MetadataImage
    package var settings: Settings
    /// Who was heard of when; not part of what the log says.
    package internal(set) var sessions: BrokerSessions

    /// The controller's own configuration.
    package struct Settings: Sendable {
        package var clusterID: String
        /// The controller's own `node.id`, which may have configs without being a broker's; nil where that is unknown.
        package var nodeID: Int32?
        /// Broker configs of the properties file: defaults of topics, and of the number of partitions and replicas.
        package var staticConfigs: [String: String]
        /// Milliseconds without a heartbeat after which a broker is fenced.
        package var sessionTimeoutMs: Int64

        package init(
            clusterID: String,
            nodeID: Int32? = nil,
            staticConfigs: [String: String] = [:],
            sessionTimeoutMs: Int64 = 9000
        ) {
            self.clusterID = clusterID
            self.nodeID = nodeID
            self.staticConfigs = staticConfigs
            self.sessionTimeoutMs = sessionTimeoutMs
        }
    }

    package init(image: MetadataImage = MetadataImage(), settings: Settings) {
        self.image = image
        self.settings = settings
        sessions = BrokerSessions(timeoutMs: settings.sessionTimeoutMs)
    }

    package mutating func replay(_ record: MetadataRecord, offset: Int64) throws(MetadataReplayError) {
        try image.apply(record)
        image.offset = offset
    }

    /// The configs as broker `id` sees them; nil sees only what holds for all brokers.
    package func resolver(broker id: Int32? = nil) -> ConfigResolver {
        ConfigResolver(
            staticValues: settings.staticConfigs,
            dynamicDefaults: image.configs(of: .broker, ""),
            dynamicValues: id.map { image.configs(of: .broker, String($0)) } ?? [:]
        )
    }

    func isActive(_ broker: Int32) -> Bool { image.brokers[broker]?.isActive ?? false }

    // MARK: Features

    /// `metadata.version` of the records written here: 4.1-IV1.
    package static let metadataVersion: Int16 = 27
    /// The oldest metadata version that Kafka 4 can still read: 3.3-IV3.
    package static let minimumMetadataVersion: Int16 = 7

    // MARK: Producer ids

    /// Producer ids that a broker gets at a time.
    package static let producerIDBlockSize: Int32 = 1000

    /// A block of producer ids that nobody else gets.
    package func allocateProducerIDs(
        _ request: AllocateProducerIdsRequest
    ) -> ControllerResult<AllocateProducerIdsResponse> {
        var response = AllocateProducerIdsResponse()
        guard let broker = image.brokers[request.brokerId] else {
            response.errorCode = .brokerIdNotRegistered
            return ControllerResult(answer: response)
        }
        guard broker.epoch == request.brokerEpoch else {
            response.errorCode = .staleBrokerEpoch
            return ControllerResult(answer: response)
        }
        let first = image.nextProducerID
        let (next, overflow) = first.addingReportingOverflow(Int64(Self.producerIDBlockSize))
        guard !overflow else {
            response.errorCode = .unknownServerError
            return ControllerResult(answer: response)
        }
        var record = ProducerIdsRecord()
        record.brokerId = request.brokerId
        record.brokerEpoch = request.brokerEpoch
        record.nextProducerId = next
        response.producerIdStart = first
        response.producerIdLen = Self.producerIDBlockSize
        return ControllerResult(records: [.producerIds(record)], answer: response)
    }
}
