import Glibc
import KafkaStorage

/// Starts node processes that live on when the command that started them ends.
struct NodeLauncher {
    let executable: String

    init() throws(CommandFailure) {
        guard let path = realpath("/proc/self/exe", nil) else {
            throw CommandFailure("Cannot find out where this executable is: \(systemMessage(errno)).")
        }
        defer { free(path) }
        executable = String(cString: path)
    }

    /// Starts the node of a folder in a session of its own, so that no terminal ends it; what it says goes to its log.
    ///
    /// - Parameter faults: the file that says what is to be wrong with it.
    func launch(_ folder: NodeFolder, faults: String) throws(CommandFailure) {
        unlink(folder.readyPath)
        let words = [
            executable, "broker", "--config", folder.propertiesPath, "--ready-file", folder.readyPath,
            "--faults-file", faults,
        ]
        let pid = try spawn(words, log: folder.logPath)
        try folder.started(pid)
    }

    func spawn(_ words: [String], log: String) throws(CommandFailure) -> Int32 {
        Self.keepDescriptors()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var pid: pid_t = 0
        // POSIX_SPAWN_SETSID is a macro of glibc that Swift does not see.
        let code = Spawning.withAttributes(flags: 0x80) { attributes in
            Spawning.withPointers(words) { arguments in
                posix_spawn(&pid, executable, &actions, attributes, arguments, environ)
            }
        }
        guard code == 0 else {
            throw CommandFailure("Cannot start \(words.joined(separator: " ")): \(systemMessage(code)).")
        }
        return pid
    }

    /// Nothing that is open here is passed on: somebody may wait for the end of a pipe that this process was given by
    /// chance, which a node would keep open for as long as it lives.
    private static func keepDescriptors() {
        for name in (try? PosixFileSystem().list("/proc/self/fd")) ?? [] {
            guard let descriptor = Int32(name), descriptor > STDERR_FILENO else { continue }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    /// Lets processes go that were started here and have ended; their numbers are free then.
    static func reap() {
        while waitpid(-1, nil, WNOHANG) > 0 {}
    }
}
