import KafkaClient
import KafkaWire
import NIOCore

/// Brings lines into the producer. Lives on the thread that reads.
struct RecordFeeder: ~Copyable {
    private let producer: KafkaProducer
    private let topic: String
    private let tally: DeliveryTally
    private let grammar: LineGrammar
    private let format: LineFormat
    private let takesLinesWhole: Bool
    private let parsesHeaders: Bool
    /// Waits for the delivery of what was appended; nil unless every record is to be waited for.
    private let waitForDelivery: (() -> Void)?

    init(
        producer: KafkaProducer,
        topic: String,
        format: LineFormat,
        properties: ReaderProperties,
        tally: DeliveryTally,
        waitForDelivery: (() -> Void)?
    ) throws(CommandFailure) {
        self.producer = producer
        self.topic = topic
        self.format = format
        self.tally = tally
        self.waitForDelivery = waitForDelivery
        grammar = try LineGrammar(properties)
        takesLinesWhole = properties.takesLinesWhole
        parsesHeaders = properties.parsesHeaders
    }

    /// Sends the lines of one block.
    /// - Parameter linesBefore: how many lines came before, for the numbers in messages.
    func feed(_ spans: inout [RecordSpan], _ block: UnsafeRawBufferPointer, linesBefore: Int) throws(CommandFailure) {
        if format == .json {
            for (index, span) in spans.enumerated() {
                let record = try JSONRecordReader.record(
                    Self.line(span, block),
                    topic: topic,
                    number: linesBefore + index + 1
                )
                try send(record)
            }
            return
        }
        if parsesHeaders || waitForDelivery != nil {
            for (index, span) in spans.enumerated() {
                try feedOne(span, block, number: linesBefore + index + 1)
            }
            return
        }
        var wrong: CommandFailure?
        var count = spans.count
        if !takesLinesWhole {
            do throws(CommandFailure) {
                for index in spans.indices {
                    count = index
                    try takeApart(&spans[index], block, number: linesBefore + index + 1)
                }
                count = spans.count
            } catch {
                // The lines before the wrong one are still sent.
                wrong = error
            }
        }
        append(spans[..<count], block)
        if let wrong { throw wrong }
    }

    private func append(_ spans: ArraySlice<RecordSpan>, _ block: UnsafeRawBufferPointer) {
        var rest = spans
        while !rest.isEmpty {
            do throws(KafkaClientError) {
                try producer.append(&rest, in: block, to: topic)
                return
            } catch {
                guard let refused = rest.popFirst() else { return }
                tally.refuse(
                    error,
                    topic: topic,
                    keyCount: refused.keyLength < 0 ? nil : Int(refused.keyLength),
                    valueCount: refused.valueLength < 0 ? nil : Int(refused.valueLength)
                )
                if error.code == .closed { return }
            }
        }
    }

    /// Turns the span of a line into those of its key and value.
    private func takeApart(
        _ span: inout RecordSpan,
        _ block: UnsafeRawBufferPointer,
        number: Int
    ) throws(CommandFailure) {
        let start = Int(span.valueOffset)
        let line = UnsafeRawBufferPointer(rebasing: block[start..<start + Int(span.valueLength)])
        let parsed = try grammar.parse(line, number: number)
        // Ranges lie inside the line, whose offset and length fit an Int32.
        func part(_ range: Range<Int>?) -> (offset: Int32, length: Int32) {
            guard let range else { return (0, -1) }
            return (Int32(truncatingIfNeeded: start + range.lowerBound), Int32(truncatingIfNeeded: range.count))
        }
        let key = part(parsed.key)
        let value = part(parsed.value)
        span = RecordSpan(
            keyOffset: key.offset,
            keyLength: key.length,
            valueOffset: value.offset,
            valueLength: value.length
        )
    }

    /// A record that needs an object: with headers, or to be waited for.
    private func feedOne(_ span: RecordSpan, _ block: UnsafeRawBufferPointer, number: Int) throws(CommandFailure) {
        let line = Self.line(span, block)
        let parsed = try grammar.parse(line, number: number)
        func bytes(_ range: Range<Int>) -> ByteBuffer { ByteBuffer(bytes: line[range]) }
        let record = ProducerRecord(
            topic: topic,
            key: parsed.key.map(bytes),
            value: parsed.value.map(bytes),
            headers: parsed.headers.map {
                RecordHeader(key: String(decoding: line[$0.key], as: UTF8.self), value: $0.value.map(bytes))
            }
        )
        try send(record)
    }

    private static func line(_ span: RecordSpan, _ block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let start = Int(span.valueOffset)
        return UnsafeRawBufferPointer(rebasing: block[start..<start + Int(span.valueLength)])
    }

    private func send(_ record: ProducerRecord) throws(CommandFailure) {
        do throws(KafkaClientError) {
            try producer.append(record)
        } catch {
            tally.refuse(
                error,
                topic: topic,
                keyCount: record.key?.readableBytes,
                valueCount: record.value?.readableBytes
            )
            guard waitForDelivery == nil else { return try checkDelivery() }
            return
        }
        guard let waitForDelivery else { return }
        waitForDelivery()
        try checkDelivery()
    }

    /// With `--sync` the first failure is the end.
    private func checkDelivery() throws(CommandFailure) {
        guard tally.failed == 0 else { throw CommandFailure("Stopped at the first record that failed (--sync).") }
    }
}
