import KafkaClient
import KafkaMessages

/// The partitions that a command line or a plan names, which must exist: an offset of one that does not would be waited for.
struct ChosenPartitions {
    var admin: KafkaAdmin
    var timeout: Duration
    /// What to say of a partition that does not exist, given how many its topic has.
    var missing: @Sendable (TopicPartition, Int) -> CommandFailure

    /// The partitions that `--topic` names, sorted: those given by number, or all of the topic.
    func named(by topics: [String]) async throws -> [TopicPartition] {
        let selections = try topics.map { text in try TopicSelection(text) }
        let explicit = selections.flatMap { selection in
            (selection.partitions ?? []).map { TopicPartition(topic: selection.topic, partition: $0) }
        }
        let known = try await checkExistence(of: selections.map(\.topic), partitions: explicit)
        let whole = selections.filter { $0.partitions == nil }.flatMap { selection in
            (known[selection.topic] ?? []).map { TopicPartition(topic: selection.topic, partition: $0) }
        }
        return Set(explicit + whole).sorted()
    }

    /// - Returns: the partitions of the topics.
    /// - Throws: for a topic or partition that does not exist.
    @discardableResult
    func checkExistence(of topics: [String], partitions: [TopicPartition]) async throws -> [String: [Int32]] {
        var known: [String: [Int32]] = [:]
        for (name, result) in try await admin.describeTopics(Set(topics).sorted(), timeout: timeout) {
            known[name] = try result.get().partitions.map(\.metadata.index)
        }
        for partition in partitions.sorted() where known[partition.topic]?.contains(partition.partition) != true {
            throw missing(partition, known[partition.topic]?.count ?? 0)
        }
        return known
    }
}
