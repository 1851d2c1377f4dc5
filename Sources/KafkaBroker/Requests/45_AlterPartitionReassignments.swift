import KafkaCoordination
import KafkaMessages

/// AlterPartitionReassignments (45), versions 0 and 1: moves partitions to other brokers, or takes moves back.
///
/// 1 whether the number of replicas may change.
struct AlterPartitionReassignmentsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: AlterPartitionReassignmentsRequest,
        _ context: RequestContext
    ) async -> Reply<AlterPartitionReassignmentsResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            return .respond(AlterPartitionReassignmentsResponse(errorCode: error.code, errorMessage: error.message))
        }
    }
}
