import KafkaCoordination
import Synchronization

/// Where the answer of one request is left, and where its task waits for it.
final class AnswerSlot<Answer: Sendable>: Sendable {
    typealias Outcome = Result<Answer, CoordinatorError>

    private enum State {
        case empty
        case waiting(CheckedContinuation<Outcome, Never>)
        case filled(Outcome)
    }

    private let state = Mutex(State.empty)

    /// The first answer counts; there is no second one.
    func fill(_ outcome: Outcome) {
        let waiting = state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            switch state {
            case .empty:
                state = .filled(outcome)
                return nil
            case .waiting(let continuation):
                state = .filled(outcome)
                return continuation
            case .filled: return nil
            }
        }
        waiting?.resume(returning: outcome)
    }

    /// For one task alone.
    func wait() async throws(CoordinatorError) -> Answer {
        let outcome = await withCheckedContinuation { continuation in
            let outcome = state.withLock { state -> Outcome? in
                if case .filled(let outcome) = state { return outcome }
                state = .waiting(continuation)
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
        return try outcome.get()
    }
}
