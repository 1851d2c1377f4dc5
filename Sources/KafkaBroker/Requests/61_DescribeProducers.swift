import KafkaCoordination
import KafkaMessages
import KafkaStorage

/// DescribeProducers (61), version 0: who wrote to partitions lately, and whose transactions are open there.
struct DescribeProducersHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(
        _ request: DescribeProducersRequest,
        _ context: RequestContext
    ) async -> Reply<DescribeProducersResponse> {
        var response = DescribeProducersResponse()
        response.topics = request.topics.map { topic in
            .init(name: topic.name, partitions: topic.partitionIndexes.map { describe(topic.name, $0) })
        }
        return .respond(response)
    }

    private func describe(_ topic: String, _ number: Int32) -> DescribeProducersResponse.PartitionResponse {
        var answer = DescribeProducersResponse.PartitionResponse()
        answer.partitionIndex = number
        do throws(PartitionError) {
            let partition = try core.partition(topic, number)
            answer.activeProducers = partition.log.producers.sorted { $0.key < $1.key }.map { id, state in
                DescribeProducersResponse.ProducerState(
                    producerId: id,
                    producerEpoch: Int32(state.epoch),
                    lastSequence: state.lastSequence,
                    lastTimestamp: state.lastTimestamp,
                    coordinatorEpoch: state.coordinatorEpoch,
                    currentTxnStartOffset: state.transactionFirstOffset ?? -1
                )
            }
        } catch {
            answer.errorCode = error.code
            answer.errorMessage = error.message
        }
        return answer
    }
}
