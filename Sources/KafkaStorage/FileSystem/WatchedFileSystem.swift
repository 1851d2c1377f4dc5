import KafkaWire
import Synchronization

/// A file system below one directory that notices when the directory's device fails, and refuses everything from then
/// on, so that nobody relies on what a failing disk says.
///
/// A full disk is no failure, and neither is a file that is missing or may not be opened while the directory itself can
/// still be read.
final class WatchedFileSystem: FileSystem {
    private struct State: Sendable {
        var failure: StorageError?
        var observer: (@Sendable (StorageError) -> Void)?
    }

    private let base: any FileSystem
    private let root: String
    private let state = Mutex(State())
    /// Set after `state` has the failure.
    private let hasFailed = Atomic(false)

    init(_ base: any FileSystem, root: String) {
        self.base = base
        self.root = root
    }

    /// Why the directory is offline; nil while it is not.
    var failure: StorageError? { state.withLock { $0.failure } }

    /// Calls `observer` once, when the directory fails, on the thread that met the failure: it must not block. At once
    /// if that has happened.
    func observe(_ observer: @escaping @Sendable (StorageError) -> Void) {
        let failure = state.withLock { state in
            state.observer = observer
            return state.failure
        }
        if let failure { observer(failure) }
    }

    /// Does something with the directory unless it failed, and looks at what goes wrong.
    fileprivate func attempt<Result>(
        _ operation: String,
        _ path: String,
        _ body: () throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        if hasFailed.load(ordering: .acquiring), let failure {
            throw StorageError(
                kind: .offline,
                operation: operation,
                path: path,
                reason: "the log directory \(root) is offline since it failed: \(failure)"
            )
        }
        do throws(StorageError) {
            return try body()
        } catch {
            if isFailureOfDirectory(error) { fail(error) }
            throw error
        }
    }

    private func isFailureOfDirectory(_ error: StorageError) -> Bool {
        guard case .system(let code) = error.kind else { return false }
        if SystemErrorCode.isDeviceFailure(code) { return true }
        guard SystemErrorCode.isMissingOrForbidden(code) else { return false }
        // Perhaps only this file; perhaps the whole directory was taken away.
        return (try? base.status(root))?.isDirectory != true || (try? base.list(root)) == nil
    }

    private func fail(_ error: StorageError) {
        let observer = state.withLock { state -> (@Sendable (StorageError) -> Void)? in
            guard state.failure == nil else { return nil }
            state.failure = error
            return state.observer
        }
        hasFailed.store(true, ordering: .releasing)
        observer?(error)
    }

    // MARK: FileSystem

    func open(_ path: String, mode: FileOpenMode) throws(StorageError) -> any StorageFile {
        let file = try attempt("open", path) { () throws(StorageError) in try base.open(path, mode: mode) }
        return WatchedFile(file, path: path, fileSystem: self)
    }

    func rename(_ source: String, to destination: String) throws(StorageError) {
        try attempt("rename", source) { () throws(StorageError) in try base.rename(source, to: destination) }
    }

    func removeFile(_ path: String) throws(StorageError) {
        try attempt("remove", path) { () throws(StorageError) in try base.removeFile(path) }
    }

    func removeDirectory(_ path: String) throws(StorageError) {
        try attempt("remove directory", path) { () throws(StorageError) in try base.removeDirectory(path) }
    }

    func makeDirectory(_ path: String) throws(StorageError) {
        try attempt("make directory", path) { () throws(StorageError) in try base.makeDirectory(path) }
    }

    func list(_ path: String) throws(StorageError) -> [String] {
        try attempt("list", path) { () throws(StorageError) in try base.list(path) }
    }

    func status(_ path: String) throws(StorageError) -> FileStatus? {
        try attempt("examine", path) { () throws(StorageError) in try base.status(path) }
    }

    func synchronizeDirectory(_ path: String) throws(StorageError) {
        try attempt("fsync directory", path) { () throws(StorageError) in try base.synchronizeDirectory(path) }
    }

    func setModified(_ path: String, ms: Int64) throws(StorageError) {
        try attempt("set the time of", path) { () throws(StorageError) in try base.setModified(path, ms: ms) }
    }

    func lock(_ path: String) throws(StorageError) -> any FileLock { try base.lock(path) }

    func isLocked(_ path: String) -> Bool { base.isLocked(path) }
}

/// An open file of a ``WatchedFileSystem``.
private final class WatchedFile: StorageFile {
    private let base: any StorageFile
    private let path: String
    private let fileSystem: WatchedFileSystem

    init(_ base: any StorageFile, path: String, fileSystem: WatchedFileSystem) {
        self.base = base
        self.path = path
        self.fileSystem = fileSystem
    }

    var fileDescriptor: CInt { base.fileDescriptor }

    func read(into target: UnsafeMutableRawBufferPointer, at position: Int64) throws(StorageError) -> Int {
        try fileSystem.attempt("read", path) { () throws(StorageError) in try base.read(into: target, at: position) }
    }

    func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        at position: Int64
    ) throws(StorageError) {
        try fileSystem.attempt("write", path) { () throws(StorageError) in
            try base.write(head, body, at: position)
        }
    }

    func truncate(to size: Int64) throws(StorageError) {
        try fileSystem.attempt("truncate", path) { () throws(StorageError) in try base.truncate(to: size) }
    }

    func synchronize() throws(StorageError) {
        try fileSystem.attempt("fsync", path) { () throws(StorageError) in try base.synchronize() }
    }

    func size() throws(StorageError) -> Int64 {
        try fileSystem.attempt("examine", path) { () throws(StorageError) in try base.size() }
    }
}
