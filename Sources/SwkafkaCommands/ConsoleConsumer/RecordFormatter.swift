/// What a record's timestamp means.
enum TimestampKind: Equatable {
    case none
    case create
    case logAppend
}

/// A consumed record as a formatter sees it; the bytes belong to the fetched batch.
struct RecordFields {
    struct Header {
        var key: UnsafeRawBufferPointer
        var value: UnsafeRawBufferPointer?
    }

    var partition: Int32
    var offset: Int64
    var timestamp: Int64
    var timestampKind: TimestampKind
    /// nil when the batch carries none.
    var leaderEpoch: Int32?
    /// How often a share group has delivered it; nil outside of one.
    var deliveryCount: Int?
    var key: UnsafeRawBufferPointer?
    var value: UnsafeRawBufferPointer?
    /// Filled in only when the formatter prints headers.
    var headers: [Header] = []
}

/// Kafka's default formatter: timestamp, partition, offset, delivery, epoch, headers, key, value, with a separator
/// between columns and one after each record. Bytes are copied as they are.
struct RecordFormatter {
    let properties: FormatterProperties
    private var line: [UInt8] = []
    private var isFirstColumn = true
    /// Whether a record is nothing but its raw value.
    let isPlainValue: Bool

    init(_ properties: FormatterProperties) {
        self.properties = properties
        isPlainValue = properties.isPlainValue
        line.reserveCapacity(4096)
    }

    /// Writes a record whole.
    /// - Throws: `CommandFailure` when a deserializer refuses the data; the columns before it can be had from
    ///   `takePartialLine()`. `OutputError` when the output is gone.
    mutating func write(_ record: RecordFields, to output: ByteOutput) throws {
        if isPlainValue { return try writePlain(record.value, to: output) }
        line.removeAll(keepingCapacity: true)
        isFirstColumn = true
        try layOut(record)
        guard !isFirstColumn else { return }
        line.append(contentsOf: properties.lineSeparator)
        try output.write(line)
        line.removeAll(keepingCapacity: true)
    }

    /// Writes a record that is nothing but its value: the fast way.
    @inline(__always)
    func writePlain(_ value: UnsafeRawBufferPointer?, to output: ByteOutput) throws(OutputError) {
        if let value {
            try output.write(value)
        } else {
            try output.write(properties.nullLiteral)
        }
        try writeLineSeparator(to: output)
    }

    /// The columns that were laid out before a deserializer refused the rest.
    mutating func takePartialLine() -> [UInt8] {
        defer { line.removeAll(keepingCapacity: true) }
        return line
    }

    @inline(__always)
    private func writeLineSeparator(to output: ByteOutput) throws(OutputError) {
        if properties.lineSeparator.count == 1 {
            try output.write(byte: properties.lineSeparator[0])
        } else {
            try output.write(properties.lineSeparator)
        }
    }

    private mutating func layOut(_ record: RecordFields) throws(CommandFailure) {
        if properties.printsTimestamp {
            switch record.timestampKind {
            case .none: column("NO_TIMESTAMP")
            case .create: column("CreateTime:\(record.timestamp)")
            case .logAppend: column("LogAppendTime:\(record.timestamp)")
            }
        }
        if properties.printsPartition { column("Partition:\(record.partition)") }
        if properties.printsOffset { column("Offset:\(record.offset)") }
        if properties.printsDelivery { column("Delivery:\(record.deliveryCount.map(String.init) ?? "NOT_PRESENT")") }
        if properties.printsEpoch { column("Epoch:\(record.leaderEpoch.map(String.init) ?? "NOT_PRESENT")") }
        if properties.printsHeaders { try headers(record.headers) }
        if properties.printsKey {
            startColumn()
            try data(record.key, properties.keyDeserializer)
        }
        if properties.printsValue {
            startColumn()
            try data(record.value, properties.valueDeserializer)
        }
    }

    private mutating func startColumn() {
        if !isFirstColumn { line.append(contentsOf: properties.keySeparator) }
        isFirstColumn = false
    }

    private mutating func column(_ text: String) {
        startColumn()
        line.append(contentsOf: text.utf8)
    }

    private mutating func headers(_ headers: [RecordFields.Header]) throws(CommandFailure) {
        guard !headers.isEmpty else { return column("NO_HEADERS") }
        startColumn()
        for (index, header) in headers.enumerated() {
            if index > 0 { line.append(contentsOf: properties.headersSeparator) }
            line.append(contentsOf: header.key)
            line.append(UInt8(ascii: ":"))
            try data(header.value, properties.headersDeserializer)
        }
    }

    private mutating func data(_ bytes: UnsafeRawBufferPointer?, _ deserializer: Deserializer) throws(CommandFailure) {
        guard let bytes else {
            line.append(contentsOf: properties.nullLiteral)
            return
        }
        try deserializer.write(bytes, to: &line)
    }
}
