/// Where reading a partition starts.
public enum StartPosition: Hashable, Sendable {
    /// At the first record that is still there.
    case beginning
    /// At the end: only records written from now on.
    case end
    /// At this offset.
    case offset(Int64)
    /// At this many records before the end, or at the beginning if there are fewer.
    case beforeEnd(Int64)
    /// At the first record whose timestamp is this or later, in milliseconds since 1970; at the end if there is none.
    case timestamp(Int64)
    /// Where the consumer's group left off, else where `auto.offset.reset` says; needs a ``ConsumerConfiguration/group``.
    case committed
}

extension OffsetResetPolicy {
    /// The start that the policy leads to, `nil` when it leads nowhere.
    ///
    /// - Parameter wallClockMs: the time of day, in milliseconds since 1970.
    func start(wallClockMs: Int64) -> StartPosition? {
        switch self {
        case .earliest: .beginning
        case .latest: .end
        case .none: nil
        case .byDuration(let duration): .timestamp(wallClockMs - duration.milliseconds)
        }
    }
}
