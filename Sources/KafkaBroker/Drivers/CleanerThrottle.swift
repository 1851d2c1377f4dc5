import Glibc
import Synchronization

/// Keeps what all cleaning threads read together below a rate, in real time (`log.cleaner.io.max.bytes.per.second`).
final class CleanerThrottle: Sendable {
    /// Nil: no limit.
    private let bytesPerSecond: Double?
    /// When the bytes so far are paid for.
    private let paid = Mutex<ContinuousClock.Instant>(.now)

    /// From this rate on a limit is none: no disk is as fast.
    private static let unlimited = 1e12
    private static let sliceMicroseconds: UInt32 = 20_000

    init(bytesPerSecond: Double) {
        self.bytesPerSecond = bytesPerSecond > 0 && bytesPerSecond < Self.unlimited ? bytesPerSecond : nil
    }

    /// Blocks until `bytes` may be read, or `isStopped` says so.
    func wait(for bytes: Int, unless isStopped: () -> Bool) {
        guard let bytesPerSecond, bytes > 0 else { return }
        let due = paid.withLock { paid in
            paid = max(paid, .now) + .seconds(Double(bytes) / bytesPerSecond)
            return paid
        }
        while ContinuousClock.now < due, !isStopped() { usleep(Self.sliceMicroseconds) }
    }
}
