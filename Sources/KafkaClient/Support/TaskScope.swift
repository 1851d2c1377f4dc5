import Synchronization

/// Owns the tasks of a long-lived object: they end when it is closed, and closing waits for them.
final class TaskScope: Sendable {
    private struct State {
        var nextID = 0
        var tasks: [Int: Task<Void, Never>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Starts a task, unless the scope is closed.
    ///
    /// - Returns: whether it was started.
    @discardableResult
    func start(_ operation: @escaping @Sendable () async -> Void) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.nextID += 1
            let id = state.nextID
            state.tasks[id] = Task { [weak self] in
                await operation()
                self?.ended(id)
            }
            return true
        }
    }

    /// Cancels all tasks and waits until they have ended. No more can be started.
    func close() async {
        let tasks = state.withLock { state in
            state.isClosed = true
            return Array(state.tasks.values)
        }
        for task in tasks {
            task.cancel()
        }
        for task in tasks {
            await task.value
        }
    }

    private func ended(_ id: Int) {
        state.withLock { state in
            state.tasks[id] = nil
        }
    }
}
