import Glibc
import Synchronization

@testable import SwkafkaCommands

/// Interruptions that a test makes.
final class ManualInterruptions: InterruptionSource {
    private struct State {
        var first: Interruption?
        var waiters: [CheckedContinuation<Interruption?, Never>] = []
    }

    private let state = Mutex(State())
    private let ends: (read: CInt, write: CInt)

    init() {
        var ends: [CInt] = [-1, -1]
        _ = pipe(&ends)
        self.ends = (ends[0], ends[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    var first: Interruption? { state.withLock { $0.first } }
    var descriptor: CInt { ends.read }
    func start(watching output: CInt?) {}

    func fire(_ interruption: Interruption) {
        let waiters = state.withLock { state in
            state.first = state.first ?? interruption
            defer { state.waiters = [] }
            return state.waiters
        }
        var byte: UInt8 = 1
        _ = Glibc.write(ends.write, &byte, 1)
        for waiter in waiters { waiter.resume(returning: interruption) }
    }

    func wait() async -> Interruption? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    guard state.first == nil, !Task.isCancelled else { return true }
                    state.waiters.append(continuation)
                    return false
                }
                if isDone { continuation.resume(returning: first) }
            }
        } onCancel: {
            let waiters = state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume(returning: nil) }
        }
    }
}

/// Collects what is written, and interrupts at the first write.
final class InterruptingSink: ByteSink {
    private let memory = MemorySink()
    private let interruptions: ManualInterruptions
    private let interruption: Interruption

    init(_ interruptions: ManualInterruptions, _ interruption: Interruption) {
        self.interruptions = interruptions
        self.interruption = interruption
    }

    var text: String { memory.text }

    func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
        try memory.write(bytes)
        interruptions.fire(interruption)
    }
}
