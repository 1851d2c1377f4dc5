import KafkaClient
import Synchronization

/// Prints the records of several partitions by their timestamps, as far as each partition's own order allows.
///
/// Records are laid out as they come, and each partition's text waits in a queue until every partition that is not at
/// its end has some: then the record with the lowest timestamp is the next. Partitions with a lot of waiting text are
/// held back, so that the memory needed is bounded however unevenly they come.
struct OrderedReader {
    private let consumer: KafkaConsumer
    private var reader: RangeReader
    private var queues: [TopicPartition: Queue] = [:]
    private var paused: Set<TopicPartition> = []
    private var layout: BatchPrinter
    private let sink = QueueSink()
    private let laidOut: ByteOutput

    /// Text that may wait for one partition before it is held back; a batch more may follow.
    private static let patience = 8 << 20
    private static let pause: Duration = .milliseconds(50)

    /// - Parameter ranges: each with an end.
    init(_ consumer: KafkaConsumer, _ ranges: [TopicPartition: ReadingBounds.Range], _ printer: BatchPrinter) {
        self.consumer = consumer
        reader = RangeReader(consumer, ranges)
        layout = printer.marking
        laidOut = ByteOutput(sink)
    }

    /// What came of one step.
    enum Step {
        /// Something was printed, or may be soon.
        case going
        /// Nothing more is there at the moment.
        case waiting
        case finished
    }

    /// Takes in what is there, and prints what can be printed.
    mutating func step(_ printer: inout BatchPrinter, to output: ByteOutput) async throws -> Step {
        var hasTaken = false
        while let (batch, end) = try reader.take() {
            try add(batch, before: end)
            hasTaken = true
        }
        printer.noteExamined(by: layout)
        try emit(&printer, to: output)
        if printer.isDone || (reader.unfinished.isEmpty && queues.isEmpty) { return .finished }
        guard !hasTaken else { return .going }
        try output.flush()
        guard let batch = try await consumer.nextBatch(timeout: Self.pause) else { return .waiting }
        guard let end = reader.end(of: batch) else { return .going }
        try add(batch, before: end)
        return .going
    }

    private mutating func add(_ batch: ConsumedBatch, before end: Int64) throws {
        let start = laidOut.position
        try layout.print(batch, before: end, to: laidOut)
        try laidOut.flush()
        let marks = layout.takeMarks()
        let bytes = sink.take()
        guard !marks.isEmpty else { return }
        let waiting = queues[batch.partition, default: Queue()].add(bytes, marks, startingAt: start)
        if waiting > Self.patience, paused.insert(batch.partition).inserted { consumer.pause([batch.partition]) }
    }

    /// Prints as long as every partition that is not at its end has something waiting.
    private mutating func emit(_ printer: inout BatchPrinter, to output: ByteOutput) throws(OutputError) {
        while !printer.isDone, reader.unfinished.allSatisfy({ queues[$0] != nil }) {
            var first: (partition: TopicPartition, timestampMs: Int64)?
            var limit = Int64.max
            for (partition, queue) in queues {
                let timestampMs = queue.head
                if let current = first, (timestampMs, partition) >= (current.timestampMs, current.partition) {
                    limit = min(limit, timestampMs)
                } else {
                    if let current = first { limit = min(limit, current.timestampMs) }
                    first = (partition, timestampMs)
                }
            }
            guard let partition = first?.partition, var queue = queues.removeValue(forKey: partition) else { return }
            repeat {
                try queue.writeFirst(to: output)
                printer.countOne()
            } while !printer.isDone && !queue.isEmpty && queue.head < limit
            if queue.isEmpty {
                if paused.remove(partition) != nil { consumer.resume([partition]) }
            } else {
                queues[partition] = queue
            }
        }
    }
}

/// The laid out records of one partition that wait for their turn.
private struct Queue {
    private var chunks: [(bytes: [UInt8], marks: [BatchPrinter.Mark], start: Int)] = []
    private var chunk = 0
    private var mark = 0
    private var position = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { chunk == chunks.count }

    /// The timestamp of the first record; the queue must hold one.
    var head: Int64 { chunks[chunk].marks[mark].timestampMs }

    /// - Parameter start: where the bytes stand among the positions of the marks.
    /// - Returns: how many bytes wait now.
    mutating func add(_ bytes: [UInt8], _ marks: [BatchPrinter.Mark], startingAt start: Int) -> Int {
        if chunk > 16 {
            chunks.removeFirst(chunk)
            chunk = 0
        }
        chunks.append((bytes, marks, start))
        byteCount += bytes.count
        return byteCount
    }

    mutating func writeFirst(to output: ByteOutput) throws(OutputError) {
        let end = chunks[chunk].marks[mark].end - chunks[chunk].start
        let start = position
        try chunks[chunk].bytes.withUnsafeBufferPointer { bytes throws(OutputError) in
            try output.write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<end])))
        }
        byteCount -= end - start
        position = end
        mark += 1
        guard mark == chunks[chunk].marks.count else { return }
        chunks[chunk] = ([], [], 0)
        (chunk, mark, position) = (chunk + 1, 0, 0)
    }
}

/// Keeps what is written until it is taken.
private final class QueueSink: ByteSink {
    private let bytes = Mutex<[UInt8]>([])

    func write(_ more: UnsafeRawBufferPointer) { bytes.withLock { $0.append(contentsOf: more) } }

    func take() -> [UInt8] {
        bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
    }
}
