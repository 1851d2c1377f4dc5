import KafkaClient
import KafkaMessages
import Synchronization

/// Where everybody who takes part in a verification writes down what they saw.
final class VerifyLedger: Sendable {
    private struct State {
        var history = VerifyHistory()
        var lastProducer: Int32 = 0
        var lastTransaction: Int64 = 0
        var begun: Set<Int> = []
        var lastAcknowledgement: ContinuousClock.Instant?
        var longestSilence = Duration.zero
        /// What applications would have been told, and how often.
        var errors: [String: Int] = [:]
    }

    private let state = Mutex(State())

    var history: VerifyHistory { state.withLock { $0.history } }

    func update(_ change: (inout VerifyHistory) -> Void) { state.withLock { change(&$0.history) } }

    // MARK: Producers

    /// The number of a new life of a producer.
    func newProducer() -> Int32 {
        state.withLock { state in
            state.lastProducer += 1
            state.history.writes[state.lastProducer] = []
            return state.lastProducer
        }
    }

    /// A record that is about to be written.
    func write(_ producer: Int32, in transaction: Int64? = nil) -> VerifyRecord {
        state.withLock { state in
            let number = state.history.writes[producer]?.count ?? 0
            state.history.writes[producer, default: []].append(.init(transaction: transaction))
            return VerifyRecord(producer: producer, number: Int64(number), transaction: transaction)
        }
    }

    func acknowledged(_ record: VerifyRecord, _ written: RecordMetadata, by worker: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.history.writes[record.producer]?[Int(record.number)].fate =
                .acknowledged(partition: written.partition, offset: written.offset)
            state.begun.insert(worker)
            if let last = state.lastAcknowledgement { state.longestSilence = max(state.longestSilence, now - last) }
            state.lastAcknowledgement = now
        }
    }

    /// How many workers have had something acknowledged.
    var begunCount: Int { state.withLock { $0.begun.count } }

    /// The longest time without an acknowledgement for anybody.
    var longestSilence: Duration { state.withLock { $0.longestSilence } }

    // MARK: Transactions

    func newTransaction() -> Int64 {
        state.withLock { state in
            state.lastTransaction += 1
            state.history.transactions[state.lastTransaction] = .uncertain
            return state.lastTransaction
        }
    }

    func ended(_ transaction: Int64, _ outcome: VerifyHistory.Outcome) {
        state.withLock { $0.history.transactions[transaction] = outcome }
    }

    // MARK: Errors

    func failed(_ error: any Error) {
        let text = (error as? KafkaClientError).map { $0.brokerError?.name ?? $0.code.description } ?? "\(error)"
        state.withLock { $0.errors[text, default: 0] += 1 }
    }

    /// By kind.
    var errors: [String: Int] { state.withLock { $0.errors } }

    // MARK: Readers

    /// The place of a new reader.
    func newReader(_ name: String, readsCommitted: Bool) -> Int {
        state.withLock { state in
            state.history.readers.append(.init(name: name, readsCommitted: readsCommitted))
            return state.history.readers.count - 1
        }
    }
}
