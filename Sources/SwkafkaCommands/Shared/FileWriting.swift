import Glibc

/// Writes small files whole, so that a reader finds the old text or the new one, never a part.
enum FileWriting {
    /// - Parameter mode: who may read and write a file that is new.
    static func replace(
        _ path: String,
        with text: String,
        purpose: String,
        mode: mode_t = 0o644
    ) throws(CommandFailure) {
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(path, purpose) }
        let isWritten = text.withBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
            return true
        }
        let problem = isWritten ? nil : failure(path, purpose)
        close(descriptor)
        if let problem {
            unlink(temporary)
            throw problem
        }
        guard rename(temporary, path) == 0 else { throw failure(path, purpose) }
    }

    /// Makes a directory and those above it.
    static func makeDirectory(_ path: String, purpose: String) throws(CommandFailure) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o755) != 0, errno != EEXIST { throw failure(made, purpose) }
        }
    }

    private static func failure(_ path: String, _ purpose: String) -> CommandFailure {
        CommandFailure("Cannot write the \(purpose), \(path): \(systemMessage(errno)).")
    }
}
