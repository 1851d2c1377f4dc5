import KafkaClient

/// The file of `--path-to-json-file`.
enum ElectionFile {
    static func partitions(_ path: String) throws(CommandFailure) -> [TopicPartition] {
        let bytes = try FileReading.bytes(of: path, purpose: "file of partitions")
        let document: JSONDocument
        do throws(JSONParserError) {
            document = try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure("\(path) is no JSON: \(error.reason) at byte \(error.position).")
        }
        guard case .object(let members) = document, case .array(let items)? = members["partitions"] else {
            throw failure(path)
        }
        var partitions: [TopicPartition] = []
        for item in items {
            guard case .object(let fields) = item, case .string(let topic)? = fields["topic"],
                case .number(let text)? = fields["partition"], let number = Int32(text), number >= 0
            else { throw failure(path) }
            partitions.append(TopicPartition(topic: topic, partition: number))
        }
        let duplicates = Dictionary(grouping: partitions, by: { $0 }).filter { $0.value.count > 1 }.keys.sorted()
        guard duplicates.isEmpty else {
            let names = duplicates.map { "\($0)" }.joined(separator: ", ")
            throw CommandFailure("Replica election data contains duplicate partitions: [\(names)]")
        }
        return partitions
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure(
            "\(path) does not say which partitions: it must be {\"partitions\":[{\"topic\":\"orders\",\"partition\":1}]}."
        )
    }
}
