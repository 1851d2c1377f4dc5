import KafkaMessages
import KafkaWire

@testable import KafkaCoordination

/// The same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A controller with its log: what is decided is appended and replayed at once.
struct ControllerWorld {
    var controller: ClusterController
    var log: [MetadataRecord] = []
    var nowMs: Int64 = 0
    var generator = SeededGenerator(seed: 1)

    init(staticConfigs: [String: String] = [:]) {
        controller = ClusterController(settings: .init(clusterID: "c", staticConfigs: staticConfigs))
    }

    var image: MetadataImage { controller.image }

    @discardableResult
    mutating func commit<Answer>(_ result: ControllerResult<Answer>) throws -> Answer {
        for record in result.records {
            // Through the bytes, as a restart would read it.
            let decoded = try MetadataRecord(decoding: try record.encoded())
            try controller.replay(decoded, offset: Int64(log.count))
            log.append(decoded)
        }
        return result.answer
    }

    /// Registers and unfences a broker; returns its epoch.
    @discardableResult
    mutating func addBroker(_ id: Int32, rack: String? = nil, unfence: Bool = true) throws -> Int64 {
        let incarnation = KafkaUUID.random(using: &generator)
        let request = BrokerRegistrationRequest(
            brokerId: id,
            clusterId: "c",
            incarnationId: incarnation,
            rack: rack,
            logDirs: [KafkaUUID(high: 7, low: UInt64(id) + 1000)]
        )
        // Whatever ran under this id before has not been heard of for long enough.
        nowMs += controller.sessions.timeoutMs
        let answer = try commit(
            controller.registerBroker(request, nextOffset: Int64(log.count), nowMs: nowMs)
        )
        if unfence { try commit(controller.unfenceBroker(id, epoch: answer.brokerEpoch)) }
        return answer.brokerEpoch
    }

    @discardableResult
    mutating func create(
        _ name: String,
        partitions: Int32 = -1,
        replicas: Int16 = -1,
        assignments: [[Int32]] = [],
        configs: [String: String?] = [:],
        validateOnly: Bool = false
    ) throws -> CreateTopicsResponse.CreatableTopicResult {
        let topic = CreateTopicsRequest.CreatableTopic(
            name: name,
            numPartitions: partitions,
            replicationFactor: replicas,
            assignments: assignments.enumerated().map {
                .init(partitionIndex: Int32($0.offset), brokerIds: $0.element)
            },
            configs: configs.map { .init(name: $0.key, value: $0.value) }
        )
        let request = CreateTopicsRequest(topics: [topic], validateOnly: validateOnly)
        let response = try commit(controller.createTopics(request, using: &generator))
        return response.topics[0]
    }

    @discardableResult
    mutating func alter(
        _ kind: ConfigResource.Kind,
        _ name: String,
        _ changes: [(String, Int8, String?)],
        validateOnly: Bool = false
    ) throws -> IncrementalAlterConfigsResponse.AlterConfigsResourceResponse {
        let request = IncrementalAlterConfigsRequest(
            resources: [
                .init(
                    resourceType: kind.rawValue,
                    resourceName: name,
                    configs: changes.map { .init(name: $0.0, configOperation: $0.1, value: $0.2) }
                )
            ],
            validateOnly: validateOnly
        )
        return try commit(controller.incrementalAlterConfigs(request)).responses[0]
    }
}
