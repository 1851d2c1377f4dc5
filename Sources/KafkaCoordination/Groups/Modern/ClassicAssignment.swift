import KafkaMessages
import KafkaWire
import NIOCore

extension MetadataImage {
    /// Partitions named by topic; topics that do not exist are left out.
    func partitions(_ topics: [ConsumerProtocolSubscription.TopicPartition]) -> AssignedPartitions {
        AssignedPartitions(topics.compactMap { topic in self.topics[topic.topic].map { ($0.id, topic.partitions) } })
    }

    func partitions(_ topics: [ConsumerProtocolAssignment.TopicPartition]) -> AssignedPartitions {
        AssignedPartitions(topics.compactMap { topic in self.topics[topic.topic].map { ($0.id, topic.partitions) } })
    }

    /// As members of the classic protocol are told what is theirs; topics that are gone are left out.
    func assignment(_ partitions: AssignedPartitions) -> ConsumerProtocolAssignment {
        let named = partitions.topics.compactMap { topic, numbers in
            topicNames[topic].map { ConsumerProtocolAssignment.TopicPartition(topic: $0, partitions: numbers) }
        }
        return ConsumerProtocolAssignment(assignedPartitions: named.sorted { $0.topic < $1.topic })
    }
}

extension ConsumerGroupMemberMetadataValue.ClassicMemberMetadata {
    /// The version of the member's own embedded protocol, as far as it is known here.
    var assignmentVersion: Int16 {
        guard let metadata = supportedProtocols.first?.metadata,
            let version = metadata.getInteger(at: metadata.readerIndex, as: Int16.self)
        else { return 0 }
        return min(max(0, version), ConsumerProtocolAssignment.validVersions.upperBound)
    }
}
