import KafkaClient
import KafkaWire

/// Prints the records of batches and counts them.
struct BatchPrinter {
    private let kind: FormatterKind
    /// Prints records as JSON whatever the formatter.
    private var json: JSONRecordFormatter?
    /// Prints records as tab-separated values whatever the formatter.
    private var tsv: TSVRecordFormatter?
    /// Prints records by a format string whatever the formatter.
    private var template: RecordTemplate?
    private var formatter: RecordFormatter
    /// Which records are printed and counted; nil for all.
    private let filter: RecordFilter?
    private let printsHeaders: Bool
    private let skipsErrors: Bool
    private var limit: Int
    /// Records from here on are not wanted.
    private var end = Int64.max
    /// Records received and wanted, printed or not.
    private(set) var count = 0
    /// Records that the filter has seen.
    private(set) var examined = 0
    /// Where the partition of the last batch stands after what was printed of it.
    private(set) var nextOffset: Int64 = 0
    /// Offsets of records that could not be printed and were passed over; nil when nobody wants to know.
    private var passedOver: [Int64]?
    /// Where each record ends in the output, for those who want to put them in another order; nil when nobody does.
    private var marks: [Mark]?
    /// Told about records that could not be printed and were passed over.
    private var complain: (String) -> Void

    /// The end of a printed record.
    struct Mark: Equatable {
        var timestampMs: Int64
        /// In all that was written to the output.
        var end: Int
    }

    /// - Parameters:
    ///   - template: a format string to print by.
    ///   - filter: which records are wanted; nil for all.
    ///   - limit: how many records to print; nil for all.
    init(
        kind: FormatterKind,
        output: RecordOutput = .text,
        template: RecordTemplate? = nil,
        filter: RecordFilter? = nil,
        properties: FormatterProperties,
        skipsErrors: Bool,
        limit: Int?,
        complain: @escaping (String) -> Void
    ) {
        self.kind = kind
        formatter = RecordFormatter(properties)
        json = output == .json ? JSONRecordFormatter() : nil
        tsv = output == .tsv ? TSVRecordFormatter() : nil
        self.template = template
        self.filter = filter
        printsHeaders = output != .text || (template?.usesHeaders ?? properties.printsHeaders)
        self.skipsErrors = skipsErrors
        self.limit = limit.map { max(0, $0) } ?? .max
        self.complain = complain
    }

    /// Whether as many records were read as were wanted.
    var isDone: Bool { count >= limit }

    /// - Parameter end: records from this offset on are left out.
    mutating func print(_ batch: ConsumedBatch, before end: Int64 = .max, to output: ByteOutput) throws {
        guard !isDone else { return }
        self.end = end
        switch kind {
        case .standard, .logging:
            if template != nil || json != nil || tsv != nil {
                try printWhole(batch, to: output)
            } else if formatter.isPlainValue {
                try forEach(batch, output) { printer, record in
                    try printer.formatter.writePlain(record.value, to: output)
                }
            } else {
                try printColumns(batch, to: output)
            }
        case .noOp: try forEach(batch, output) { _, _ in }
        case .offsets, .groupMetadata, .consumerGroup, .transactionLog:
            try forEach(batch, output) { printer, record in try printer.printInternal(record, to: output) }
        }
    }

    /// Walks the records as long as they are wanted; an error ends the walk.
    @inline(__always)
    private mutating func forEach(
        _ batch: ConsumedBatch,
        _ output: ByteOutput,
        _ body: (inout BatchPrinter, RawRecord) throws -> Void
    ) throws {
        var failure: (any Error)?
        var isCut = false
        // Taken out of `self` once, not with each record.
        let filter = filter
        nextOffset = batch.fromOffset
        try batch.forEachRecord { record in
            guard record.offset < end else {
                isCut = true
                return false
            }
            if let filter {
                examined += 1
                guard filter.matches(record) else {
                    nextOffset = record.offset &+ 1
                    return true
                }
            }
            count += 1
            do {
                try body(&self, record)
            } catch {
                failure = error
                return false
            }
            nextOffset = record.offset &+ 1
            marks?.append(Mark(timestampMs: record.timestampMs, end: output.position))
            return count < limit
        }
        if let failure { throw failure }
        // Offsets without a record may stand between the last one and the end.
        if count < limit, !isCut { nextOffset = max(nextOffset, batch.nextOffset) }
    }

    // MARK: Another order

    /// A printer of the same kind that prints without a limit and notes where records end.
    var marking: BatchPrinter {
        var printer = self
        printer.limit = .max
        printer.marks = []
        return printer
    }

    /// The marks since the last call.
    mutating func takeMarks() -> [Mark] {
        defer { marks?.removeAll(keepingCapacity: true) }
        return marks ?? []
    }

    /// Counts a record that was laid out by a `marking` printer.
    mutating func countOne() { count += 1 }

    /// Takes over what a `marking` printer has seen.
    mutating func noteExamined(by other: BatchPrinter) { examined = other.examined }

    /// Where a batch's partition stands after those of its records whose output lies within the first bytes that the batch
    /// was printed as.
    ///
    /// Found by printing again, so that printing itself need not keep account of every record.
    func nextOffset(of batch: ConsumedBatch, within length: Int) -> Int64 {
        var replay = self
        replay.complain = { _ in }
        func printed(_ count: Int) -> (length: Int, nextOffset: Int64)? {
            replay.count = 0
            replay.limit = count
            let output = ByteOutput(VoidSink())
            do {
                try replay.print(batch, to: output)
            } catch {
                return nil
            }
            return (output.position, replay.nextOffset)
        }
        var found = (count: 0, nextOffset: batch.fromOffset)
        var beyond = Int(batch.view.header.recordCount)
        while beyond - found.count > 1 {
            let middle = found.count + (beyond - found.count) / 2
            if let again = printed(middle), again.length <= length {
                found = (middle, again.nextOffset)
            } else {
                beyond = middle
            }
        }
        return found.nextOffset
    }

    /// As JSON, as tab-separated values or by the format string.
    private mutating func printWhole(_ batch: ConsumedBatch, to output: ByteOutput) throws {
        let topic = batch.partition.topic
        if template != nil {
            try forEachWithFields(of: batch, output) { printer, fields in
                try printer.template?.write(fields, topic: topic, to: output)
            }
        } else if tsv != nil {
            try forEachWithFields(of: batch, output) { printer, fields in
                try printer.tsv?.write(fields, topic: topic, to: output)
            }
        } else {
            try forEachWithFields(of: batch, output) { printer, fields in
                try printer.json?.write(fields, topic: topic, to: output)
            }
        }
    }

    private mutating func printColumns(_ batch: ConsumedBatch, to output: ByteOutput) throws {
        try forEachWithFields(of: batch, output) { printer, fields in
            do {
                try printer.formatter.write(fields, to: output)
            } catch let error as CommandFailure {
                let partial = printer.formatter.takePartialLine()
                guard printer.skipsErrors else {
                    try output.write(partial)
                    throw error
                }
                printer.tell(error.message, at: fields.offset)
            }
        }
    }

    /// Walks the records with all that a formatter may print of them.
    @inline(__always)
    private mutating func forEachWithFields(
        of batch: ConsumedBatch,
        _ output: ByteOutput,
        _ body: (inout BatchPrinter, RecordFields) throws -> Void
    ) throws {
        let header = batch.view.header
        let kind: TimestampKind = header.timestampType == .logAppendTime ? .logAppend : .create
        var fields = RecordFields(
            partition: batch.partition.partition,
            offset: 0,
            timestamp: 0,
            timestampKind: .none,
            leaderEpoch: header.partitionLeaderEpoch >= 0 ? header.partitionLeaderEpoch : nil,
            deliveryCount: batch.deliveryCount
        )
        try forEach(batch, output) { printer, record in
            fields.offset = record.offset
            fields.timestamp = record.timestampMs
            fields.timestampKind = record.timestampMs < 0 ? .none : kind
            fields.key = record.key
            fields.value = record.value
            if printer.printsHeaders {
                fields.headers.removeAll(keepingCapacity: true)
                record.forEachHeader { key, value in
                    fields.headers.append(RecordFields.Header(key: key, value: value))
                    return true
                }
            }
            try body(&printer, fields)
        }
    }

    private mutating func printInternal(_ record: RawRecord, to output: ByteOutput) throws {
        let line: String?
        do throws(WireError) {
            line = try InternalRecordPrinter(kind: kind).line(key: record.key, value: record.value)
        } catch {
            let failure = CommandFailure("A record of an internal topic cannot be read: \(error).")
            guard skipsErrors else { throw failure }
            return tell(failure.message, at: record.offset)
        }
        if let line { try output.write(line + "\n") }
    }

    private mutating func tell(_ message: String, at offset: Int64) {
        passedOver?.append(offset)
        complain("Passed over offset \(offset): \(message)\n")
    }

    /// The offsets that were passed over since the last call; noted from the first call on.
    mutating func takePassedOver() -> [Int64] {
        defer { passedOver = [] }
        return passedOver ?? []
    }
}

/// Takes everything and keeps nothing.
private final class VoidSink: ByteSink {
    func write(_ bytes: UnsafeRawBufferPointer) {}
}
