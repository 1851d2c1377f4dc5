import KafkaClient
import KafkaWire

/// Prints the records of batches and counts them.
struct BatchPrinter {
    private enum Printer {
        case records(RecordFormatter)
        case internalRecords(InternalRecordPrinter)
        case nothing
    }

    private var printer: Printer
    private let printsHeaders: Bool
    private let skipsErrors: Bool
    private let limit: Int
    /// Records received, printed or not.
    private(set) var count = 0
    /// Told about records that could not be printed and were passed over.
    private let complain: (String) -> Void

    /// - Parameter limit: how many records to read; nil for all.
    init(
        kind: FormatterKind,
        properties: FormatterProperties,
        skipsErrors: Bool,
        limit: Int?,
        complain: @escaping (String) -> Void
    ) {
        switch kind {
        case .standard, .logging: printer = .records(RecordFormatter(properties))
        case .noOp: printer = .nothing
        case .offsets, .groupMetadata, .transactionLog: printer = .internalRecords(InternalRecordPrinter(kind: kind))
        }
        printsHeaders = properties.printsHeaders
        self.skipsErrors = skipsErrors
        self.limit = limit.map { max(0, $0) } ?? .max
        self.complain = complain
    }

    /// Whether as many records were read as were wanted.
    var isDone: Bool { count >= limit }

    mutating func print(_ batch: ConsumedBatch, to output: ByteOutput) throws {
        guard !isDone else { return }
        var failure: (any Error)?
        let header = batch.view.header
        var fields = RecordFields(
            partition: batch.partition.partition,
            offset: 0,
            timestamp: 0,
            timestampKind: .none,
            leaderEpoch: header.partitionLeaderEpoch >= 0 ? header.partitionLeaderEpoch : nil
        )
        let kind: TimestampKind = header.timestampType == .logAppendTime ? .logAppend : .create
        try batch.forEachRecord { record in
            fields.offset = record.offset
            fields.timestamp = record.timestampMs
            fields.timestampKind = record.timestampMs < 0 ? .none : kind
            fields.key = record.key
            fields.value = record.value
            if printsHeaders {
                fields.headers.removeAll(keepingCapacity: true)
                record.forEachHeader { key, value in
                    fields.headers.append(RecordFields.Header(key: key, value: value))
                    return true
                }
            }
            count += 1
            do {
                try print(fields, to: output)
            } catch {
                failure = error
                return false
            }
            return !isDone
        }
        if let failure { throw failure }
    }

    private mutating func print(_ fields: RecordFields, to output: ByteOutput) throws {
        switch printer {
        case .nothing: return
        case .records(var formatter):
            // Moved out and back in, so that the formatter's line buffer is not copied.
            printer = .nothing
            defer { printer = .records(formatter) }
            do {
                try formatter.write(fields, to: output)
            } catch let error as CommandFailure {
                let partial = formatter.takePartialLine()
                guard skipsErrors else {
                    try output.write(partial)
                    throw error
                }
                tell(error.message, fields)
            }
        case .internalRecords(let formatter):
            let line: String?
            do throws(WireError) {
                line = try formatter.line(key: fields.key, value: fields.value)
            } catch {
                let failure = CommandFailure("A record of an internal topic cannot be read: \(error).")
                guard skipsErrors else { throw failure }
                return tell(failure.message, fields)
            }
            if let line { try output.write(line + "\n") }
        }
    }

    private func tell(_ message: String, _ fields: RecordFields) {
        complain("Passed over offset \(fields.offset) of partition \(fields.partition): \(message)\n")
    }
}
