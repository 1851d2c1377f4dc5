/// When a server connection reads, hands requests to their handler, and closes: a pure machine.
///
/// Rules:
/// - Requests are answered in order, one at a time. One more may be handed over while one is being answered, so that the
///   handler need not wait for the event loop between two; beyond that nothing is read from the socket.
/// - While the client does not take its answers (the channel is not writable) nothing is handed over or read: a slow
///   reader holds at most the answers of two requests.
/// - When the client has sent its last byte, whole requests that came before are still answered, then the connection closes.
/// - Draining (shutdown) hands over nothing more, waits for the answers of what was handed over, then closes.
struct RequestFlow: Equatable {
    /// Requests that may be with the handler at the same time, answered one after another.
    static let handOverLimit = 2

    enum Action: Equatable {
        /// Ask the socket for more.
        case read
        /// Something else will happen first.
        case wait
        /// Close when all answers were sent.
        case close
    }

    private enum Phase {
        case open
        case draining
        case closing
    }

    private var phase = Phase.open
    private var unanswered = 0
    private var isWritable = true
    private var inputEnded = false

    /// Whether a request may be handed to the handler now.
    var mayHandOver: Bool {
        phase == .open && isWritable && unanswered < Self.handOverLimit
    }

    /// Whether no request is with the handler.
    var isIdle: Bool { unanswered == 0 }

    /// A request was handed over.
    mutating func handedOver() {
        unanswered += 1
    }

    /// The handler is done with a request.
    mutating func answered() {
        unanswered -= 1
    }

    mutating func writabilityChanged(_ isWritable: Bool) {
        self.isWritable = isWritable
    }

    /// The client will send no more.
    mutating func inputClosed() {
        inputEnded = true
    }

    /// The listener shuts down.
    mutating func drain() {
        if phase == .open {
            phase = .draining
        }
    }

    /// What to do after as many requests as possible were handed over.
    mutating func next() -> Action {
        switch phase {
        case .open where !mayHandOver:
            return .wait
        case .open where !inputEnded:
            return .read
        case .open, .draining:
            guard unanswered == 0 else { return .wait }
            phase = .closing
            return .close
        case .closing:
            return .wait
        }
    }
}
