import KafkaMessages
import KafkaStorage

/// DescribeLogDirs (35), versions 1 to 4: how much the partitions of each directory take up, how much room
/// there is, and which directories are offline.
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
        var response = DescribeLogDirsResponse()
        response.results = core.partitions.directories.online.map { directory in describe(directory, wanted) }
        for offline in core.partitions.directories.offline {
            var result = DescribeLogDirsResponse.DescribeLogDirsResult(logDir: offline.path)
            result.errorCode = .kafkaStorageError
            response.results.append(result)
        }
        return .respond(response)
    }

    private func describe(
        _ directory: LogDirectory,
        _ wanted: Set<TopicPartition>?
    ) -> DescribeLogDirsResponse.DescribeLogDirsResult {
        var byTopic: [String: [DescribeLogDirsResponse.DescribeLogDirsPartition]] = [:]
        for partition in core.partitions.all where wanted?.contains(partition.topicPartition) ?? true {
            guard directory.log(for: partition.topicPartition) === partition.log else { continue }
            byTopic[partition.topicPartition.topic, default: []].append(
                DescribeLogDirsResponse.DescribeLogDirsPartition(
                    partitionIndex: partition.topicPartition.partition,
                    partitionSize: partition.log.size,
                    offsetLag: max(0, partition.log.logEndOffset - partition.highWatermark)
                )
            )
        }
        var result = DescribeLogDirsResponse.DescribeLogDirsResult(logDir: directory.path)
        result.topics = byTopic.sorted { $0.key < $1.key }.map { name, partitions in
            DescribeLogDirsResponse.DescribeLogDirsTopic(
                name: name,
                partitions: partitions.sorted { $0.partitionIndex < $1.partitionIndex }
            )
        }
        if let space = VolumeSpace(path: directory.path) {
            result.totalBytes = space.total
            result.usableBytes = space.usable
        }
        return result
    }
}
