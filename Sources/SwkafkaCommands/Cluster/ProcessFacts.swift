/// What the kernel says of a process (proc(5)).
struct ProcessFacts: Equatable {
    enum State: Equatable {
        case running
        /// By SIGSTOP.
        case stopped
    }

    let state: State
    /// In clock ticks since the machine started: two processes that had one number after another differ in it.
    let startTicks: UInt64
    /// The words of its command line.
    let commandLine: [String]

    /// nil when there is no such process, or when it has ended and only waits for its parent to notice.
    init?(_ pid: Int32) {
        guard pid > 0, let stat = Self.read("/proc/\(pid)/stat"), let facts = Self.parse(stat: stat) else { return nil }
        guard let state = facts.state, let words = Self.read("/proc/\(pid)/cmdline") else { return nil }
        self.state = state
        startTicks = facts.startTicks
        commandLine = words.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The third and the 22nd field; the second, the name in parentheses, may hold anything. A state of nil is no
    /// living process.
    static func parse(stat: [UInt8]) -> (state: State?, startTicks: UInt64)? {
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, let letter = fields[0].first,
            let start = UInt64(String(decoding: fields[19], as: UTF8.self))
        else { return nil }
        let state: State? =
            switch letter {
            case UInt8(ascii: "Z"), UInt8(ascii: "X"), UInt8(ascii: "x"): nil
            case UInt8(ascii: "T"), UInt8(ascii: "t"): .stopped
            default: .running
            }
        return (state, start)
    }

    private static func read(_ path: String) -> [UInt8]? {
        try? FileReading.bytes(of: path, purpose: "facts of a process")
    }
}
