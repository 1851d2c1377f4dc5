/// The broker's time: stamps, deadlines and periodic work all come from here, so that a test can set it.
package protocol BrokerClock: Sendable {
    /// Milliseconds since 1970.
    var nowMs: Int64 { get }

    /// Calls `body` once after `delayMs`, unless cancelled before. The call must not block.
    func schedule(afterMs delayMs: Int64, _ body: @escaping @Sendable () -> Void) -> any ScheduledCall
}

package protocol ScheduledCall: Sendable {
    /// The call will not come any more; harmless when it came already.
    func cancel()
}
