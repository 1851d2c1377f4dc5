package import KafkaMessages

extension MetadataImage {
    /// Records that name everything in which `new` differs from `old`, for those who carry out changes: what was
    /// removed, every partition that is another now, every config that was set or taken away. They are not meant to be
    /// replayed.
    package static func changes(from old: MetadataImage, to new: MetadataImage) -> [MetadataRecord] {
        var records: [MetadataRecord] = []
        for topic in old.topics.values where new.topicNames[topic.id] == nil {
            records.append(.removeTopic(RemoveTopicRecord(topicId: topic.id)))
        }
        for topic in new.topics.values {
            let known = old.topic(id: topic.id)?.partitions ?? []
            for (index, partition) in topic.partitions.enumerated()
            where !known.indices.contains(index) || known[index] != partition {
                records.append(.partition(PartitionRecord(partition, index: Int32(index), topicID: topic.id)))
            }
        }
        for resource in Set(old.configs.keys).union(new.configs.keys) {
            let (before, after) = (old.configs[resource] ?? [:], new.configs[resource] ?? [:])
            for name in Set(before.keys).union(after.keys) where before[name] != after[name] {
                records.append(.config(ConfigRecord(resource.kind, resource.name, name, after[name])))
            }
        }
        return records
    }
}
