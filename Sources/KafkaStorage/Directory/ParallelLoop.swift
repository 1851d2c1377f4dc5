import Glibc
import Synchronization

/// Calls `body` for each element, on up to `threads` threads of its own, and returns when all is done. For blocking
/// work, which must not hold up Swift's shared pool.
func forEachInParallel<Element: Sendable>(
    _ elements: [Element],
    threads: Int,
    _ body: @Sendable @escaping (Element) -> Void
) {
    let loop = ParallelLoop(elements, body)
    var handles: [pthread_t] = []
    for _ in 1..<max(1, min(threads, elements.count)) {
        var handle = pthread_t()
        let argument = Unmanaged.passRetained(loop).toOpaque()
        let result = pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<AnyParallelLoop>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            argument
        )
        if result == 0 {
            handles.append(handle)
        } else {
            // No more threads to be had: those that run, this one at least, do the work.
            Unmanaged<AnyParallelLoop>.fromOpaque(argument).release()
        }
    }
    loop.run()
    for handle in handles { pthread_join(handle, nil) }
}

private class AnyParallelLoop {
    func run() {}
}

private final class ParallelLoop<Element: Sendable>: AnyParallelLoop {
    private let elements: [Element]
    private let body: @Sendable (Element) -> Void
    private let next = Atomic<Int>(0)

    init(_ elements: [Element], _ body: @Sendable @escaping (Element) -> Void) {
        self.elements = elements
        self.body = body
    }

    override func run() {
        while true {
            let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard index < elements.count else { return }
            body(elements[index])
        }
    }
}
