import Glibc
import KafkaTransport
import Synchronization
import Testing

@Suite struct StorageExecutorTests {
    @Test(.timeLimit(.minutes(1))) func tasksRunOnAtMostSizeThreads() async {
        let executor = StorageExecutor(size: 3)
        let threads = ThreadSet()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask(executorPreference: executor) {
                    threads.noteCurrent()
                    await Task.yield()
                    threads.noteCurrent()
                }
            }
        }
        #expect((1...3).contains(threads.count))
        executor.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func threadsThatBlockDoNotHoldUpTheOthers() async {
        // Each of four jobs waits for the other three: it ends only if all run at the same time.
        let executor = StorageExecutor(size: 4)
        for _ in 0..<50 {
            let barrier = UncheckedBarrier(count: 4)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask(executorPreference: executor) { barrier.wait() }
                }
            }
        }
        executor.shutdown()
    }

    @Test func shutdownWithoutWorkReturns() {
        StorageExecutor(size: 2).shutdown()
    }

    private final class ThreadSet: Sendable {
        private let threads = Mutex<Set<UInt>>([])
        var count: Int { threads.withLock { $0.count } }

        func noteCurrent() {
            let thread = UInt(pthread_self())
            threads.withLock { _ = $0.insert(thread) }
        }
    }

    /// `@unchecked Sendable`: the barrier is made to be shared between threads and set up before it is.
    private final class UncheckedBarrier: @unchecked Sendable {
        private let barrier = UnsafeMutablePointer<pthread_barrier_t>.allocate(capacity: 1)

        init(count: UInt32) {
            pthread_barrier_init(barrier, nil, count)
        }

        deinit {
            pthread_barrier_destroy(barrier)
            barrier.deallocate()
        }

        func wait() {
            pthread_barrier_wait(barrier)
        }
    }
}
