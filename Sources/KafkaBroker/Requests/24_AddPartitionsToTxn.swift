import KafkaCoordination
import KafkaMessages

/// AddPartitionsToTxn (24), versions 0 to 5: makes partitions part of a producer's transaction.
///
/// 1 nothing new; 2 PRODUCER_FENCED; 3 flexible, the last one for clients; 4 from partitions' leaders: several
/// transactions at once, or only whether the partitions are part of them (KIP-890); 5 nothing new.
struct AddPartitionsToTxnHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    typealias Topic = AddPartitionsToTxnRequest.AddPartitionsToTxnTopic
    typealias Transaction = AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction

    let core: BrokerCore

    func handle(
        _ request: AddPartitionsToTxnRequest,
        _ context: RequestContext
    ) async -> Reply<AddPartitionsToTxnResponse> {
        var response = AddPartitionsToTxnResponse()
        guard context.version <= 3 else {
            for transaction in request.transactions {
                response.resultsByTransaction.append(await answer(to: transaction))
            }
            return .respond(response)
        }
        let producer = TransactionalProducer(id: request.v3AndBelowProducerId, epoch: request.v3AndBelowProducerEpoch)
        let topics = request.v3AndBelowTopics
        let unknown = unknownPartitions(topics)
        guard unknown.isEmpty else {
            response.resultsByTopicV3AndBelow = Self.results(topics) { topic, partition in
                unknown.contains(topic, partition) ? .unknownTopicOrPartition : .operationNotAttempted
            }
            return .respond(response)
        }
        var code = await add(topics, to: request.v3AndBelowTransactionalId, producer, clientVersion: 0)
        if context.version < 2, code == .producerFenced { code = .invalidProducerEpoch }
        response.resultsByTopicV3AndBelow = Self.results(topics) { _, _ in code }
        return .respond(response)
    }

    /// What a partition's leader asks for one transaction.
    func answer(to transaction: Transaction) async -> AddPartitionsToTxnResponse.AddPartitionsToTxnResult {
        let producer = TransactionalProducer(id: transaction.producerId, epoch: transaction.producerEpoch)
        let results: [AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult]
        if transaction.verifyOnly {
            let (code, members) = await verify(transaction.transactionalId, producer)
            results = Self.results(transaction.topics) { topic, partition in
                if code != .none { return code }
                return members.contains(topic, partition) ? .none : .transactionAbortable
            }
        } else {
            let unknown = unknownPartitions(transaction.topics)
            let code =
                unknown.isEmpty
                ? await add(transaction.topics, to: transaction.transactionalId, producer, clientVersion: 2)
                : .operationNotAttempted
            results = Self.results(transaction.topics) { topic, partition in
                unknown.contains(topic, partition) ? .unknownTopicOrPartition : code
            }
        }
        return .init(transactionalId: transaction.transactionalId, topicResults: results)
    }

    private func add(
        _ topics: [Topic],
        to id: String,
        _ producer: TransactionalProducer,
        clientVersion: Int16
    ) async -> ErrorCode {
        guard !id.isEmpty else { return .invalidRequest }
        let partitions = PartitionSet(topics.lazy.map { ($0.name, $0.partitions) })
        do throws(CoordinatorError) {
            return try await core.transactions.shard(for: id).perform { machine, nowMs in
                machine.addPartitions(id, producer, partitions, clientVersion: clientVersion, nowMs: nowMs)
            }
        } catch {
            return error.code
        }
    }

    private func verify(
        _ id: String,
        _ producer: TransactionalProducer
    ) async -> (code: ErrorCode, partitions: PartitionSet) {
        guard !id.isEmpty else { return (.invalidRequest, PartitionSet()) }
        do throws(CoordinatorError) {
            return try await core.transactions.shard(for: id).perform { machine, _ in
                TransactionResult(answer: machine.verify(id, producer))
            }
        } catch {
            return (error.code, PartitionSet())
        }
    }

    private func unknownPartitions(_ topics: [Topic]) -> PartitionSet {
        let image = core.image
        var unknown = PartitionSet()
        for topic in topics {
            let count = image.topics[topic.name]?.partitions.count ?? 0
            for partition in topic.partitions where !(0..<count).contains(Int(partition)) {
                unknown.insert(topic.name, partition)
            }
        }
        return unknown
    }

    private static func results(
        _ topics: [Topic],
        _ code: (String, Int32) -> ErrorCode
    ) -> [AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult] {
        topics.map { topic in
            .init(
                name: topic.name,
                resultsByPartition: topic.partitions.map {
                    .init(partitionIndex: $0, partitionErrorCode: code(topic.name, $0))
                }
            )
        }
    }
}
