import KafkaMessages
import KafkaStorage

/// DescribeLogDirs (35), versions 1 to 4: how much the partitions take up, and how much room there is.
///
/// 2 flexible; 3 error at the top; 4 size of the volume and free bytes.
struct DescribeLogDirsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...4

    let core: BrokerCore

    func handle(_ request: DescribeLogDirsRequest, _ context: RequestContext) async -> Reply<DescribeLogDirsResponse> {
        var wanted: Set<TopicPartition>?
        if let topics = request.topics {
            wanted = Set(
                topics.flatMap { topic in
                    topic.partitions.map { TopicPartition(topic: topic.topic, partition: $0) }
                }
            )
        }
        var byTopic: [String: [DescribeLogDirsResponse.DescribeLogDirsPartition]] = [:]
        for partition in core.partitions.all where wanted?.contains(partition.topicPartition) ?? true {
            byTopic[partition.topicPartition.topic, default: []].append(
                DescribeLogDirsResponse.DescribeLogDirsPartition(
                    partitionIndex: partition.topicPartition.partition,
                    partitionSize: partition.log.size,
                    offsetLag: max(0, partition.log.logEndOffset - partition.highWatermark)
                )
            )
        }
        var result = DescribeLogDirsResponse.DescribeLogDirsResult(logDir: core.partitions.directory.path)
        result.topics = byTopic.sorted { $0.key < $1.key }.map { name, partitions in
            DescribeLogDirsResponse.DescribeLogDirsTopic(
                name: name,
                partitions: partitions.sorted { $0.partitionIndex < $1.partitionIndex }
            )
        }
        if let space = VolumeSpace(path: core.partitions.directory.path) {
            result.totalBytes = space.total
            result.usableBytes = space.usable
        }
        var response = DescribeLogDirsResponse()
        response.results = [result]
        return .respond(response)
    }
}
