/// What went wrong with a file or a directory of a log, on which path, and what may help.
package struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The class of the failure; callers switch on it.
    package enum Kind: Equatable, Sendable {
        /// The operating system refused; the value is `errno`.
        case system(CInt)
        /// A file does not hold what its format demands.
        case corrupt
        /// Another process (or another owner in this one) has the log directory open.
        case locked
        /// The directory belongs to another node or cluster.
        case wrongIdentity
        /// An earlier failure (a failed fsync) made the log unusable until it is opened again.
        case offline
        /// A name, offset or size that the caller gave cannot be used.
        case invalidArgument
    }

    package let kind: Kind
    /// What was being done, as a verb phrase: "write", "rename to X".
    package let operation: String
    package let path: String
    /// The reason in words; for `.system` the text of `errno`.
    package let reason: String
    /// What the user may do about it; empty if there is nothing to say.
    package let remedy: String

    package init(kind: Kind, operation: String, path: String, reason: String, remedy: String = "") {
        self.kind = kind
        self.operation = operation
        self.path = path
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String {
        let fact = "cannot \(operation) \(path): \(reason)"
        return remedy.isEmpty ? fact : "\(fact); \(remedy)"
    }

    /// True when the disk or the quota is full: the operation may succeed once space has been freed.
    package var isOutOfSpace: Bool {
        if case .system(let code) = kind { return SystemErrorCode.isOutOfSpace(code) }
        return false
    }

    /// True when the path did not exist.
    package var isNotFound: Bool {
        if case .system(let code) = kind { return SystemErrorCode.isNotFound(code) }
        return false
    }

    static func corrupt(_ path: String, _ reason: String, remedy: String = "") -> StorageError {
        StorageError(kind: .corrupt, operation: "read", path: path, reason: reason, remedy: remedy)
    }
}
