import KafkaMessages
import KafkaWire

extension OutgoingBatch {
    /// Compresses and checksums what was laid, or gives a batch that is sent again its present numbers.
    mutating func seal() throws(RecordError) {
        let id = stamp?.identity.id ?? -1
        let epoch = stamp?.identity.epoch ?? -1
        let sequence = stamp?.baseSequence ?? -1
        switch contents {
        case .laid(var builder):
            contents = .sealed(
                try builder.finish(
                    producerId: id,
                    producerEpoch: epoch,
                    baseSequence: sequence,
                    isTransactional: isTransactional
                )
            )
        case .sealed(var bytes):
            let header = try RecordBatchView(bytes).header
            guard header.producerId != id || header.producerEpoch != epoch || header.baseSequence != sequence else {
                return
            }
            try RecordBatchView.patch(producerId: id, producerEpoch: epoch, baseSequence: sequence, in: &bytes)
            contents = .sealed(bytes)
        }
    }
}

extension ProduceRequest {
    /// A request with sealed batches, those of a topic together.
    init(_ batches: [OutgoingBatch], transactionalID: String?, acks: Acknowledgements, timeout: Duration) {
        self.init(transactionalId: transactionalID, acks: acks.rawValue, timeoutMs: timeout.milliseconds32)
        var places: [String: Int] = [:]
        for batch in batches {
            guard case .sealed(let bytes) = batch.contents else { continue }
            let topic = batch.partition.topic
            let place = places[topic] ?? topicData.count
            if place == topicData.count {
                topicData.append(TopicProduceData(name: topic))
                places[topic] = place
            }
            topicData[place].partitionData.append(
                PartitionProduceData(index: batch.partition.partition, records: .bytes(bytes))
            )
        }
    }
}

extension ProduceResponse {
    /// What the response says about one batch.
    ///
    /// - Parameter node: who answered.
    func answer(to batch: OutgoingBatch, from node: Int32) -> BatchAnswer {
        let partition = responses.lazy
            .filter { $0.name == batch.partition.topic }
            .compactMap { topic in topic.partitionResponses.first { $0.index == batch.partition.partition } }
            .first
        guard let partition else {
            return .lost(
                KafkaClientError(
                    .protocolViolation,
                    "Broker \(node) answered a Produce request without a word about \(batch.partition)."
                )
            )
        }
        guard partition.errorCode == .none else {
            let leader = partition.currentLeader.leaderId
            return .refused(
                partition.errorCode,
                message: partition.detail,
                hasNewLeader: leader >= 0 && leader != node
            )
        }
        return .written(
            WrittenBatch(baseOffset: partition.baseOffset, logAppendTimeMs: partition.logAppendTimeMs)
        )
    }
}

extension ProduceResponse.PartitionProduceResponse {
    /// The broker's own words, with the first bad record where it names one.
    var detail: String? {
        guard let first = recordErrors.first else { return errorMessage }
        let words = first.batchIndexErrorMessage ?? errorMessage ?? "refused"
        return "record \(first.batchIndex) of the batch: \(words)"
    }
}

extension KafkaClientError {
    static func connectionLost(_ node: Int32) -> KafkaClientError {
        KafkaClientError(.connectionFailed, "The connection to broker \(node) was lost before a request was sent.")
    }
}
