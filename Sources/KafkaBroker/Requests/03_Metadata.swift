import KafkaCoordination
import KafkaMessages
import KafkaWire

/// Metadata (3), versions 0 to 12: brokers, controller, topics and who leads their partitions.
///
/// 0 an empty list is all topics; 1 null is all, an empty list none; rack, controller, internal topics; 2 cluster id;
/// 3 throttle time; 4 auto-creation can be switched off; 5 offline replicas; 7 leader epochs; 8 authorized operations;
/// 9 flexible; 10 topic ids; 11 cluster operations moved to DescribeCluster; 12 topics by id.
/// An auto-created topic is there when the answer says so, with its leader. Left out: per-listener leaders, since there
/// is one listener.
struct MetadataHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...12

    let core: BrokerCore

    func handle(_ request: MetadataRequest, _ context: RequestContext) async -> Reply<MetadataResponse> {
        var response = MetadataResponse()
        var image = core.image
        let asksForAll = request.topics == nil || (context.version == 0 && request.topics?.isEmpty == true)
        if !asksForAll, context.version < 4 || request.allowAutoTopicCreation {
            let missing = (request.topics ?? []).compactMap(\.name).filter { image.topics[$0] == nil }
            if !missing.isEmpty, core.brokerFlag("auto.create.topics.enable") {
                for refused in await create(Set(missing)) { response.topics.append(refused) }
                image = core.image
            }
        }
        response.brokers = image.brokers.values.filter { !$0.isFenced }.sorted { $0.id < $1.id }.map(describe)
        response.clusterId = core.clusterID
        response.controllerId = core.nodeID
        if asksForAll {
            for topic in image.topics.values.sorted(by: { $0.name < $1.name }) {
                response.topics.append(describe(topic, image, request))
            }
        } else {
            let refused = Set(response.topics.map(\.name))
            for wanted in request.topics ?? [] where wanted.name.map(refused.contains) != true {
                response.topics.append(find(wanted, image, request, context.version))
            }
        }
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = BrokerCore.clusterOperations
        }
        return .respond(response)
    }

    /// Creates topics with the defaults; returns those that were refused.
    private func create(_ names: Set<String>) async -> [MetadataResponse.MetadataResponseTopic] {
        var request = CreateTopicsRequest()
        let view = core.metadata.view
        request.topics = names.sorted().map {
            InternalTopics.creation(of: $0, view.image, view.resolver)
                ?? CreateTopicsRequest.CreatableTopic(name: $0, numPartitions: -1, replicationFactor: -1)
        }
        var refused: [MetadataResponse.MetadataResponseTopic] = []
        do {
            let response = try await core.controller.send(request)
            for topic in response.topics where topic.errorCode != .none && topic.errorCode != .topicAlreadyExists {
                let code = topic.errorCode == .invalidTopic ? topic.errorCode : .leaderNotAvailable
                refused.append(missing(name: topic.name, code))
            }
        } catch {
            core.note(error, MetadataLog.topicPartition)
            refused = request.topics.map { missing(name: $0.name, .leaderNotAvailable) }
        }
        return refused
    }

    private func find(
        _ wanted: MetadataRequest.MetadataRequestTopic,
        _ image: MetadataImage,
        _ request: MetadataRequest,
        _ version: Int16
    ) -> MetadataResponse.MetadataResponseTopic {
        if wanted.topicId != .zero {
            if let topic = image.topic(id: wanted.topicId) { return describe(topic, image, request) }
            var unknown = missing(name: version >= 12 ? nil : "", .unknownTopicId)
            unknown.topicId = wanted.topicId
            return unknown
        }
        let name = wanted.name ?? ""
        if let topic = image.topics[name] { return describe(topic, image, request) }
        return missing(name: name, TopicName.problem(with: name) == nil ? .unknownTopicOrPartition : .invalidTopic)
    }

    private func missing(name: String?, _ code: ErrorCode) -> MetadataResponse.MetadataResponseTopic {
        MetadataResponse.MetadataResponseTopic(errorCode: code, name: name)
    }

    private func describe(_ broker: BrokerRegistration) -> MetadataResponse.MetadataResponseBroker {
        MetadataResponse.MetadataResponseBroker(
            nodeId: broker.id,
            host: broker.endpoints.first?.host ?? "",
            port: Int32(broker.endpoints.first?.port ?? 0),
            rack: broker.rack
        )
    }

    private func describe(
        _ topic: TopicImage,
        _ image: MetadataImage,
        _ request: MetadataRequest
    ) -> MetadataResponse.MetadataResponseTopic {
        var answer = MetadataResponse.MetadataResponseTopic(name: topic.name, topicId: topic.id)
        answer.isInternal = TopicName.internal.contains(topic.name)
        answer.partitions = topic.partitions.enumerated().map { index, partition in
            // Nobody is sent to a leader whose address is not told.
            let isLed = image.brokers[partition.leader]?.isFenced == false
            return MetadataResponse.MetadataResponsePartition(
                errorCode: isLed ? .none : .leaderNotAvailable,
                partitionIndex: Int32(index),
                leaderId: isLed ? partition.leader : -1,
                leaderEpoch: partition.leaderEpoch,
                replicaNodes: partition.replicas,
                isrNodes: partition.isr,
                offlineReplicas: partition.replicas.filter { replica in
                    guard let broker = image.brokers[replica], !broker.isFenced else { return true }
                    return !partition.isOnline(on: replica, directories: broker.directories)
                }
            )
        }
        if request.includeTopicAuthorizedOperations { answer.topicAuthorizedOperations = BrokerCore.topicOperations }
        return answer
    }
}
