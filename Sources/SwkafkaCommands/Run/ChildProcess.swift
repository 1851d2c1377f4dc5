import Glibc

/// A program started by a command, with the command's own input and output.
struct ChildProcess: Sendable {
    private let id: pid_t

    /// Starts a program, found as a shell finds it.
    ///
    /// - Parameter additions: variables that it gets besides those of this process, or instead of them.
    /// - Throws: with the shell's status, when there is no such program (127) or it cannot be run (126).
    init(_ words: [String], adding additions: [(name: String, value: String)]) throws(CommandFailure) {
        let environment = try Self.environment(adding: additions)
        var id = pid_t()
        let code = Spawning.withAttributes { attributes in
            Spawning.withPointers(words) { arguments in
                Spawning.withPointers(environment) { environment in
                    posix_spawnp(&id, words.first ?? "", nil, attributes, arguments, environment)
                }
            }
        }
        guard code == 0 else {
            throw CommandFailure(
                "Cannot run '\(words.first ?? "")': \(systemMessage(code)).",
                status: ExitStatus(rawValue: code == ENOENT ? 127 : 126)
            )
        }
        self.id = id
    }

    /// Waits for its end: its exit status, or 128 + n when signal n ended it. To be asked for once.
    func status() async -> ExitStatus {
        await withCheckedContinuation { continuation in
            startThread { [id] in
                var status: Int32 = 0
                while waitpid(id, &status, 0) < 0, errno == EINTR {}
                let signal = status & 0x7f
                continuation.resume(
                    returning: signal == 0 ? ExitStatus(rawValue: (status >> 8) & 0xff) : .signal(signal)
                )
            }
        }
    }

    /// Sends it a signal that came to this process; not what a terminal sends to both of them.
    func pass(on number: Int32) {
        guard number != SIGINT || !Self.isInForeground else { return }
        kill(id, number)
    }

    /// Whether the keys of a terminal send their signals to this process, and so to its children as well.
    private static var isInForeground: Bool {
        let terminal = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        return tcgetpgrp(terminal) == getpgrp()
    }

    /// This process's environment with some variables changed, as posix_spawn(3) takes it.
    static func environment(adding additions: [(name: String, value: String)]) throws(CommandFailure)
        -> [String]
    {
        let own = try FileReading.bytes(of: "/proc/self/environ", purpose: "environment")
        let names = additions.map { $0.name + "=" }
        let kept = own.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.filter { entry in
            !names.contains { entry.hasPrefix($0) }
        }
        return kept + additions.map { "\($0.name)=\($0.value)" }
    }
}
