import Synchronization

/// A value that comes once, and that any number of tasks wait for.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, Never>])
        case done(Value)
    }

    private let state = Mutex(State.waiting([]))

    /// Wakes everyone who waits. Only the first value counts.
    func open(_ value: Value) {
        let waiting = state.withLock { state -> [CheckedContinuation<Value, Never>] in
            guard case .waiting(let continuations) = state else { return [] }
            state = .done(value)
            return continuations
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    /// Waits for the value; being cancelled does not end the waiting.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value: Value? = state.withLock { state in
                    switch state {
                    case .done(let value):
                        return value
                    case .waiting(let others):
                        state = .waiting(others + [continuation])
                        return nil
                    }
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}

/// A record that was laid into a batch and whose delivery is not known yet.
public final class PendingDelivery: Sendable {
    private let result = OneShot<Result<RecordMetadata, KafkaClientError>>()

    init() {}

    func fulfil(_ outcome: Result<RecordMetadata, KafkaClientError>) {
        result.open(outcome)
    }

    /// Where the record was written, waited for.
    ///
    /// - Throws: why it was not.
    public var value: RecordMetadata {
        get async throws(KafkaClientError) {
            try await result.value.get()
        }
    }
}
