package import KafkaStorage
import Synchronization

/// A file system in memory that can refuse operations, fill up, and lose what was not synchronised.
///
/// What survives a power cut is decided as on a real disk without barriers: every write that was not followed by an
/// fsync of its file may be there, missing, or torn, independently of the others, and an earlier one may come last;
/// changes of names survive up to some point in their order, and at least up to the last fsync of their directory.
package final class FaultyFileSystem: FileSystem {
    package enum Operation: Hashable, Sendable, CaseIterable {
        case open, write, truncate, synchronize, read, rename, remove, makeDirectory, list, status, lock
        case synchronizeDirectory
    }

    /// Answers with an `errno` to let an operation on a path fail.
    package typealias Rule = @Sendable (_ operation: Operation, _ path: String) -> CInt?

    struct State {
        var names = Names()
        var locks: Set<String> = []
        /// The names as they would be after a power cut.
        var durableNames = Names()
        var nameChanges: [NameChange] = []
        var rule: Rule?
        var counts: [Operation: Int] = [:]
        var capacity: Int64?
        var used: Int64 = 0
        var isForgetful = false
    }

    struct Names {
        var files: [String: MemoryInode] = [:]
        var directories: Set<String> = ["/", "."]
    }

    struct NameChange {
        let directories: Set<String>
        let apply: @Sendable (inout Names) -> Void
    }

    let state: Mutex<State>

    package init() {
        state = Mutex(State())
    }

    init(_ names: Names) {
        var restored = State()
        restored.names = names
        restored.durableNames = names
        restored.used = names.files.values.reduce(0) { $0 + $1.size }
        state = Mutex(restored)
    }

    // MARK: Faults

    /// Consults `rule` before every operation; nil lets all succeed again.
    package func setRule(_ rule: Rule?) {
        state.withLock { $0.rule = rule }
    }

    /// Lets writes fail with ENOSPC, after what still fits, as soon as all files together would have more bytes.
    package func setCapacity(_ bytes: Int64?) {
        state.withLock { $0.capacity = bytes }
    }

    /// Lets the disk say that it has synchronised files without having done so.
    package func setForgetful(_ isForgetful: Bool) {
        state.withLock { $0.isForgetful = isForgetful }
    }

    /// Bytes of all files.
    package var usedBytes: Int64 { state.withLock { $0.used } }

    /// How often an operation was asked for.
    package func count(of operation: Operation) -> Int {
        state.withLock { $0.counts[operation] ?? 0 }
    }

    /// The file system that a machine finds after the power came back.
    package func afterPowerCut(using generator: inout some RandomNumberGenerator) -> FaultyFileSystem {
        var (names, changes) = state.withLock { ($0.durableNames, $0.nameChanges) }
        for change in changes.prefix(Int.random(in: 0...changes.count, using: &generator)) { change.apply(&names) }
        for (path, inode) in names.files.sorted(by: { $0.key < $1.key }) {
            names.files[path] = MemoryInode(content: inode.contentAfterPowerCut(using: &generator))
        }
        return FaultyFileSystem(names)
    }

    /// The file system that another process finds after this one was killed: nothing is lost, locks are free.
    package func afterKill() -> FaultyFileSystem {
        var names = state.withLock { $0.names }
        names.files = names.files.mapValues { MemoryInode(content: $0.content) }
        return FaultyFileSystem(names)
    }

    // MARK: For tests

    /// The bytes of a file, nil if it is not there.
    package func content(of path: String) -> [UInt8]? {
        state.withLock { $0.names.files[path] }?.content
    }

    /// Puts a file there, durable, whatever rules there are.
    package func setContent(of path: String, _ bytes: [UInt8]) {
        let inode = MemoryInode(content: bytes)
        state.withLock { state in
            state.used += Int64(bytes.count) - (state.names.files[path]?.size ?? 0)
            state.names.files[path] = inode
            state.durableNames.files[path] = inode
            state.durableNames.directories.formUnion(state.names.directories)
        }
    }

    /// All paths of files, in order.
    package var paths: [String] { state.withLock { $0.names.files.keys.sorted() } }

    // MARK: FileSystem

    package func open(_ path: String, mode: FileOpenMode) throws(StorageError) -> any StorageFile {
        try check(.open, path)
        let inode = try state.withLock { state throws(StorageError) in
            if let inode = state.names.files[path] { return inode }
            guard mode == .createOrReadWrite || mode == .createEmpty, state.names.directories.contains(parent(path))
            else {
                throw .system(SystemErrorCode.notFound, operation: "open", path: path)
            }
            let inode = MemoryInode(content: [])
            state.change([parent(path)]) { $0.files[path] = inode }
            return inode
        }
        let file = MemoryFile(inode: inode, path: path, fileSystem: self)
        if mode == .createEmpty { try file.truncate(to: 0) }
        return file
    }

    package func rename(_ source: String, to destination: String) throws(StorageError) {
        try check(.rename, source)
        try state.withLock { state throws(StorageError) in
            if state.names.directories.contains(source) {
                state.moveDirectory(source, to: destination)
                return
            }
            guard let inode = state.names.files[source] else {
                throw .system(SystemErrorCode.notFound, operation: "rename", path: source)
            }
            state.used -= state.names.files[destination]?.size ?? 0
            state.change([parent(source), parent(destination)]) {
                $0.files[source] = nil
                $0.files[destination] = inode
            }
        }
    }

    package func removeFile(_ path: String) throws(StorageError) {
        try check(.remove, path)
        try state.withLock { state throws(StorageError) in
            guard let inode = state.names.files[path] else {
                throw .system(SystemErrorCode.notFound, operation: "remove", path: path)
            }
            state.used -= inode.size
            state.change([parent(path)]) { $0.files[path] = nil }
        }
    }

    package func removeDirectory(_ path: String) throws(StorageError) {
        try check(.remove, path)
        try state.withLock { state throws(StorageError) in
            guard !state.names.files.keys.contains(where: { $0.hasPrefix(path + "/") }) else {
                throw .system(SystemErrorCode.notEmpty, operation: "remove directory", path: path)
            }
            guard state.names.directories.contains(path) else {
                throw .system(SystemErrorCode.notFound, operation: "remove directory", path: path)
            }
            state.change([parent(path)]) { $0.directories.remove(path) }
        }
    }

    package func makeDirectory(_ path: String) throws(StorageError) {
        try check(.makeDirectory, path)
        try state.withLock { state throws(StorageError) in
            var missing: [String] = []
            var current = path
            while !state.names.directories.contains(current) {
                missing.append(current)
                current = parent(current)
            }
            for made in missing.reversed() { state.change([parent(made)]) { $0.directories.insert(made) } }
        }
    }

    package func list(_ path: String) throws(StorageError) -> [String] {
        try check(.list, path)
        return try state.withLock { state throws(StorageError) in
            guard state.names.directories.contains(path) else {
                throw .system(SystemErrorCode.notFound, operation: "list", path: path)
            }
            return (Array(state.names.files.keys) + Array(state.names.directories))
                .filter { $0 != path && parent($0) == path }
                .map { String($0.dropFirst(path.count + 1)) }
                .sorted()
        }
    }

    package func status(_ path: String) throws(StorageError) -> FileStatus? {
        try check(.status, path)
        return try state.withLock { state throws(StorageError) in
            if let inode = state.names.files[path] {
                return FileStatus(size: inode.size, isDirectory: false, modifiedMs: inode.modifiedMs)
            }
            return state.names.directories.contains(path) ? FileStatus(size: 0, isDirectory: true, modifiedMs: 0) : nil
        }
    }

    package func setModified(_ path: String, ms: Int64) throws(StorageError) {
        try check(.status, path)
        guard let inode = state.withLock({ $0.names.files[path] }) else {
            throw .system(SystemErrorCode.notFound, operation: "set the time of", path: path)
        }
        inode.modifiedMs = ms
    }

    package func synchronizeDirectory(_ path: String) throws(StorageError) {
        try check(.synchronizeDirectory, path)
        try state.withLock { state throws(StorageError) in
            // The journal is written in order: everything up to the last change in this directory becomes durable.
            guard let last = state.nameChanges.lastIndex(where: { $0.directories.contains(path) }) else { return }
            for change in state.nameChanges[...last] { change.apply(&state.durableNames) }
            state.nameChanges.removeSubrange(...last)
        }
    }

    package func lock(_ path: String) throws(StorageError) -> any FileLock {
        try check(.lock, path)
        try state.withLock { state throws(StorageError) in
            guard state.locks.insert(path).inserted else {
                throw StorageError(kind: .locked, operation: "lock", path: path, reason: "another process holds it")
            }
        }
        return MemoryLock(path: path, fileSystem: self)
    }
}

extension FaultyFileSystem {
    /// Counts an operation, and throws what the rule says. The rule may take its time: nothing is locked meanwhile.
    func check(_ operation: Operation, _ path: String) throws(StorageError) {
        let rule = state.withLock { state in
            state.counts[operation, default: 0] += 1
            return state.rule
        }
        if let code = rule?(operation, path) { throw .system(code, operation: "\(operation)", path: path) }
    }
}

extension FaultyFileSystem.State {
    mutating func change(
        _ directories: Set<String>,
        _ apply: @escaping @Sendable (inout FaultyFileSystem.Names) -> Void
    ) {
        apply(&names)
        nameChanges.append(FaultyFileSystem.NameChange(directories: directories, apply: apply))
    }

    mutating func moveDirectory(_ source: String, to destination: String) {
        change([parent(source), parent(destination), destination]) { names in
            names.directories.remove(source)
            names.directories.insert(destination)
            for (path, inode) in names.files where path.hasPrefix(source + "/") {
                names.files[path] = nil
                names.files[destination + path.dropFirst(source.count)] = inode
            }
        }
    }
}

func parent(_ path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

private final class MemoryLock: FileLock {
    private let path: String
    private let fileSystem: FaultyFileSystem

    init(path: String, fileSystem: FaultyFileSystem) {
        self.path = path
        self.fileSystem = fileSystem
    }

    deinit {
        let path = path
        fileSystem.state.withLock { _ = $0.locks.remove(path) }
    }
}
