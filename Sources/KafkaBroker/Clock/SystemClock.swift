import Glibc
import NIOCore

/// Real time; timers run on the event loops.
struct SystemClock: BrokerClock {
    let group: any EventLoopGroup

    var nowMs: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    func schedule(afterMs delayMs: Int64, _ body: @escaping @Sendable () -> Void) -> any ScheduledCall {
        // A year is as good as for ever and keeps the addition to the deadline from overflowing.
        let delay = TimeAmount.milliseconds(min(max(0, delayMs), 365 * 86_400_000))
        // Without a promise, which NIO would lose when the loop ends meanwhile. A loop that has ended calls nobody.
        return Call(callback: try? group.next().scheduleCallback(in: delay, handler: Handler(body: body)))
    }

    private struct Handler: NIOScheduledCallbackHandler, Sendable {
        let body: @Sendable () -> Void

        func handleScheduledCallback(eventLoop: some EventLoop) { body() }
    }

    private struct Call: ScheduledCall {
        let callback: NIOScheduledCallback?

        func cancel() { callback?.cancel() }
    }
}
