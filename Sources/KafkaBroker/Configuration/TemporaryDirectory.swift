import Glibc

/// Directories for data that nobody wants to keep.
package enum TemporaryDirectory {
    /// `TMPDIR`, or `/tmp`.
    static var parent: String {
        guard let value = getenv("TMPDIR") else { return "/tmp" }
        var path = String(cString: value)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path.isEmpty ? "/tmp" : path
    }

    /// A new directory that only this user can read.
    package static func make() throws(BrokerError) -> String {
        var template = Array("\(parent)/swkafka-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer -> String? in
            // The buffer is not empty: it holds at least the terminating zero.
            guard let base = buffer.baseAddress, let made = mkdtemp(base) else { return nil }
            return String(cString: made)
        }
        guard let path else {
            let reason = String(cString: strerror(errno))
            throw BrokerError(.storage, "cannot make a temporary directory in \(parent): \(reason)")
        }
        return path
    }
}
