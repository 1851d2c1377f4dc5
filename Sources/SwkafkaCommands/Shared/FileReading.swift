import Glibc

/// Reads small files whole: property files, JSON that somebody wrote by hand.
enum FileReading {
    /// Larger than any sensible option file, small enough never to exhaust memory.
    static let limit = 64 << 20

    /// The file's bytes.
    /// - Parameter purpose: what the file is for, as in "cannot read the properties file …".
    static func bytes(of path: String, purpose: String) throws(CommandFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, purpose, errno) }
        defer { close(descriptor) }
        return try bytes(ofDescriptor: descriptor, purpose: purpose, path: path)
    }

    /// What is left to read of an open file.
    static func bytes(
        ofDescriptor descriptor: CInt,
        purpose: String,
        path: String = "on standard input"
    ) throws(CommandFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { chunk.deallocate() }
        while true {
            let count = read(descriptor, chunk.baseAddress, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(path, purpose, errno)
            }
            bytes.append(contentsOf: chunk[..<count])
            guard bytes.count <= limit else {
                throw CommandFailure("Cannot read the \(purpose) \(path): it is larger than \(limit) bytes.")
            }
        }
    }

    private static func failure(_ path: String, _ purpose: String, _ code: Int32) -> CommandFailure {
        CommandFailure("Cannot read the \(purpose) \(path): \(systemMessage(code)).")
    }
}

/// What the system calls an `errno`, with a small first letter as in the middle of a sentence.
func systemMessage(_ code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    let message = String(cString: text)
    return message.prefix(1).lowercased() + message.dropFirst()
}
