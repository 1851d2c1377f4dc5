import KafkaCoordination
import KafkaMessages
import KafkaStorage

/// TxnOffsetCommit (28), versions 0 to 5: stores how far a group has read as part of a transaction.
///
/// 2 leader epochs; 3 flexible, the member is checked; 4 TRANSACTION_ABORTABLE; 5 the group's partition of offsets becomes
/// part of the transaction by this request, where AddOffsetsToTxn did it before (KIP-890 part 2). The offsets count when
/// the transaction commits.
struct TxnOffsetCommitHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(
        _ request: TxnOffsetCommitRequest,
        _ context: RequestContext
    ) async -> Reply<TxnOffsetCommitResponse> {
        let image = core.image
        var known = request
        known.topics = request.topics.filter { image.topics[$0.name] != nil }
        var answers = await commit(known, context.version, image)[...]
        return .respond(
            TxnOffsetCommitResponse(
                topics: request.topics.map { topic in
                    guard image.topics[topic.name] != nil, let answer = answers.popFirst() else {
                        return Self.answer(topic, .unknownTopicOrPartition)
                    }
                    return answer
                }
            )
        )
    }

    private func commit(
        _ request: TxnOffsetCommitRequest,
        _ version: Int16,
        _ image: MetadataImage
    ) async -> [TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic] {
        guard !request.topics.isEmpty else { return [] }
        do throws(CoordinatorError) {
            let shard = try core.groups.shard(member: request.groupId)
            let producer = TransactionalProducer(id: request.producerId, epoch: request.producerEpoch)
            let proof = try await prove(producer, request, shard.log.partition, version)
            let answer = try await shard.perform { groups, nowMs -> CoordinatorResult<TxnOffsetCommitResponse?, _> in
                // Markers come under the same lock: none can end the transaction between this look and the write.
                if case .needed(let held) = proof, !shard.log.partition.holds(held, of: producer) {
                    return CoordinatorResult(answer: nil)
                }
                return groups.commitInTransaction(request, seen: image, nowMs: nowMs).map { $0 }
            }
            guard let answer else { throw CoordinatorError(.invalidTxnState) }
            return answer.topics
        } catch {
            return request.topics.map { Self.answer($0, error.code) }
        }
    }

    /// Whether the producer's transaction holds the group's partition; from version 5 on it is made to.
    private func prove(
        _ producer: TransactionalProducer,
        _ request: TxnOffsetCommitRequest,
        _ partition: Partition,
        _ version: Int16
    ) async throws(CoordinatorError) -> TransactionProof {
        let gate = TransactionGate(core: core)
        guard let question = gate.question(joins: version >= 5) else { return .notNeeded }
        let facts = BatchFacts(transactionOf: producer)
        guard var held = partition.beginTransaction(facts, nowMs: core.clock.nowMs) else { return .needed(nil) }
        let name = partition.topicPartition
        let codes = await gate.ask(
            question,
            request.transactionalId,
            producer,
            PartitionSet([(name.topic, [name.partition])])
        ) {
            held = partition.beginTransaction(facts, nowMs: core.clock.nowMs) ?? held
        }
        let code = codes[name] ?? .none
        guard code != .none else { return .needed(held) }
        if TransactionGate.isFinal(code) { partition.refuseTransaction(of: producer) }
        switch code {
        case .producerFenced: throw CoordinatorError(.invalidProducerEpoch)
        case .transactionAbortable where version < 4: throw CoordinatorError(.invalidTxnState)
        case .notCoordinator, .networkException, .concurrentTransactions:
            // The group's coordinator is the right one: asking again is enough.
            throw CoordinatorError(.coordinatorLoadInProgress)
        default: throw CoordinatorError(code)
        }
    }

    private static func answer(
        _ topic: TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic,
        _ code: ErrorCode
    ) -> TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic {
        TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic(
            name: topic.name,
            partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex, errorCode: code) }
        )
    }
}
