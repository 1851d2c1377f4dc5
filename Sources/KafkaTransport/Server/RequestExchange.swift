import NIOCore
import Synchronization

/// Where a connection's event loop and the task that answers its requests meet: requests one way, replies the other.
///
/// The task gets no further request while the client does not take its answers, or while replies of more than
/// `replyByteLimit` have not reached the channel yet; when the connection is gone it gets what is left, for requests
/// without an answer count as well.
final class RequestExchange: Sendable {
    static let replyByteLimit = 1 << 18

    private struct State: Sendable {
        var requests = CircularBuffer<IncomingRequest>(initialCapacity: 2)
        var replies: [RequestConnection.Reply] = []
        var replyBytes = 0
        var isWritable = true
        var isFinished = false
        var waiting: CheckedContinuation<IncomingRequest?, Never>?

        /// What a task that asks gets; nil when it must wait.
        mutating func offer() -> IncomingRequest?? {
            if isFinished { return .some(requests.popFirst()) }
            guard isWritable, replyBytes < RequestExchange.replyByteLimit else { return nil }
            return requests.popFirst().map { .some($0) }
        }
    }

    private let state = Mutex(State())

    // MARK: For the event loop

    func put(_ request: IncomingRequest) {
        update { $0.requests.append(request) }
    }

    /// Whether the client takes its answers.
    func setWritable(_ isWritable: Bool) {
        update { $0.isWritable = isWritable }
    }

    /// No more requests come.
    func finish() {
        update { $0.isFinished = true }
    }

    /// Replies in the order of their requests; say `repliesWritten` when the channel has them.
    func takeReplies() -> [RequestConnection.Reply] {
        state.withLock { state in
            let replies = state.replies
            state.replies = []
            return replies
        }
    }

    func repliesWritten() {
        update { state in
            state.replyBytes = state.replies.reduce(0) { $0 + $1.byteCount }
        }
    }

    // MARK: For the task

    /// True when the event loop must be told.
    func add(_ reply: RequestConnection.Reply) -> Bool {
        state.withLock { state in
            state.replies.append(reply)
            state.replyBytes += reply.byteCount
            return state.replies.count == 1
        }
    }

    /// The next request; nil after the last. For one task alone.
    func next() async -> IncomingRequest? {
        if let offer = state.withLock({ $0.offer() }) {
            return offer
        }
        return await withCheckedContinuation { continuation in
            let offer = state.withLock { state -> IncomingRequest?? in
                let offer = state.offer()
                if offer == nil {
                    state.waiting = continuation
                }
                return offer
            }
            if let offer {
                continuation.resume(returning: offer)
            }
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let (waiting, request) = state.withLock { state in
            change(&state)
            guard let waiting = state.waiting, let offer = state.offer() else {
                return (CheckedContinuation<IncomingRequest?, Never>?.none, IncomingRequest?.none)
            }
            state.waiting = nil
            return (waiting, offer)
        }
        waiting?.resume(returning: request)
    }
}
