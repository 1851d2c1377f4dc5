import KafkaCoordination
import KafkaMessages

/// InitProducerId (22), versions 0 to 5: an id and epoch for an idempotent or transactional producer.
///
/// 1 throttle time; 2 flexible; 3 id and epoch of a producer that goes on after an error (KIP-360); 4 PRODUCER_FENCED;
/// 5 TRANSACTION_ABORTABLE. An idempotent producer always gets a new id with epoch 0. Left out: version 6, two-phase
/// commit.
struct InitProducerIDHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(_ request: InitProducerIdRequest, _ context: RequestContext) async -> Reply<InitProducerIdResponse> {
        var response = InitProducerIdResponse(producerEpoch: -1)
        do throws(CoordinatorError) {
            let producer =
                if let id = request.transactionalId {
                    try await begin(id, request)
                } else {
                    TransactionalProducer(id: try await core.freshProducerID(), epoch: 0)
                }
            response.producerId = producer.id
            response.producerEpoch = producer.epoch
        } catch {
            let isOld = context.version < 4 && error.code == .producerFenced
            response.errorCode = isOld ? .invalidProducerEpoch : error.code
        }
        return .respond(response)
    }

    private func begin(
        _ id: String,
        _ request: InitProducerIdRequest
    ) async throws(CoordinatorError) -> TransactionalProducer {
        guard !id.isEmpty, (request.producerId == -1) == (request.producerEpoch == -1) else {
            throw CoordinatorError(.invalidRequest)
        }
        let expected =
            request.producerId == -1
            ? nil : TransactionalProducer(id: request.producerId, epoch: request.producerEpoch)
        let shard = try core.transactions.shard(for: id)
        var freshID: Int64?
        while true {
            let answer = try await shard.perform { [freshID] machine, nowMs in
                machine.initProducer(
                    id,
                    timeoutMs: request.transactionTimeoutMs,
                    expected: expected,
                    freshID: freshID,
                    nowMs: nowMs
                )
            }
            switch answer {
            case .granted(let producer): return producer
            case .refused(let code): throw CoordinatorError(code)
            case .needsProducerID: freshID = try await core.freshProducerID()
            }
        }
    }
}

extension BrokerCore {
    /// A producer id that was never given out before.
    func freshProducerID() async throws(CoordinatorError) -> Int64 {
        do throws(PartitionError) {
            return try await producerIDs.next { () async throws(PartitionError) in
                try await controller.send(
                    AllocateProducerIdsRequest(brokerId: nodeID, brokerEpoch: brokerEpoch.value)
                )
            }
        } catch {
            note(error, MetadataLog.topicPartition)
            throw CoordinatorError(error.code, error.message)
        }
    }
}
