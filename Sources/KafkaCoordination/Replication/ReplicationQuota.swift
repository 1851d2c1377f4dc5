/// How many bytes a second one side of replication may copy of throttled partitions (KIP-73).
///
/// As in Kafka the rate is that of the last `windowCount` windows of `windowMs`, and is exceeded only after it was: what
/// is under way is never cut short. Young measurements count as if the windows before them had been empty, so that a
/// burst passes.
package struct ReplicationQuota: Sendable, Equatable {
    /// `replication.quota.window.num`
    static let windowCount: Int64 = 11
    /// `replication.quota.window.size.seconds`
    static let windowMs: Int64 = 1000

    private struct Window: Equatable {
        var number: Int64
        var bytes: Int64
    }

    /// nil is without a limit.
    package var bytesPerSecond: Int64?
    /// Of the last windows those with bytes, oldest first.
    private var windows: [Window] = []

    package init(bytesPerSecond: Int64? = nil) { self.bytesPerSecond = bytesPerSecond }

    package mutating func record(_ bytes: Int, nowMs: Int64) {
        guard bytes > 0 else { return }
        let number = nowMs / Self.windowMs
        windows.removeAll { $0.number <= number - Self.windowCount }
        if let last = windows.indices.last, windows[last].number >= number {
            windows[last].bytes += Int64(bytes)
        } else {
            windows.append(Window(number: number, bytes: Int64(bytes)))
        }
    }

    package func isExceeded(nowMs: Int64) -> Bool {
        guard let bytesPerSecond else { return false }
        let first = nowMs / Self.windowMs - Self.windowCount + 1
        let bytes = windows.lazy.filter { $0.number >= first }.reduce(0) { $0 + $1.bytes }
        // The current window has only begun.
        let elapsedMs = (Self.windowCount - 1) * Self.windowMs + nowMs % Self.windowMs
        return Double(bytes) * 1000 > Double(bytesPerSecond) * Double(elapsedMs)
    }

    /// When to look again at a limit that is exceeded.
    package func retryMs(nowMs: Int64) -> Int64 { (nowMs / Self.windowMs + 1) * Self.windowMs }
}
