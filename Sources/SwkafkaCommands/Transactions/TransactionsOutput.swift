import KafkaClient

/// What the subcommands of `transactions` print.
enum TransactionsOutput {
    /// A transactional id and the broker that listed it.
    struct ListedTransaction: Equatable {
        var transaction: TransactionListing
        var coordinator: Int32
    }

    static func list(_ rows: [ListedTransaction]) -> TabTable {
        TabTable(
            columns: [
                ("TransactionalId", "transactionalId"), ("Coordinator", "coordinator"), ("ProducerId", "producerId"),
                ("TransactionState", "state"),
            ],
            rows: rows.map {
                [
                    .string($0.transaction.id), .number($0.coordinator), .number($0.transaction.producerID),
                    .string($0.transaction.state.rawValue),
                ]
            }
        )
    }

    static func describe(_ transaction: TransactionDescription, nowMs: Int64) -> TabTable {
        TabTable(
            columns: [
                ("CoordinatorId", "coordinatorId"), ("TransactionalId", "transactionalId"),
                ("ProducerId", "producerId"), ("ProducerEpoch", "producerEpoch"), ("TransactionState", "state"),
                ("TransactionTimeoutMs", "timeoutMs"), ("CurrentTransactionStartTimeMs", "startTimeMs"),
                ("TransactionDurationMs", "durationMs"), ("TopicPartitions", "topicPartitions"),
            ],
            rows: [
                [
                    .number(transaction.coordinatorID), .string(transaction.id), .number(transaction.producerID),
                    .number(transaction.producerEpoch), .string(transaction.state.rawValue),
                    .number(transaction.timeoutMs), .optional(transaction.startMs),
                    .optional(transaction.startMs.map { age(of: $0, nowMs) }),
                    .strings(transaction.partitions.map(\.description)),
                ]
            ]
        )
    }

    static func producers(_ producers: [ActiveProducer]) -> TabTable {
        TabTable(
            columns: [
                ("ProducerId", "producerId"), ("ProducerEpoch", "producerEpoch"),
                ("LatestCoordinatorEpoch", "coordinatorEpoch"), ("LastSequence", "lastSequence"),
                ("LastTimestamp", "lastTimestamp"), ("CurrentTransactionStartOffset", "transactionStartOffset"),
            ],
            rows: producers.map {
                [
                    .number($0.id), .number($0.epoch), .number($0.coordinatorEpoch ?? -1), .number($0.lastSequence),
                    .number($0.lastTimestampMs), .optional($0.transactionStartOffset),
                ]
            }
        )
    }

    static func hanging(_ transactions: [OpenTransaction], nowMs: Int64) -> TabTable {
        TabTable(
            columns: [
                ("Topic", "topic"), ("Partition", "partition"), ("ProducerId", "producerId"),
                ("ProducerEpoch", "producerEpoch"), ("CoordinatorEpoch", "coordinatorEpoch"),
                ("StartOffset", "startOffset"), ("LastTimestamp", "lastTimestamp"),
                ("Duration(min)", "durationMinutes"),
            ],
            rows: transactions.map {
                [
                    .string($0.partition.topic), .number($0.partition.partition), .number($0.producer.id),
                    .number($0.producer.epoch), .number($0.producer.coordinatorEpoch ?? -1), .number($0.startOffset),
                    .number($0.producer.lastTimestampMs), .number(age(of: $0.producer.lastTimestampMs, nowMs) / 60_000),
                ]
            }
        )
    }

    private static func age(of timeMs: Int64, _ nowMs: Int64) -> Int64 {
        nowMs.subtractingReportingOverflow(timeMs).partialValue
    }
}

/// A table as Kafka's newer tools print it: each cell as wide as the widest of its column, and a tab after it.
struct TabTable {
    /// The title in the table, and the name in JSON and YAML.
    var columns: [(title: String, name: String)]
    var rows: [[DataValue]]

    func print(_ format: OutputFormat, _ context: CommandContext) throws(OutputError) {
        try context.print(format, text: { text }, table: { table(colour: $0) }, value: { value })
    }

    var text: String {
        let cells = [columns.map(\.title)] + rows.map { $0.map(Self.cell) }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return cells.map { row in
            zip(row, widths).map { $0.padded(to: $1) + "\t" }.joined() + "\n"
        }.joined()
    }

    private func table(colour: Bool) -> String {
        var table = TextTable(columns.map { .left($0.title) })
        for row in rows { table.add(row.map { TextTable.Cell(Self.cell($0)) }) }
        return table.text(colour: colour)
    }

    private var value: DataValue {
        .array(
            rows.map { row in
                .object(zip(columns, row).map { DataValue.Member(name: $0.name, value: $1) })
            }
        )
    }

    /// What is missing is called `None`; lists are joined by commas.
    private static func cell(_ value: DataValue) -> String {
        switch value {
        case .null: "None"
        case .bool(let flag): flag ? "true" : "false"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): text
        case .array(let items): items.map(cell).joined(separator: ",")
        case .object: ""
        }
    }
}
