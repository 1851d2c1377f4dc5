import KafkaStorage
import KafkaWire

/// A node's file system that has no room, or makes nothing durable, while a fault says so.
///
/// Where there is no room nothing is written and nothing new is made; what there is can be read, renamed and removed, as
/// on a real disk.
final class FaultyDisk: FileSystem {
    private let base: any FileSystem
    private let board: FaultBoard
    private let nodeID: Int32

    init(_ base: any FileSystem, board: FaultBoard, nodeID: Int32) {
        self.base = base
        self.board = board
        self.nodeID = nodeID
    }

    fileprivate func needRoom(_ operation: String, _ path: String) throws(StorageError) {
        guard let faults = board.current, faults.fullDisks.contains(nodeID) else { return }
        throw .system(SystemErrorCode.outOfSpace, operation: operation, path: path)
    }

    fileprivate func needDurability(_ operation: String, _ path: String) throws(StorageError) {
        guard let faults = board.current, faults.failingDisks.contains(nodeID) else { return }
        throw .system(SystemErrorCode.inputOutput, operation: operation, path: path)
    }

    func open(_ path: String, mode: FileOpenMode) throws(StorageError) -> any StorageFile {
        switch mode {
        case .readOnly, .readWrite: break
        case .createOrReadWrite, .createEmpty: if try base.status(path) == nil { try needRoom("open", path) }
        }
        return FaultyFile(try base.open(path, mode: mode), path: path, disk: self)
    }

    func rename(_ source: String, to destination: String) throws(StorageError) {
        try base.rename(source, to: destination)
    }

    func removeFile(_ path: String) throws(StorageError) { try base.removeFile(path) }

    func removeDirectory(_ path: String) throws(StorageError) { try base.removeDirectory(path) }

    func makeDirectory(_ path: String) throws(StorageError) {
        if try base.status(path) == nil { try needRoom("make directory", path) }
        try base.makeDirectory(path)
    }

    func list(_ path: String) throws(StorageError) -> [String] { try base.list(path) }

    func status(_ path: String) throws(StorageError) -> FileStatus? { try base.status(path) }

    func setModified(_ path: String, ms: Int64) throws(StorageError) { try base.setModified(path, ms: ms) }

    func synchronizeDirectory(_ path: String) throws(StorageError) {
        try needDurability("fsync directory", path)
        try base.synchronizeDirectory(path)
    }

    func lock(_ path: String) throws(StorageError) -> any FileLock { try base.lock(path) }

    func isLocked(_ path: String) -> Bool { base.isLocked(path) }
}

/// An open file of a ``FaultyDisk``.
private final class FaultyFile: StorageFile {
    private let base: any StorageFile
    private let path: String
    private let disk: FaultyDisk

    init(_ base: any StorageFile, path: String, disk: FaultyDisk) {
        self.base = base
        self.path = path
        self.disk = disk
    }

    var fileDescriptor: CInt { base.fileDescriptor }

    func read(into target: UnsafeMutableRawBufferPointer, at position: Int64) throws(StorageError) -> Int {
        try base.read(into: target, at: position)
    }

    func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        at position: Int64
    ) throws(StorageError) {
        try disk.needRoom("write", path)
        try base.write(head, body, at: position)
    }

    func truncate(to size: Int64) throws(StorageError) { try base.truncate(to: size) }

    func synchronize() throws(StorageError) {
        try disk.needDurability("fsync", path)
        try base.synchronize()
    }

    func size() throws(StorageError) -> Int64 { try base.size() }
}
