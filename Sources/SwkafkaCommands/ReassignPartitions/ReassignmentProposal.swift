import KafkaClient
import KafkaCoordination

/// What `--generate` proposes: the replicas of each topic spread anew, as if it were created now.
enum ReassignmentProposal {
    /// - Parameters:
    ///   - current: all partitions of the topics, as they are.
    ///   - nodes: the brokers to use.
    static func make(
        _ current: [TopicPartition: [Int32]],
        nodes: [Node],
        usesRacks: Bool
    ) throws(CommandFailure) -> [TopicPartition: [Int32]] {
        var generator = SystemRandomNumberGenerator()
        var proposed: [TopicPartition: [Int32]] = [:]
        for (topic, partitions) in Dictionary(grouping: current, by: \.key.topic).sorted(by: { $0.key < $1.key }) {
            let sorted = partitions.sorted { $0.key < $1.key }
            let factor = sorted.first?.value.count ?? 1
            var placer = ReplicaPlacer(
                brokers: nodes.map { ReplicaPlacer.Broker(id: $0.id, rack: usesRacks ? $0.rack : nil) },
                using: &generator
            )
            do throws(ReplicaPlacer.Failure) {
                let places = try placer.place(partitions: sorted.count, replicationFactor: factor)
                for (partition, replicas) in zip(sorted, places) { proposed[partition.key] = replicas }
            } catch {
                throw CommandFailure(
                    "Replication factor: \(factor) of topic \(topic) is larger than the number of available brokers: "
                        + "\(nodes.count)."
                )
            }
        }
        return proposed
    }
}
