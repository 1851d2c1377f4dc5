import Glibc
import Synchronization

/// Something outside that asks a running command to end.
enum Interruption: Equatable, Sendable {
    /// SIGINT or SIGTERM.
    case signal(Int32)
    /// Nobody reads standard output any more (`| head -1`).
    case outputClosed

    /// The exit status of a command that ended because of this.
    var status: ExitStatus {
        switch self {
        case .signal(let number): .signal(number)
        case .outputClosed: .success
        }
    }
}

/// Where interruptions come from.
protocol InterruptionSource: Sendable {
    /// Begins to listen; before that, signals have their usual effect.
    ///
    /// After the first interruption a second signal ends the process at once.
    /// - Parameter output: a descriptor whose reader may go away, or nil.
    func start(watching output: CInt?)
    /// The first interruption, once there is one.
    var first: Interruption? { get }
    /// Waits for the first interruption; returns nil when the task is cancelled.
    func wait() async -> Interruption?
    /// Becomes readable (and stays so) at the first interruption: for loops that wait with `poll`. -1 if there is none.
    var descriptor: CInt { get }
}

/// The process's signals, through a pipe that the handler writes to and a thread that reads it.
final class SignalInterruptions: InterruptionSource {
    static let shared = SignalInterruptions()

    private struct State {
        var first: Interruption?
        var waiters: [Int: CheckedContinuation<Interruption?, Never>] = [:]
        var nextWaiter = 0
        var started = false
    }

    private let state = Mutex(State())
    private let wakeRead: CInt
    private let wakeWrite: CInt

    private init() {
        var ends: [CInt] = [-1, -1]
        _ = pipe(&ends)
        wakeRead = ends[0]
        wakeWrite = ends[1]
    }

    var first: Interruption? { state.withLock { $0.first } }
    var descriptor: CInt { wakeRead }

    func start(watching output: CInt?) {
        let alreadyStarted = state.withLock { state in
            defer { state.started = true }
            return state.started
        }
        guard !alreadyStarted, let signals = SignalPipe.install() else { return }
        startThread { self.listen(signals: signals, output: output) }
    }

    func wait() async -> Interruption? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: Interruption?? = state.withLock { state in
                    if let first = state.first { return .some(first) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }

    private func listen(signals: CInt, output: CInt?) {
        var watched = output ?? -1
        while true {
            // A pipe's writing end reports POLLERR when the last reader closes; no event needs to be asked for.
            var requests = [
                pollfd(fd: signals, events: Int16(POLLIN), revents: 0), pollfd(fd: watched, events: 0, revents: 0),
            ]
            guard poll(&requests, 2, -1) > 0 else { continue }
            if requests[0].revents != 0 {
                var number: UInt8 = 0
                guard read(signals, &number, 1) == 1 else { continue }
                announce(.signal(Int32(number)))
            }
            if requests[1].revents != 0 {
                watched = -1
                announce(.outputClosed)
            }
        }
    }

    private func announce(_ interruption: Interruption) {
        let waiters: [CheckedContinuation<Interruption?, Never>]? = state.withLock { state in
            guard state.first == nil else { return nil }
            state.first = interruption
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        guard let waiters else {
            if case .signal(let number) = interruption { _exit(128 + number) }
            return
        }
        var byte: UInt8 = 1
        _ = write(wakeWrite, &byte, 1)
        for waiter in waiters { waiter.resume(returning: interruption) }
    }
}

/// No interruption ever: commands that run inside another program, and tests.
struct NoInterruptions: InterruptionSource {
    func start(watching output: CInt?) {}
    var first: Interruption? { nil }
    var descriptor: CInt { -1 }
    func wait() async -> Interruption? {
        try? await Task.sleep(for: .seconds(Int64(Int32.max)))
        return nil
    }
}

/// The self-pipe of the signal handler: the only thing that is safe to touch inside one is `write`.
private enum SignalPipe {
    static let writeEnd = Atomic<CInt>(-1)

    /// Takes over SIGINT and SIGTERM and returns the pipe's reading end; nil if no pipe can be made.
    static func install() -> CInt? {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        writeEnd.store(ends[1], ordering: .releasing)
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalPipe.writeEnd.load(ordering: .acquiring), &byte, 1)
                errno = saved
            }
        }
        return ends[0]
    }
}
