import Glibc
import KafkaStorage

/// A new directory for data that are not meant to stay.
struct ScratchDirectory: Sendable {
    let path: String

    /// Below `TMPDIR`, or /tmp, and readable by this user only.
    init() throws(CommandFailure) {
        var parent = getenv("TMPDIR").map { String(cString: $0) } ?? ""
        while parent.count > 1, parent.hasSuffix("/") { parent.removeLast() }
        if parent.isEmpty { parent = "/tmp" }
        var template = Array("\(parent)/swkafka-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            // The buffer is not empty: it holds at least the terminating zero.
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else {
            throw CommandFailure("Cannot make a temporary directory in \(parent): \(systemMessage(errno)).")
        }
        path = made
    }

    /// Removes it with all that is in it, as far as possible.
    func remove() { try? PosixFileSystem().removeTree(path) }
}
