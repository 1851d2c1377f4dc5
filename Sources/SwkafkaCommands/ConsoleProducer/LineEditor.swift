import CReadline
import Glibc
import Synchronization

/// Lines from a terminal with GNU readline: editing, and a history of this session's lines.
///
/// Uses readline's callback interface, so that waiting is an ordinary `poll` that an interruption can end. Readline keeps
/// its state in globals: there is one editor at a time, used by one thread.
struct LineEditor {
    private enum State: Sendable {
        case editing
        case line([UInt8])
        case end
    }

    /// What readline's callback, a plain C function, has to say.
    private static let state = Mutex(State.editing)

    private let descriptor: CInt
    private let interruption: CInt

    /// - Parameter interruption: a descriptor that becomes readable when waiting shall end; -1 for never.
    init(prompt: String, descriptor: CInt, interruption: CInt) {
        self.descriptor = descriptor
        self.interruption = interruption
        Self.state.withLock { $0 = .editing }
        swkafka_readline_setup()
        rl_callback_handler_install(prompt) { line in
            guard let line else {
                rl_callback_handler_remove()
                LineEditor.state.withLock { $0 = .end }
                return
            }
            if line[0] != 0 { add_history(line) }
            let bytes = Array(UnsafeRawBufferPointer(start: line, count: strlen(line)))
            free(line)
            LineEditor.state.withLock { $0 = .line(bytes) }
        }
    }

    /// How waiting for a line ended.
    enum Event: Equatable {
        case line([UInt8])
        /// Ctrl-D.
        case end
        case interrupted
    }

    /// The next line without its end; nil at the end of the input (Ctrl-D) or when interrupted.
    func next() -> [UInt8]? {
        if case .line(let bytes) = wait() { bytes } else { nil }
    }

    /// The next line, where an interruption empties the line that is being typed.
    /// - Parameter forget: makes the interruption's descriptor silent again.
    func event(forget: () -> Void) -> Event {
        while true {
            let event = wait()
            guard event == .interrupted else { return event }
            forget()
            swkafka_readline_abandon()
        }
    }

    private func wait() -> Event {
        while true {
            let state = Self.state.withLock { state in
                let current = state
                if case .line = current { state = .editing }
                return current
            }
            switch state {
            case .line(let bytes): return .line(bytes)
            case .end: return .end
            case .editing: break
            }
            var requests = [
                pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&requests, 2, -1) > 0 else { continue }
            if requests[0].revents != 0 { return .interrupted }
            rl_callback_read_char()
        }
    }

    /// Gives the terminal back as it was.
    func close() { rl_callback_handler_remove() }
}
