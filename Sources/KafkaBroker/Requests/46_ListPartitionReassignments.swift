import KafkaCoordination
import KafkaMessages

/// ListPartitionReassignments (46), version 0: partitions whose replicas are being moved.
struct ListPartitionReassignmentsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: BrokerCore

    func handle(
        _ request: ListPartitionReassignmentsRequest,
        _ context: RequestContext
    ) async -> Reply<ListPartitionReassignmentsResponse> {
        .respond(core.image.reassignments(request))
    }
}
