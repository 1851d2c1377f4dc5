import KafkaCoordination
import KafkaMessages

/// DescribeTopicPartitions (75), version 0: topics page by page, so that one answer never holds more partitions than
/// `max.request.partition.size.limit` or the client's own limit.
///
/// Without names all topics are meant. The cursor names the partition with which the next page begins; topics go in
/// order of their names. Never creates topics.
struct DescribeTopicPartitionsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    private typealias Topic = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
    private typealias Line = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition

    let core: BrokerCore

    func handle(
        _ request: DescribeTopicPartitionsRequest,
        _ context: RequestContext
    ) async -> Reply<DescribeTopicPartitionsResponse> {
        let image = core.image
        var response = DescribeTopicPartitionsResponse()
        let asksForAll = request.topics.isEmpty
        let names = Set(asksForAll ? Array(image.topics.keys) : request.topics.map(\.name)).sorted()
        let first = request.cursor?.topicName ?? ""
        let limit = min(
            Int(request.responsePartitionLimit),
            core.brokerInteger("max.request.partition.size.limit", 2000)
        )
        var room = max(1, limit)
        for name in names where name >= first {
            guard let topic = image.topics[name] else {
                let isLegal = TopicName.problem(with: name) == nil
                response.topics.append(Topic(errorCode: isLegal ? .unknownTopicOrPartition : .invalidTopic, name: name))
                continue
            }
            let start = name == first ? max(0, Int(request.cursor?.partitionIndex ?? 0)) : 0
            guard room > 0 else {
                response.nextCursor = .init(topicName: name, partitionIndex: Int32(start))
                break
            }
            let end = min(topic.partitions.count, start + room)
            var answer = Topic(name: name, topicId: topic.id)
            answer.isInternal = TopicName.internal.contains(name)
            answer.topicAuthorizedOperations = BrokerCore.topicOperations
            for index in start..<max(start, end) {
                answer.partitions.append(describe(topic.partitions[index], index, image))
            }
            response.topics.append(answer)
            room -= answer.partitions.count
            if end < topic.partitions.count {
                response.nextCursor = .init(topicName: name, partitionIndex: Int32(end))
                break
            }
        }
        return .respond(response)
    }

    private func describe(_ partition: PartitionImage, _ index: Int, _ image: MetadataImage) -> Line {
        Line(
            errorCode: partition.leader < 0 ? .leaderNotAvailable : .none,
            partitionIndex: Int32(index),
            leaderId: partition.leader,
            leaderEpoch: partition.leaderEpoch,
            replicaNodes: partition.replicas,
            isrNodes: partition.isr,
            eligibleLeaderReplicas: [],
            lastKnownElr: [],
            offlineReplicas: partition.replicas.filter { image.brokers[$0]?.isFenced != false }
        )
    }
}
