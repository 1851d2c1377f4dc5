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
        let image = core.image
        let wanted = request.topics.map { topics in
            Dictionary(topics.map { ($0.name, Set($0.partitionIndexes)) }) { $0.union($1) }
        }
        var response = ListPartitionReassignmentsResponse()
        for topic in image.topics.values.sorted(by: { $0.name < $1.name }) {
            var ongoing = ListPartitionReassignmentsResponse.OngoingTopicReassignment(name: topic.name)
            for (index, partition) in topic.partitions.enumerated() {
                guard !partition.addingReplicas.isEmpty || !partition.removingReplicas.isEmpty,
                    wanted.map({ $0[topic.name]?.contains(Int32(index)) == true }) ?? true
                else { continue }
                ongoing.partitions.append(
                    ListPartitionReassignmentsResponse.OngoingPartitionReassignment(
                        partitionIndex: Int32(index),
                        replicas: partition.replicas,
                        addingReplicas: partition.addingReplicas,
                        removingReplicas: partition.removingReplicas
                    )
                )
            }
            if !ongoing.partitions.isEmpty { response.topics.append(ongoing) }
        }
        return .respond(response)
    }
}
