import Glibc

/// A pipe that programs started later do not inherit.
enum ClosingPipe {
    /// nil when the process has no descriptors left.
    static func make(isBlocking: Bool = true) -> (read: CInt, write: CInt)? {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            if !isBlocking { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        }
        return (ends[0], ends[1])
    }
}
