import Glibc
import NIOCore

/// A task executor over a small pool of threads in which blocking file calls are allowed.
///
/// Request handlers run here, never on an event loop and never on the runtime's shared pool, which must not block. Threads
/// are started when there is work and no thread is free, up to `size`, and stay. Whoever makes an executor calls
/// `shutdown` after the last task that prefers it has ended.
///
/// `@unchecked Sendable`: all mutable state is touched only with `mutex` locked.
package final class StorageExecutor: TaskExecutor, @unchecked Sendable {
    /// The greatest number of threads.
    package let size: Int

    private static let stackBytes = 1 << 20

    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let wakeUp: UnsafeMutablePointer<pthread_cond_t>
    private var jobs = CircularBuffer<UnownedJob>(initialCapacity: 64)
    private var threads: [pthread_t] = []
    /// Threads that wait and have not been told to wake up.
    private var idle = 0
    /// Threads that were told to wake up and have not done so yet.
    private var woken = 0
    private var isStopped = false

    /// - Parameter size: The greatest number of threads; at least 1. The default is one a core, but no less than four,
    ///   since threads that wait for a disk need no core.
    package init(size: Int = max(4, System.coreCount)) {
        self.size = max(1, size)
        mutex = .allocate(capacity: 1)
        wakeUp = .allocate(capacity: 1)
        // Neither call can fail with default attributes on Linux.
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wakeUp, nil)
    }

    deinit {
        // Threads keep the executor alive, so none is left.
        pthread_cond_destroy(wakeUp)
        pthread_mutex_destroy(mutex)
        wakeUp.deallocate()
        mutex.deallocate()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pthread_mutex_lock(mutex)
        if isStopped {
            // Only a task that outlived its owner comes here; it must still end somewhere.
            pthread_mutex_unlock(mutex)
            return job.runSynchronously(on: asUnownedTaskExecutor())
        }
        jobs.append(job)
        let mustWake = idle > 0
        if mustWake {
            idle -= 1
            woken += 1
        } else if threads.count < size {
            startThread()
        }
        pthread_mutex_unlock(mutex)
        // Outside the lock, which the thread that wakes up takes first.
        if mustWake {
            pthread_cond_signal(wakeUp)
        }
    }

    /// Lets the threads finish what is queued, and waits for them to end. Must not be called from a job.
    package func shutdown() {
        pthread_mutex_lock(mutex)
        isStopped = true
        let ending = threads
        threads = []
        pthread_cond_broadcast(wakeUp)
        pthread_mutex_unlock(mutex)
        for thread in ending {
            pthread_join(thread, nil)
        }
    }

    /// Called with `mutex` locked.
    private func startThread() {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        defer { pthread_attr_destroy(&attributes) }
        let me = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread,
            &attributes,
            { argument in
                if let argument {
                    let executor = Unmanaged<StorageExecutor>.fromOpaque(argument).takeRetainedValue()
                    executor.work()
                }
                return nil
            },
            me.toOpaque()
        )
        if failure == 0 {
            threads.append(thread)
        } else {
            me.release()
            // Without any thread nothing would ever run; with one the work only waits longer.
            precondition(!threads.isEmpty, "the system gives no thread: error \(failure)")
        }
    }

    private func work() {
        let executor = asUnownedTaskExecutor()
        pthread_mutex_lock(mutex)
        while true {
            if let job = jobs.popFirst() {
                pthread_mutex_unlock(mutex)
                job.runSynchronously(on: executor)
                pthread_mutex_lock(mutex)
                continue
            }
            if isStopped { break }
            idle += 1
            while woken == 0, !isStopped {
                pthread_cond_wait(wakeUp, mutex)
            }
            if woken > 0 {
                woken -= 1
            } else {
                idle -= 1
            }
        }
        pthread_mutex_unlock(mutex)
    }
}
