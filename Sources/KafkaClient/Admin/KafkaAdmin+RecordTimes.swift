import KafkaMessages
import KafkaWire
import NIOCore

extension KafkaAdmin {
    /// The timestamps of the first records at or after offsets: how old is what a reader would read next.
    ///
    /// Reads the records themselves, about one batch a partition.
    ///
    /// - Returns: milliseconds since 1970, `nil` when no record is there or it has no timestamp, or why it cannot be told,
    ///   by partition.
    public func recordTimestamps(
        at offsets: [TopicPartition: Int64],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [TopicPartition: Result<Int64?, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askLeaders(about: offsets.keys.sorted(), deadline: deadline) {
            [cluster] (node, partitions) async throws(KafkaClientError) in
            var search = RecordSearch(partitions.map { ($0, offsets[$0] ?? 0) })
            while let wanted = search.nextRound() {
                let request = Self.fetch(wanted, partitionBytes: search.partitionBytes)
                let response = try await cluster.send(
                    request,
                    to: .node(node),
                    atMost: FetchExchange.firstVersionWithTopicIDs - 1,
                    deadline: deadline
                )
                for topic in response.responses {
                    for data in topic.partitions {
                        search.take(TopicPartition(topic: topic.topic, partition: data.partitionIndex), data)
                    }
                }
            }
            return search.results
        }
    }

    private static func fetch(
        _ wanted: [(partition: TopicPartition, offset: Int64)],
        partitionBytes: Int32
    ) -> FetchRequest {
        var request = FetchRequest()
        request.maxWaitMs = 0
        request.minBytes = 1
        request.maxBytes = RecordSearch.answerBytes
        // No session is wanted.
        request.sessionEpoch = -1
        request.topics = grouped(wanted, by: \.partition.topic).map { name, targets in
            var topic = FetchRequest.FetchTopic()
            topic.topic = name
            topic.partitions = targets.map { target in
                var partition = FetchRequest.FetchPartition()
                partition.partition = target.partition.partition
                partition.fetchOffset = target.offset
                partition.partitionMaxBytes = partitionBytes
                return partition
            }
            return topic
        }
        return request
    }
}

/// The search of one broker's partitions for their next records, round by round.
///
/// A broker fills an answer up to its limit and gives at least one batch of the first partition that has one, so what is
/// still wanted is asked for again, with more room, as long as every round brings something.
private struct RecordSearch {
    static let answerBytes: Int32 = 16 << 20
    private static let decompressionLimit = 64 << 20

    private var pending: [(partition: TopicPartition, offset: Int64)]
    private var isFirstRound = true
    private var madeProgress = true
    private(set) var results: [TopicPartition: Result<Int64?, KafkaClientError>] = [:]

    init(_ offsets: [(TopicPartition, Int64)]) {
        pending = offsets.map { (partition: $0.0, offset: $0.1) }
    }

    /// Most batches are smaller than the first value, and nearly all than the second.
    var partitionBytes: Int32 { isFirstRound ? 1 << 16 : 2 << 20 }

    /// What to ask for now; `nil` at the end, when a partition without a result has no record to read.
    mutating func nextRound() -> [(partition: TopicPartition, offset: Int64)]? {
        pending.removeAll { results[$0.partition] != nil }
        guard !pending.isEmpty, madeProgress else {
            for item in pending {
                results[item.partition] = .success(nil)
            }
            return nil
        }
        if !results.isEmpty { isFirstRound = false }
        madeProgress = false
        return pending
    }

    mutating func take(_ partition: TopicPartition, _ data: FetchResponse.PartitionData) {
        guard let index = pending.firstIndex(where: { $0.partition == partition }), results[partition] == nil else {
            return
        }
        guard data.errorCode == .none else {
            madeProgress = true
            guard data.errorCode == .offsetOutOfRange, data.logStartOffset > pending[index].offset else {
                results[partition] = .failure(
                    KafkaClientError(
                        "The record at offset \(pending[index].offset) of \(partition) cannot be read",
                        data.errorCode
                    )
                )
                return
            }
            // Retention has taken the record: a reader would go on with the first that is left.
            pending[index].offset = data.logStartOffset
            return
        }
        guard case .bytes(let records)? = data.records, records.readableBytes > 0 else { return }
        do throws(RecordError) {
            var batches = RecordBatchSequence(records)
            while let batch = try batches.next() {
                guard batch.header.nextOffset > pending[index].offset else { continue }
                madeProgress = true
                if let timestamp = try timestamp(in: batch, from: pending[index].offset) {
                    results[partition] = .success(timestamp >= 0 ? timestamp : nil)
                    return
                }
                pending[index].offset = batch.header.nextOffset
            }
        } catch {
            results[partition] = .failure(.corrupt(partition, at: pending[index].offset, error))
        }
    }

    private func timestamp(in batch: RecordBatchView, from offset: Int64) throws(RecordError) -> Int64? {
        guard !batch.header.isControl, batch.header.recordCount != 0 else { return nil }
        var records = try batch.records(decompressionLimit: Self.decompressionLimit)
        while let record = try records.next() {
            if record.offset >= offset { return record.timestampMs }
        }
        return nil
    }
}
