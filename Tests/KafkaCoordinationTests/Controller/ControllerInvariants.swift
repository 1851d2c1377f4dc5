import KafkaWire
import Testing

@testable import KafkaCoordination

/// What has to hold of the metadata after every step of a schedule, whatever the step was.
struct ControllerInvariants {
    private struct Key: Hashable {
        let topic: KafkaUUID
        let index: Int
    }

    private struct Past {
        var partition: PartitionImage
        /// By leader epoch.
        var leaders: [Int32: Int32] = [:]
    }

    private var past: [Key: Past] = [:]

    /// - Parameter allowsUnclean: whether the topic may be led by a replica that was not in sync.
    mutating func check(_ image: MetadataImage, _ seed: UInt64, allowsUnclean: (String) -> Bool = { _ in true }) {
        #expect(image.topicNames.count == image.topics.count)
        var seen: Set<Key> = []
        for topic in image.topics.values {
            for (index, partition) in topic.partitions.enumerated() {
                let key = Key(topic: topic.id, index: index)
                seen.insert(key)
                let place = Comment(rawValue: "seed \(seed), \(topic.name)-\(index): \(partition)")
                checkAlone(partition, image, place)
                if let before = past[key] { checkStep(before, partition, allowsUnclean(topic.name), place) }
                var now = past[key] ?? Past(partition: partition)
                now.partition = partition
                now.leaders[partition.leaderEpoch] = partition.leader
                past[key] = now
            }
        }
        past = past.filter { seen.contains($0.key) }
    }

    private func checkAlone(_ partition: PartitionImage, _ image: MetadataImage, _ place: Comment) {
        #expect(!partition.isr.isEmpty, place)
        #expect(Set(partition.isr).isSubset(of: partition.replicas), place)
        #expect(Set(partition.isr).count == partition.isr.count, place)
        #expect(Set(partition.replicas).count == partition.replicas.count, place)
        #expect(partition.directories.count == partition.replicas.count, place)
        #expect(Set(partition.addingReplicas).isSubset(of: partition.replicas), place)
        #expect(Set(partition.removingReplicas).isSubset(of: partition.replicas), place)
        #expect(Set(partition.addingReplicas).isDisjoint(with: partition.removingReplicas), place)
        if partition.isr.count > 1 {
            #expect(partition.isr.allSatisfy { image.brokers[$0]?.isActive == true }, place)
        }
        guard partition.leader >= 0 else { return }
        #expect(partition.isr.contains(partition.leader), place)
        #expect(image.brokers[partition.leader]?.isActive == true, place)
    }

    private func checkStep(_ before: Past, _ now: PartitionImage, _ allowsUnclean: Bool, _ place: Comment) {
        #expect(now.leaderEpoch >= before.partition.leaderEpoch, place)
        #expect(now.partitionEpoch >= before.partition.partitionEpoch, place)
        if now != before.partition { #expect(now.partitionEpoch > before.partition.partitionEpoch, place) }
        // Whoever followed a leader in an epoch must find the same one.
        if let leader = before.leaders[now.leaderEpoch] { #expect(leader == now.leader, place) }
        if now.leader >= 0, now.leader != before.partition.leader, !allowsUnclean {
            // The last step of a move takes a replica into the ISR and makes it the leader at once.
            let endedMove = before.partition.isMoving && !now.isMoving
            #expect(endedMove || before.partition.isr.contains(now.leader), place)
        }
    }
}

extension PartitionImage {
    fileprivate var isMoving: Bool { !addingReplicas.isEmpty || !removingReplicas.isEmpty }
}
