/// Which topics a consumer reads as a whole, so that partitions which appear later are noticed. Pure.
package struct Subscription: Sendable {
    /// Whole topics, and where reading their partitions starts.
    private var topics: [String: StartPosition] = [:]
    /// Topics that are chosen by name, and where reading their partitions starts.
    private var pattern: (matches: @Sendable (String) -> Bool, start: StartPosition)?
    /// Partitions that were found and are being read.
    private var found: [String: Set<Int32>] = [:]

    package init() {}

    /// Whether there is anything to look out for.
    package var isEmpty: Bool { topics.isEmpty && pattern == nil }

    /// Whether topics are chosen by name, so that all topics have to be listed.
    package var hasPattern: Bool { pattern != nil }

    /// Topics that were named, sorted.
    package var namedTopics: [String] { topics.keys.sorted() }

    /// Reads whole topics.
    package mutating func add(topics names: [String], start: StartPosition) {
        for name in names {
            topics[name] = start
        }
    }

    /// Reads all topics that a closure chooses.
    package mutating func setPattern(start: StartPosition, matches: @escaping @Sendable (String) -> Bool) {
        pattern = (matches, start)
    }

    /// Forgets everything.
    package mutating func removeAll() {
        topics = [:]
        pattern = nil
        found = [:]
    }

    /// Whether a topic is read as a whole.
    package func wants(_ topic: String) -> Bool {
        topics[topic] != nil || pattern?.matches(topic) == true
    }

    /// Takes in the partitions of a topic.
    ///
    /// - Returns: those that are new, with where to start: a partition that appears in a topic that is being read already
    ///   is read from its beginning, since all its records are newer than the wish to read them.
    package mutating func take(
        topic: String,
        partitions: [Int32]
    ) -> [(partition: TopicPartition, start: StartPosition)] {
        guard let start = topics[topic] ?? (pattern?.matches(topic) == true ? pattern?.start : nil) else { return [] }
        let known = found[topic]
        found[topic, default: []].formUnion(partitions)
        return partitions.filter { known?.contains($0) != true }.sorted().map { index in
            (TopicPartition(topic: topic, partition: index), known == nil ? start : .beginning)
        }
    }

    /// A topic that has been deleted: if it comes back, it is read from its beginning.
    package mutating func removed(topic: String) -> Set<TopicPartition> {
        let partitions = found[topic] ?? []
        if found[topic] != nil {
            found[topic] = []
        }
        return Set(partitions.map { TopicPartition(topic: topic, partition: $0) })
    }
}
