import KafkaCoordination
import KafkaMessages

/// EndTxn (26), versions 0 to 5: a producer commits or aborts its transaction.
///
/// 1 nothing new; 2 PRODUCER_FENCED; 3 flexible; 4 TRANSACTION_ABORTABLE; 5 every end raises the epoch, which the answer
/// tells (KIP-890 part 2). Answered once the decision is safe; the markers follow.
struct EndTxnHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(_ request: EndTxnRequest, _ context: RequestContext) async -> Reply<EndTxnResponse> {
        var response = EndTxnResponse()
        do throws(CoordinatorError) {
            let producer = try await end(request, raisesEpoch: context.version >= 5)
            if context.version >= 5 {
                response.producerId = producer.id
                response.producerEpoch = producer.epoch
            }
        } catch {
            let isOld = context.version < 2 && error.code == .producerFenced
            response.errorCode = isOld ? .invalidProducerEpoch : error.code
        }
        return .respond(response)
    }

    private func end(
        _ request: EndTxnRequest,
        raisesEpoch: Bool
    ) async throws(CoordinatorError) -> TransactionalProducer {
        let id = request.transactionalId
        guard !id.isEmpty else { throw CoordinatorError(.invalidRequest) }
        let shard = try core.transactions.shard(for: id)
        let producer = TransactionalProducer(id: request.producerId, epoch: request.producerEpoch)
        var freshID: Int64?
        while true {
            let answer = try await shard.perform { [freshID] machine, nowMs in
                machine.endTransaction(
                    id,
                    producer,
                    isCommit: request.committed,
                    raisesEpoch: raisesEpoch,
                    freshID: freshID,
                    nowMs: nowMs
                )
            }
            switch answer {
            case .ended(let next): return next
            case .refused(let code): throw CoordinatorError(code)
            case .needsProducerID: freshID = try await core.freshProducerID()
            }
        }
    }
}
