import NIOCore

/// When a server connection reads, hands requests to the task that answers them, and closes: a pure machine.
///
/// Rules:
/// - Requests are answered in order, one at a time, but some are handed over ahead, so that neither side waits for the
///   other between two: any two, or up to `countLimit` of together less than `byteLimit`. Beyond that nothing is read.
/// - While the client does not take its answers (the channel is not writable) nothing is handed over or read, and the
///   task stops (see `RequestExchange`).
/// - When the client has sent its last byte, whole requests that came before are still answered, then the connection closes.
/// - Draining (shutdown) hands over nothing more, waits for the answers of what was handed over, then closes.
/// - A handler that wants to close abandons all requests that it has not answered.
struct RequestFlow: Equatable {
    static let countLimit = 32
    static let byteLimit = 1 << 20

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
    /// The sizes of the requests that were handed over and not answered yet.
    private var unanswered = CircularBuffer<Int>(initialCapacity: 2)
    private var unansweredBytes = 0
    private var isWritable = true
    private var inputEnded = false

    /// Whether a request may be handed to the task now.
    var mayHandOver: Bool {
        guard phase == .open, isWritable else { return false }
        return unanswered.count < 2 || (unanswered.count < Self.countLimit && unansweredBytes < Self.byteLimit)
    }

    /// Whether no request is with the task.
    var isIdle: Bool { unanswered.isEmpty }

    /// A request was handed over.
    mutating func handedOver(bytes: Int) {
        unanswered.append(bytes)
        unansweredBytes += bytes
    }

    /// The handler is done with the oldest request.
    mutating func answered() {
        // None is left if the handler answers after it closed: a defect of ours, but harmless.
        unansweredBytes -= unanswered.popFirst() ?? 0
    }

    /// The handler wants no more of this connection.
    mutating func abandon() {
        unanswered.removeAll()
        unansweredBytes = 0
        drain()
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
            guard isIdle else { return .wait }
            phase = .closing
            return .close
        case .closing:
            return .wait
        }
    }
}
