import KafkaClient
import KafkaMessages

/// What `log-dirs` prints.
struct LogDirsOutput {
    private let brokers: [(id: Int32, directories: [LogDirectory])]
    private typealias Cell = TextTable.Cell

    private let topics: Set<String>?
    /// Why brokers could not be asked.
    let failures: [String]

    /// - Parameter topics: only partitions of these; nil for all.
    init(_ answers: [(Int32, Result<[LogDirectory], KafkaClientError>)], topics: Set<String>?) {
        self.topics = topics
        brokers = answers.compactMap { id, answer in
            (try? answer.get()).map { (id, $0.sorted { $0.path < $1.path }) }
        }
        failures = answers.compactMap { id, answer in
            if case .failure(let error) = answer { "Broker \(id): \(error.message)" } else { nil }
        }
    }

    /// Kafka's own: two lines of talk and one of JSON.
    var text: String {
        let ids = brokers.map { String($0.id) }.joined(separator: ",")
        return "Querying brokers for log directories information\n"
            + "Received log directory information from brokers \(ids)\n" + JSONText.compact(value) + "\n"
    }

    /// The tree of Kafka's JSON, in its order.
    var value: DataValue {
        .members(["brokers": .array(brokers.map(value)), "version": .int(1)])
    }

    private func value(_ broker: (id: Int32, directories: [LogDirectory])) -> DataValue {
        let directories = broker.directories.map { directory -> DataValue in
            let partitions = replicas(directory).map { partition, replica -> DataValue in
                .members([
                    "partition": .string("\(partition)"), "size": .number(replica.size),
                    "offsetLag": .number(replica.offsetLag), "isFuture": .bool(replica.isFuture),
                ])
            }
            return .members([
                "partitions": .array(partitions),
                "error": directory.error == .none ? .null : .string(directory.error.name),
                "logDir": .string(directory.path),
            ])
        }
        return .members(["broker": .number(broker.id), "logDirs": .array(directories)])
    }

    private func replicas(_ directory: LogDirectory) -> [(TopicPartition, LogDirectory.Replica)] {
        directory.replicas.filter { topics?.contains($0.key.topic) ?? true }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value) }
    }

    func table(colour: Bool) -> String {
        var table = TextTable([
            .right("BROKER"), .left("DIRECTORY"), .left("PARTITION"), .right("BYTES"), .right("LAG"), .left("STATE"),
        ])
        for broker in brokers {
            for directory in broker.directories {
                guard directory.error == .none else {
                    table.add([
                        Cell(String(broker.id)), Cell(directory.path), "", "", "", Cell(directory.error.name, .red),
                    ])
                    continue
                }
                for (partition, replica) in replicas(directory) {
                    table.add([
                        Cell(String(broker.id)), Cell(directory.path), Cell("\(partition)"), Cell(String(replica.size)),
                        Cell(String(replica.offsetLag)), replica.isFuture ? "future" : "current",
                    ])
                }
            }
        }
        return table.text(colour: colour)
    }
}
