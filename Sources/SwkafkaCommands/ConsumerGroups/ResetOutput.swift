import KafkaClient

/// What `consumer-groups --reset-offsets` and `--delete-offsets` print.
enum ResetOutput {
    typealias Row = (group: String, partition: TopicPartition, offset: Int64)

    /// Kafka's own text: every line begins with its line feed.
    static func text(_ rows: [Row]) -> String {
        var text = line(["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"], [30, 30, 10, 15])
        for row in rows {
            text += line(
                [row.group, row.partition.topic, String(row.partition.partition), String(row.offset)],
                [30, 30, 10, 15]
            )
        }
        return text + "\n"
    }

    static func table(_ rows: [Row], colour: Bool) -> String {
        var table = TextTable([.left("GROUP"), .left("TOPIC"), .right("PARTITION"), .right("NEW-OFFSET")])
        for row in rows {
            table.add([
                .init(row.group), .init(row.partition.topic), .init(String(row.partition.partition)),
                .init(String(row.offset)),
            ])
        }
        return table.text(colour: colour)
    }

    static func value(_ rows: [Row], executed: Bool) -> DataValue {
        .array(
            rows.map {
                .members([
                    "group": .string($0.group), "topic": .string($0.partition.topic),
                    "partition": .number($0.partition.partition), "newOffset": .number($0.offset),
                    "executed": .bool(executed),
                ])
            }
        )
    }

    /// What became of offsets that were to be deleted; the partition of a topic that does not exist is nil.
    static func deletions(_ rows: [(topic: String, partition: Int32?, error: String?)]) -> String {
        var text = line(["TOPIC", "PARTITION", "STATUS"], [30, 15, 15])
        for row in rows {
            text += line(
                [
                    row.topic, row.partition.map { String($0) } ?? "Not Provided",
                    row.error.map { "Error: :\($0)" } ?? "Successful",
                ],
                [30, 15, 15]
            )
        }
        return text + "\n"
    }

    private static func line(_ cells: [String], _ widths: [Int]) -> String {
        "\n" + zip(cells, widths).map { $0.padded(to: $1) }.joined(separator: " ")
    }
}
