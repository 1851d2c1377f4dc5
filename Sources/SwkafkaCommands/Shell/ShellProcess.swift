import Glibc

/// A line that the system's shell runs.
enum ShellProcess {
    /// The descriptor on which the first command of a pipe tells its status.
    private static let statusDescriptor: CInt = 9

    /// Runs a line to its end. - Returns: its status, or that of the first command of a pipe if that failed.
    /// - Parameter hasInput: whether it may read this process's standard input.
    static func run(
        _ line: String,
        adding variables: [(name: String, value: String)],
        hasInput: Bool
    ) throws(CommandFailure) -> ExitStatus {
        let environment = try ChildProcess.environment(adding: variables)
        guard let ends = ClosingPipe.make() else {
            throw CommandFailure("Cannot make a pipe: \(systemMessage(errno)).")
        }
        defer { close(ends.read) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends.write, statusDescriptor)
        if !hasInput { posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) }
        var id = pid_t()
        let code = Spawning.withAttributes { attributes in
            Spawning.withPointers(["sh", "-c", line]) { arguments in
                Spawning.withPointers(environment) { environment in
                    posix_spawn(&id, "/bin/sh", &actions, attributes, arguments, environment)
                }
            }
        }
        close(ends.write)
        guard code == 0 else { throw CommandFailure("Cannot run /bin/sh: \(systemMessage(code)).") }
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        let last = signal == 0 ? ExitStatus(rawValue: (status >> 8) & 0xFF) : .signal(signal)
        return firstStatus(ends.read).map { $0 == .success ? last : $0 } ?? last
    }

    /// What the first command of the pipe has said, if there was one. Does not wait: a program that goes on in the
    /// background may hold the other end for ever.
    private static func firstStatus(_ descriptor: CInt) -> ExitStatus? {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 0) > 0, request.revents & Int16(POLLIN) != 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = KeyValueOptions.trimmed(String(decoding: bytes[..<count], as: UTF8.self))
        return Int32(text).map { ExitStatus(rawValue: $0) }
    }
}
