import KafkaCoordination
import KafkaMessages

/// AddOffsetsToTxn (25), versions 0 to 4: makes a group's committed offsets part of a producer's transaction.
///
/// 1 nothing new; 2 PRODUCER_FENCED; 3 flexible; 4 TRANSACTION_ABORTABLE.
struct AddOffsetsToTxnHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...4

    let core: BrokerCore

    func handle(
        _ request: AddOffsetsToTxnRequest,
        _ context: RequestContext
    ) async -> Reply<AddOffsetsToTxnResponse> {
        var code = await add(request)
        if context.version < 2, code == .producerFenced { code = .invalidProducerEpoch }
        return .respond(AddOffsetsToTxnResponse(errorCode: code))
    }

    private func add(_ request: AddOffsetsToTxnRequest) async -> ErrorCode {
        let id = request.transactionalId
        guard !id.isEmpty else { return .invalidRequest }
        do throws(CoordinatorError) {
            // Makes the topic of offsets if nobody has committed yet.
            _ = try await core.groups.coordinator(of: request.groupId)
            guard let partition = core.groups.partition(for: request.groupId, core.image) else {
                return .coordinatorNotAvailable
            }
            let partitions = PartitionSet([(core.groups.topic, [partition])])
            let producer = TransactionalProducer(id: request.producerId, epoch: request.producerEpoch)
            return try await core.transactions.shard(for: id).perform { machine, nowMs in
                machine.addPartitions(id, producer, partitions, clientVersion: 0, nowMs: nowMs)
            }
        } catch {
            return error.code
        }
    }
}
