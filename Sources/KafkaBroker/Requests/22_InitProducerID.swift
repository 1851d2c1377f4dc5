import KafkaCoordination
import KafkaMessages

/// InitProducerId (22), versions 0 to 5: an id for an idempotent producer.
///
/// 1 throttle time; 2 flexible; 3 id and epoch of a producer that wants a higher epoch; 4 PRODUCER_FENCED;
/// 5 TRANSACTION_ABORTABLE. An idempotent producer always gets a new id with epoch 0. Left out: transactional ids,
/// which are answered with COORDINATOR_NOT_AVAILABLE as by FindCoordinator.
struct InitProducerIDHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(_ request: InitProducerIdRequest, _ context: RequestContext) async -> Reply<InitProducerIdResponse> {
        var response = InitProducerIdResponse(producerEpoch: -1)
        do throws(PartitionError) {
            if let id = request.transactionalId {
                throw PartitionError(id.isEmpty ? .invalidRequest : .coordinatorNotAvailable)
            }
            response.producerId = try core.producerIDs.next { () throws(PartitionError) in try allocate() }
            response.producerEpoch = 0
        } catch {
            core.note(error, MetadataLog.topicPartition)
            response.errorCode = error.code
        }
        return .respond(response)
    }

    private func allocate() throws(PartitionError) -> AllocateProducerIdsResponse {
        try core.controller.perform { controller, _ in
            let epoch = controller.image.brokers[core.nodeID]?.epoch ?? -1
            return controller.allocateProducerIDs(
                AllocateProducerIdsRequest(brokerId: core.nodeID, brokerEpoch: epoch)
            )
        }
    }
}
