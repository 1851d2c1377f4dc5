import KafkaClient

/// New offsets of groups as CSV: `topic,partition,offset`, or with the group before them.
struct ResetPlan: Equatable {
    /// By group; all under one key when the file names no groups.
    private var offsets: [String: [TopicPartition: Int64]] = [:]

    /// The new offsets of a group; nil when the plan does not have it.
    subscript(group: String) -> [TopicPartition: Int64]? { offsets[group] }

    /// - Parameter onlyGroup: the group that lines of three fields are for; nil when several groups were asked for, whose
    ///   lines need four.
    init(csv text: String, onlyGroup: String?) throws(CommandFailure) {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
        var namesGroups: Bool?
        for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            guard var fields = CSVLine.fields(line) else { throw Self.failure(index, line, "a quote is not closed") }
            let isWithGroup = namesGroups ?? (fields.count == 4 || onlyGroup == nil)
            namesGroups = isWithGroup
            guard fields.count == (isWithGroup ? 4 : 3) else {
                let wanted = isWithGroup ? "group,topic,partition,offset" : "topic,partition,offset"
                throw Self.failure(index, line, "it must be \(wanted)")
            }
            let group = isWithGroup ? fields.removeFirst() : onlyGroup ?? ""
            guard !fields[0].isEmpty, let partition = Int32(KeyValueOptions.trimmed(fields[1])), partition >= 0 else {
                throw Self.failure(index, line, "'\(fields[1])' is no partition")
            }
            guard let offset = Int64(KeyValueOptions.trimmed(fields[2])) else {
                throw Self.failure(index, line, "'\(fields[2])' is no offset")
            }
            offsets[group, default: [:]][TopicPartition(topic: fields[0], partition: partition)] = offset
        }
    }

    private static func failure(_ index: Int, _ line: String, _ reason: String) -> CommandFailure {
        ConsumerGroupsRunner.failure("line \(index + 1) of the file, '\(line.prefix(200))': \(reason).")
    }

    /// The lines for new offsets, sorted, and an empty one at the end.
    static func csv(_ groups: [(group: String, offsets: [TopicPartition: Int64])], namesGroups: Bool) -> String {
        var text = ""
        for (group, offsets) in groups {
            for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
                let fields = [partition.topic, String(partition.partition), String(offset)]
                text += CSVLine.text(namesGroups ? [group] + fields : fields) + "\n"
            }
        }
        return text + "\n"
    }
}

/// One line of comma-separated values (RFC 4180).
enum CSVLine {
    /// The fields, quotes resolved; nil when a quote is not closed.
    static func fields(_ line: String) -> [String]? {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var wasQuoted = false
        var characters = Array(line)[...]
        while let character = characters.popFirst() {
            switch character {
            case "\"" where isQuoted && characters.first == "\"":
                field.append(character)
                characters.removeFirst()
            case "\"" where isQuoted: isQuoted = false
            case "\"" where field.isEmpty && !wasQuoted:
                isQuoted = true
                wasQuoted = true
            case "," where !isQuoted:
                fields.append(field)
                field = ""
                wasQuoted = false
            default: field.append(character)
            }
        }
        guard !isQuoted else { return nil }
        return fields + [field]
    }

    static func text(_ fields: [String]) -> String {
        fields.map { field in
            guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
            return "\"" + field.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
        }.joined(separator: ",")
    }
}
