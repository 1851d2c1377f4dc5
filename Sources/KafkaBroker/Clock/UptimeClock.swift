import NIOCore

/// Real time that no one can set: milliseconds since the machine started. Only differences mean anything.
struct UptimeClock: BrokerClock {
    let system: SystemClock

    var nowMs: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }

    func schedule(afterMs delayMs: Int64, _ body: @escaping @Sendable () -> Void) -> any ScheduledCall {
        system.schedule(afterMs: delayMs, body)
    }
}
