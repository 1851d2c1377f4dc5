import ArgumentParser
import KafkaClient

/// A topic as `--topic` of `swkafka run` describes it: `name[:partitions][:key=value]…`.
enum TopicOption {
    static func parse(_ text: String) throws(ValidationError) -> NewTopic {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let name = parts.removeFirst()
        guard !name.isEmpty else {
            throw ValidationError("'\(text)' names no topic: give name[:partitions][:key=value].")
        }
        var topic = NewTopic(name)
        if let first = parts.first, !first.contains("=") {
            guard let count = Int32(first), count > 0 else {
                throw ValidationError("'\(first)' in '\(text)' is no number of partitions: give a whole number from 1.")
            }
            topic.partitions = count
            parts.removeFirst()
        }
        for part in parts where !part.contains("=") || part.hasPrefix("=") {
            throw ValidationError("'\(part)' in '\(text)' is no config: give key=value.")
        }
        topic.configs = KeyValueOptions.parse(parts)
        return topic
    }
}
