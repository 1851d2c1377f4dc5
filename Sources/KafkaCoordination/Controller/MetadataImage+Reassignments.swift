package import KafkaMessages

extension MetadataImage {
    /// The moves that are under way, of the partitions that are asked about.
    package func reassignments(
        _ request: ListPartitionReassignmentsRequest
    ) -> ListPartitionReassignmentsResponse {
        let wanted = request.topics.map { topics in
            Dictionary(topics.map { ($0.name, Set($0.partitionIndexes)) }) { $0.union($1) }
        }
        var response = ListPartitionReassignmentsResponse()
        for topic in topics.values.sorted(by: { $0.name < $1.name }) {
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
        return response
    }
}
