/// Which partitions of which topics.
struct PartitionFilter {
    /// One pattern: topics by name, and partitions from a lower bound up to, without, an upper one.
    private struct Rule {
        /// nil for any topic.
        var topic: TopicPattern?
        var partitions: [Range<Int32>]
    }

    private static let all: Range<Int32> = 0..<Int32.max

    private var rules: [Rule]

    /// - Parameter partitions: numbers separated by commas; nil for all.
    init(topic: String?, partitions: String?) throws(CommandFailure) {
        var ranges = [Self.all]
        if let partitions {
            ranges = []
            for item in partitions.split(separator: ",", omittingEmptySubsequences: false) {
                guard let number = Int32(KeyValueOptions.trimmed(item)), number >= 0, number < .max else {
                    throw CommandFailure(
                        "--partitions expects numbers separated by commas, but got '\(partitions)'.",
                        status: .usage
                    )
                }
                ranges.append(number..<number + 1)
            }
        }
        var pattern: TopicPattern?
        if let topic { pattern = try TopicPattern(filter: topic) }
        rules = [Rule(topic: pattern, partitions: ranges)]
    }

    /// Patterns `[topic][:part]` separated by commas.
    init(patterns: String) throws(CommandFailure) {
        rules = []
        for item in patterns.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let range = Self.range(parts.count == 2 ? parts[1] : "") else {
                throw CommandFailure("'\(item)' is no topic-partition pattern.", status: .usage)
            }
            let topic = String(parts[0])
            rules.append(Rule(topic: topic.isEmpty ? nil : try TopicPattern(filter: topic), partitions: [range]))
        }
    }

    /// `3`, `0-4` (without 4), `2-`, `-4`, or nothing for all; nil when it is none of these.
    private static func range(_ text: Substring) -> Range<Int32>? {
        if text.isEmpty { return all }
        guard let dash = text.firstIndex(of: "-") else {
            guard let number = Int32(text), number >= 0, number < .max else { return nil }
            return number..<number + 1
        }
        let lowerText = text[..<dash]
        let upperText = text[text.index(after: dash)...]
        guard let lower = lowerText.isEmpty ? 0 : Int32(lowerText), lower >= 0,
            let upper = upperText.isEmpty ? Int32.max : Int32(upperText), upper >= 0,
            !(lowerText.isEmpty && upperText.isEmpty)
        else { return nil }
        return lower..<max(lower, upper)
    }

    func matches(topic: String) -> Bool {
        rules.contains { $0.topic?.matches(topic) ?? true }
    }

    func matches(topic: String, partition: Int32) -> Bool {
        rules.contains { rule in
            (rule.topic?.matches(topic) ?? true) && rule.partitions.contains { $0.contains(partition) }
        }
    }
}
