import NIOCore

/// The requests of one connection that wait for their answers: a pure machine, told of events and of the time.
///
/// Rules:
/// - Answers come in the order of the requests (the protocol promises it); one with another correlation id than the oldest
///   request's means that both sides have lost step, and the connection is closed.
/// - A request that the caller gave up keeps its place, since its answer will still come; that answer is dropped.
/// - A request whose time is up closes the connection: what is behind it on the wire would not be answered either.
/// - An idle connection (nothing in flight, nothing sent or received for `idleLimitMs`) is closed.
/// - After closing, requests are refused. A late event of a closed connection is a harmless race and is ignored.
///
/// `Token` is what the shell resumes; times are milliseconds of any monotonic clock.
package struct InFlightRequests<Token>: ~Copyable {
    private struct Entry {
        var correlationID: Int32
        var deadlineMs: Int64
        /// Nil when the caller gave the request up.
        var token: Token?
    }

    private struct Open {
        var entries = CircularBuffer<Entry>(initialCapacity: 8)
        var lastActivityMs: Int64
    }

    private enum State {
        case open(Open)
        case closed
    }

    private let idleLimitMs: Int64?
    private var state: State

    package enum SendAction {
        /// Write the request; look at `expire` not later than at `checkAtMs`.
        case write(checkAtMs: Int64)
        /// The connection is closed.
        case refuse(Token)
    }

    package enum ReceiveAction {
        case complete(Token)
        /// The answer to a request that was given up, or one that came after closing.
        case discard
        /// The answer belongs to no request or to another one than the oldest: close, and fail these.
        case outOfStep(expected: Int32?, failed: [Token])
    }

    package enum ExpireAction {
        /// Nothing is due; look again at that time, if at all.
        case wait(untilMs: Int64?)
        /// Time is up for the first list; close, and fail both.
        case timedOut(expired: [Token], others: [Token])
        /// Nothing happened for too long: close.
        case closeIdle
    }

    /// - Parameter idleLimitMs: How long a connection may have nothing to do; nil for ever.
    package init(idleLimitMs: Int64?, nowMs: Int64) {
        self.init(idleLimitMs: idleLimitMs, state: .open(Open(lastActivityMs: nowMs)))
    }

    private init(idleLimitMs: Int64?, state: State) {
        self.idleLimitMs = idleLimitMs
        self.state = state
    }

    /// Requests that still wait, those given up included.
    package var count: Int {
        switch state {
        case .open(let open): open.entries.count
        case .closed: 0
        }
    }

    /// A request is about to be written.
    package mutating func send(correlationID: Int32, deadlineMs: Int64, token: Token, nowMs: Int64) -> SendAction {
        switch takeState() {
        case .open(var open):
            open.entries.append(Entry(correlationID: correlationID, deadlineMs: deadlineMs, token: token))
            open.lastActivityMs = nowMs
            state = .open(open)
            return .write(checkAtMs: deadlineMs)
        case .closed:
            return .refuse(token)
        }
    }

    /// A request that has no answer (Produce with acks=0) is about to be written; false when the connection is closed.
    package mutating func sendWithoutResponse(nowMs: Int64) -> Bool {
        switch takeState() {
        case .open(var open):
            open.lastActivityMs = nowMs
            state = .open(open)
            return true
        case .closed:
            return false
        }
    }

    /// An answer came.
    package mutating func received(correlationID: Int32, nowMs: Int64) -> ReceiveAction {
        switch takeState() {
        case .open(var open):
            guard let oldest = open.entries.first, oldest.correlationID == correlationID else {
                let expected = open.entries.first?.correlationID
                return .outOfStep(expected: expected, failed: open.entries.compactMap(\.token))
            }
            open.entries.removeFirst()
            open.lastActivityMs = nowMs
            state = .open(open)
            return oldest.token.map { .complete($0) } ?? .discard
        case .closed:
            return .discard
        }
    }

    /// The caller no longer waits for a request. Its token is handed back, unless the request was already answered.
    package mutating func giveUp(correlationID: Int32) -> Token? {
        switch takeState() {
        case .open(var open):
            var token: Token?
            if let index = open.entries.firstIndex(where: { $0.correlationID == correlationID }) {
                token = open.entries[index].token
                open.entries[index].token = nil
            }
            state = .open(open)
            return token
        case .closed:
            return nil
        }
    }

    /// Time went by.
    package mutating func expire(nowMs: Int64) -> ExpireAction {
        switch takeState() {
        case .open(let open):
            guard let earliest = open.entries.lazy.map(\.deadlineMs).min() else {
                guard let idleLimitMs else {
                    state = .open(open)
                    return .wait(untilMs: nil)
                }
                let idleAtMs = open.lastActivityMs + idleLimitMs
                guard idleAtMs > nowMs else { return .closeIdle }
                state = .open(open)
                return .wait(untilMs: idleAtMs)
            }
            guard earliest <= nowMs else {
                state = .open(open)
                return .wait(untilMs: earliest)
            }
            return .timedOut(
                expired: open.entries.filter { $0.deadlineMs <= nowMs }.compactMap(\.token),
                others: open.entries.filter { $0.deadlineMs > nowMs }.compactMap(\.token)
            )
        case .closed:
            return .wait(untilMs: nil)
        }
    }

    /// The connection is closed, by whomever; fail these.
    package mutating func close() -> [Token] {
        switch takeState() {
        case .open(let open): open.entries.compactMap(\.token)
        case .closed: []
        }
    }

    /// Moves the state out, so that changing it copies nothing, and leaves `closed` behind.
    private mutating func takeState() -> State {
        let taken = state
        state = .closed
        return taken
    }
}

extension InFlightRequests.SendAction: Equatable where Token: Equatable {}
extension InFlightRequests.ReceiveAction: Equatable where Token: Equatable {}
extension InFlightRequests.ExpireAction: Equatable where Token: Equatable {}
