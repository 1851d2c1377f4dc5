import Glibc
import KafkaClient
import KafkaWire
import Synchronization

/// Hands the records of `producer-perf-test` to the producer, from a thread that may block.
final class PerfSender: Sendable {
    private struct State {
        var payload: PerfPayload
        var sent = 0
    }

    private let producer: KafkaProducer
    private let topic: String
    private let count: Int
    private let pace: SendPace
    private let tally: DeliveryTally
    private let interruptions: any InterruptionSource
    private let state: Mutex<State>
    private let start = ContinuousClock.now

    init(
        producer: KafkaProducer,
        topic: String,
        count: Int,
        pace: SendPace,
        payload: sending PerfPayload,
        tally: DeliveryTally,
        interruptions: any InterruptionSource
    ) {
        self.producer = producer
        self.topic = topic
        self.count = count
        self.pace = pace
        self.tally = tally
        self.interruptions = interruptions
        state = Mutex(State(payload: payload))
    }

    /// Hands everything over, in transactions of at most so many ms if that is not nil.
    func sendAll(transactionMs: Int64?) async throws {
        guard let transactionMs else {
            _ = try await onOwnThread { try self.send(forMs: nil) }
            return
        }
        try await producer.initTransactions()
        var isDone = false
        while !isDone {
            try producer.beginTransaction()
            isDone = try await onOwnThread { try self.send(forMs: transactionMs) }
            try await producer.commitTransaction()
        }
    }

    /// Sends until everything is handed over, an interruption comes, or the time is up.
    ///
    /// - Parameter duration: at most so many ms; nil for no limit.
    /// - Returns: whether nothing is left to be sent.
    private func send(forMs duration: Int64?) throws -> Bool {
        let begin = ContinuousClock.now
        return try state.withLock { state in
            while state.sent < count, interruptions.first == nil {
                switch pace.step(sent: state.sent, left: count - state.sent, elapsedNs: start.elapsedNs) {
                case .sleep(let ns): usleep(UInt32(ns / 1000))
                case .send(let number):
                    try hand(over: state.payload.next(number, from: state.sent), state.payload.block)
                    state.sent += number
                }
                if let duration, begin.elapsedNs >= UInt64(duration) * 1_000_000 { break }
            }
            return state.sent >= count || interruptions.first != nil
        }
    }

    private func hand(over spans: [RecordSpan], _ block: [UInt8]) throws {
        try block.withUnsafeBytes { bytes in
            var rest = spans[...]
            while !rest.isEmpty {
                do throws(KafkaClientError) {
                    try producer.append(&rest, in: bytes, to: topic)
                } catch {
                    guard let refused = rest.popFirst(), error.code != .closed, error.code != .fenced else {
                        throw error
                    }
                    tally.refuse(error, topic: topic, keyCount: nil, valueCount: Int(refused.valueLength))
                }
            }
        }
    }
}
