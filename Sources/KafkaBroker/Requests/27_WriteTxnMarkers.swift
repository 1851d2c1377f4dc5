import KafkaCoordination
import KafkaMessages
import KafkaWire

/// WriteTxnMarkers (27), version 1: a transaction coordinator, or an administrator, ends transactions in partitions that
/// this broker leads.
///
/// 1 flexible. Left out: version 2, which tells the client's `transaction.version`.
struct WriteTxnMarkersHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...1

    let core: BrokerCore

    func handle(
        _ request: WriteTxnMarkersRequest,
        _ context: RequestContext
    ) async -> Reply<WriteTxnMarkersResponse> {
        var response = WriteTxnMarkersResponse()
        for marker in request.markers {
            var result = WriteTxnMarkersResponse.WritableTxnMarkerResult(producerId: marker.producerId)
            let end = EndTransactionMarker(
                isCommit: marker.transactionResult,
                coordinatorEpoch: marker.coordinatorEpoch
            )
            let producer = TransactionalProducer(id: marker.producerId, epoch: marker.producerEpoch)
            for topic in marker.topics {
                var answer = WriteTxnMarkersResponse.WritableTxnMarkerTopicResult(name: topic.name)
                for partition in topic.partitionIndexes {
                    let code =
                        producer.id < 0 || producer.epoch < 0
                        ? ErrorCode.invalidRequest
                        : await core.markers.writeHere(end, of: producer, topic.name, partition)
                    answer.partitions.append(.init(partitionIndex: partition, errorCode: code))
                }
                result.topics.append(answer)
            }
            response.markers.append(result)
        }
        return .respond(response)
    }
}
