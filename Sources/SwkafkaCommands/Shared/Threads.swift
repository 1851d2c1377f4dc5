import Glibc

/// Starts a detached thread of its own: for loops that block in system calls, which Swift's shared pool must not do.
func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let status = pthread_create(
        &thread,
        nil,
        { argument in
            // The argument is the box passed below; it is never nil.
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        },
        box.toOpaque()
    )
    if status == 0 {
        pthread_detach(thread)
    } else {
        // No thread to be had: better a blocked caller than work that never happens.
        box.takeRetainedValue().body()
    }
}

/// Runs blocking work on a thread of its own and waits for its result.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        startThread { continuation.resume(with: Result { try work() }) }
    }
}
