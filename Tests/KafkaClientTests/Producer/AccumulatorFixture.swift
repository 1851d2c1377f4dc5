import KafkaMessages
import KafkaWire
import NIOCore

@testable import KafkaClient

/// An accumulator with numbered records, and short words for what happens to it.
struct AccumulatorFixture {
    var accumulator: RecordAccumulator<Int>
    var nowMs: Int64 = 1000

    init(seed: UInt64 = 1, _ configure: (inout AccumulatorSettings) -> Void = { _ in }) {
        var settings = AccumulatorSettings()
        settings.batchSize = 200
        settings.batchLimit = 400
        settings.lingerMs = 5
        settings.maxRequestSize = 1000
        settings.bufferMemory = 100_000
        settings.isIdempotent = false
        configure(&settings)
        accumulator = RecordAccumulator(settings: settings, seed: seed)
        if settings.isIdempotent { accumulator.grant(ProducerIdentity(id: 7, epoch: 0)) }
    }

    /// Partitions of topic `t` that a connected broker leads.
    mutating func slots(_ count: Int32, leader: Int32 = 1) -> [Int] {
        let slots = (0..<count).map { partition in
            let slot = accumulator.slot(of: TopicPartition(topic: "t", partition: partition))
            accumulator.setLeader(leader, of: slot)
            return slot
        }
        accumulator.connected(leader)
        return slots
    }

    /// Appends a record with its number as the promise.
    @discardableResult
    mutating func append(
        _ number: Int,
        to slot: Int,
        size: Int = 50,
        ticket: UInt64? = nil
    ) -> RecordAccumulator<Int>.Verdict {
        let nowMs = nowMs
        return Self.value(number, size: size).withUnsafeBytes { bytes in
            accumulator.append(
                key: nil,
                value: bytes,
                headers: [],
                timestampMs: 1_700_000_000_000 + Int64(number),
                promise: number,
                to: slot,
                ticket: ticket,
                nowMs: nowMs
            )
        }
    }

    /// The requests that are to be sent now, their batches sealed.
    mutating func poll() -> [OutgoingRequest] {
        accumulator.poll(nowMs: nowMs).requests.map { request in
            var request = request
            for index in request.batches.indices {
                // Records of these tests always make a batch.
                try? request.batches[index].seal()
            }
            return request
        }
    }

    mutating func answer(_ request: OutgoingRequest, _ answer: BatchAnswer) {
        accumulator.requestEnded(request.node)
        for batch in request.batches {
            accumulator.answered(batch.id, answer, bytes: batch.contents, nowMs: nowMs)
        }
    }

    /// Records whose fate became known since the last call, and their first offset if they were delivered.
    mutating func takeFates() -> [(numbers: [Int], offset: Int64?)] {
        let fates = accumulator.deliveries.map { delivery in
            (delivery.promises.map(\.promise), (try? delivery.outcome.get())?.baseOffset)
        }
        accumulator.deliveries = []
        return fates
    }

    static func value(_ number: Int, size: Int) -> [UInt8] {
        let text = Array("\(number) ".utf8)
        return text + [UInt8](repeating: 0x2E, count: max(0, size - text.count))
    }

    static func written(at offset: Int64) -> BatchAnswer {
        .written(WrittenBatch(baseOffset: offset, logAppendTimeMs: -1))
    }

    static func refused(_ code: ErrorCode) -> BatchAnswer {
        .refused(code, message: nil, hasNewLeader: false)
    }

    static let lost = BatchAnswer.lost(KafkaClientError(.connectionFailed, "The connection was lost."))
}

extension OutgoingBatch {
    private var view: RecordBatchView? {
        guard case .sealed(let bytes) = contents else { return nil }
        return try? RecordBatchView(bytes)
    }

    var header: RecordBatchHeader? { view?.header }

    /// Numbers of the records, as ``AccumulatorFixture/value(_:size:)`` wrote them.
    var numbers: [Int] {
        var numbers: [Int] = []
        try? view?.forEachRecord { record in
            let text = String(decoding: record.value ?? UnsafeRawBufferPointer(start: nil, count: 0), as: UTF8.self)
            numbers.append(text.split(separator: " ").first.flatMap { Int($0) } ?? -1)
            return true
        }
        return numbers
    }
}
