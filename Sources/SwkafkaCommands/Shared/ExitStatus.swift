/// How a command ended, as the shell sees it.
struct ExitStatus: Equatable, Sendable {
    var rawValue: Int32

    /// Everything asked for was done.
    static let success = ExitStatus(rawValue: 0)
    /// Something failed, if only one item of many.
    static let failure = ExitStatus(rawValue: 1)
    /// The command line was wrong; nothing was tried.
    static let usage = ExitStatus(rawValue: 2)

    /// The shell's convention for a process that a signal ended: 130 for SIGINT, 143 for SIGTERM.
    static func signal(_ number: Int32) -> ExitStatus { ExitStatus(rawValue: 128 + number) }
}
