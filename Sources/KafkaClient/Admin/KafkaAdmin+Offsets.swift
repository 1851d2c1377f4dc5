import KafkaMessages

/// Which offset of a partition to tell.
public enum OffsetSpec: Hashable, Sendable {
    /// The first record that is still there.
    case earliest
    /// The end: the offset that the next record will get, as far as consumers may see.
    case latest
    /// The record with the largest timestamp.
    case maxTimestamp
    /// The first record on the broker's own disks, tiered storage left out.
    case earliestLocal
    /// The last record in tiered storage.
    case latestTiered
    /// The first record whose timestamp is this or later, in milliseconds since 1970.
    case timestamp(Int64)

    var timestamp: Int64 {
        switch self {
        case .earliest: OffsetQuery.Timestamp.earliest
        case .latest: OffsetQuery.Timestamp.latest
        case .maxTimestamp: OffsetQuery.Timestamp.maxTimestamp
        case .earliestLocal: OffsetQuery.Timestamp.earliestLocal
        case .latestTiered: OffsetQuery.Timestamp.latestTiered
        case .timestamp(let ms): max(0, ms)
        }
    }
}

/// An offset that a leader told.
public struct PartitionOffset: Hashable, Sendable {
    /// The offset; `nil` when there is no such record.
    public var offset: Int64?
    /// The record's timestamp in milliseconds since 1970; `nil` unless a time was asked for.
    public var timestampMs: Int64?
    /// The leader epoch of the record; `nil` when unknown.
    public var leaderEpoch: Int32?
}

extension KafkaAdmin {
    /// Offsets of partitions, asked of all leaders at once.
    ///
    /// - Returns: the offset, or why it cannot be told, by partition.
    public func listOffsets(
        _ specs: [TopicPartition: OffsetSpec],
        isolationLevel: IsolationLevel = .readUncommitted,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<PartitionOffset, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askLeaders(about: specs.keys.sorted(), deadline: deadline) {
            [cluster] (node, partitions) async throws(KafkaClientError) in
            let queries = partitions.map { partition in
                OffsetQuery(partition: partition, timestamp: specs[partition]?.timestamp ?? OffsetSpec.latest.timestamp)
            }
            let answers = try await cluster.offsets(
                of: queries,
                from: node,
                isolationLevel: isolationLevel,
                deadline: deadline
            )
            return answers.reduce(into: [:]) { results, answer in
                results[answer.key] =
                    answer.value.error == .none
                    ? .success(PartitionOffset(answer.value))
                    : .failure(KafkaClientError("The offset of \(answer.key) cannot be told", answer.value.error))
            }
        }
    }

    /// Deletes the records of partitions below an offset.
    ///
    /// - Parameter offsets: the first offset to keep, -1 for the end (the high watermark), by partition.
    /// - Returns: the first offset that is now left, or why nothing was deleted, by partition.
    public func deleteRecords(
        below offsets: [TopicPartition: Int64],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Int64, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askLeaders(about: offsets.keys.sorted(), deadline: deadline) {
            [cluster] (node, partitions) async throws(KafkaClientError) in
            var request = DeleteRecordsRequest()
            request.timeoutMs = min(cluster.configuration.request.timeout, deadline.remaining).milliseconds32
            request.topics = grouped(partitions, by: \.topic).map { name, partitions in
                var topic = DeleteRecordsRequest.DeleteRecordsTopic()
                topic.name = name
                topic.partitions = partitions.map { partition in
                    var item = DeleteRecordsRequest.DeleteRecordsPartition()
                    item.partitionIndex = partition.partition
                    item.offset = offsets[partition] ?? -1
                    return item
                }
                return topic
            }
            let response = try await cluster.send(request, to: .node(node), deadline: deadline)
            var results: [TopicPartition: Result<Int64, KafkaClientError>] = [:]
            for topic in response.topics {
                for item in topic.partitions {
                    let partition = TopicPartition(topic: topic.name, partition: item.partitionIndex)
                    results[partition] =
                        item.errorCode == .none
                        ? .success(item.lowWatermark)
                        : .failure(KafkaClientError("Records of \(partition) were not deleted", item.errorCode))
                }
            }
            return results
        }
    }
}

extension PartitionOffset {
    init(_ answer: OffsetAnswer) {
        self.init(
            offset: answer.offset >= 0 ? answer.offset : nil,
            timestampMs: answer.timestamp >= 0 ? answer.timestamp : nil,
            leaderEpoch: answer.leaderEpoch >= 0 ? answer.leaderEpoch : nil
        )
    }
}
