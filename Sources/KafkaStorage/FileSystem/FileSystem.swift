package import KafkaWire

/// The only way from the log to the disk.
///
/// The real one is ``PosixFileSystem``; tests put one in its place that fails writes, runs out of space, or forgets
/// what was not synchronised. Paths are absolute or relative to the working directory, components joined by "/".
package protocol FileSystem: Sendable {
    /// Opens a file. With `.createOrReadWrite` the file is made if it is not there.
    func open(_ path: String, mode: FileOpenMode) throws(StorageError) -> any StorageFile
    /// Replaces `destination` atomically.
    func rename(_ source: String, to destination: String) throws(StorageError)
    /// Removes a file. A path that does not exist is an error with `isNotFound`.
    func removeFile(_ path: String) throws(StorageError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(StorageError)
    /// Makes a directory and its parents; one that is there already is fine.
    func makeDirectory(_ path: String) throws(StorageError)
    /// The names in a directory without "." and "..", in no order.
    func list(_ path: String) throws(StorageError) -> [String]
    /// Facts about a path, or nil when nothing is there.
    func status(_ path: String) throws(StorageError) -> FileStatus?
    /// Sets when a file was modified last, in ms since 1970.
    func setModified(_ path: String, ms: Int64) throws(StorageError)
    /// Makes creations, removals and renames in a directory durable.
    func synchronizeDirectory(_ path: String) throws(StorageError)
    /// Takes an exclusive lock on a file, which is made if needed; throws `.locked` when someone has it.
    func lock(_ path: String) throws(StorageError) -> any FileLock
    /// Whether someone holds the lock on a file, found out without taking it or changing the file.
    func isLocked(_ path: String) -> Bool
}

/// How a file is opened.
package enum FileOpenMode: Sendable {
    case readOnly
    case readWrite
    case createOrReadWrite
    /// As `createOrReadWrite`, and cut to nothing.
    case createEmpty
}

/// What `status` tells about a path.
package struct FileStatus: Equatable, Sendable {
    package let size: Int64
    package let isDirectory: Bool
    /// Milliseconds since the epoch.
    package let modifiedMs: Int64

    package init(size: Int64, isDirectory: Bool, modifiedMs: Int64) {
        self.size = size
        self.isDirectory = isDirectory
        self.modifiedMs = modifiedMs
    }
}

/// An open file, closed when the last reference goes; a slice handed to a socket is such a reference, so that a file
/// may be removed while it is being sent.
package protocol StorageFile: FileSource {
    /// Reads into all of `target` unless the file ends first; returns the bytes read.
    func read(into target: UnsafeMutableRawBufferPointer, at position: Int64) throws(StorageError) -> Int
    /// Writes `head` and then `body` at `position`, in one system call where possible. When it throws, any prefix of
    /// the bytes may have been written.
    func write(_ head: UnsafeRawBufferPointer, _ body: UnsafeRawBufferPointer, at position: Int64) throws(StorageError)
    func truncate(to size: Int64) throws(StorageError)
    /// Makes content and size durable.
    func synchronize() throws(StorageError)
    func size() throws(StorageError) -> Int64
}

/// A held lock, released when the last reference goes.
package protocol FileLock: AnyObject, Sendable {}

extension FileSystem {
    package func isLocked(_ path: String) -> Bool { false }

    /// The whole of a small file. More than `limit` bytes is an error, so that a hostile file cannot fill memory.
    package func readAll(_ path: String, limit: Int = 64 << 20) throws(StorageError) -> [UInt8] {
        let file = try open(path, mode: .readOnly)
        let size = try file.size()
        guard size <= limit else {
            throw StorageError.corrupt(path, "the file has \(size) bytes, at most \(limit) are expected")
        }
        return try file.readBytes(at: 0, count: Int(size))
    }

    /// Replaces a small file so that a crash leaves the old or the new content: a temporary file, made durable, renamed.
    func replace(_ path: String, with bytes: [UInt8], synchronized: Bool = true) throws(StorageError) {
        let temporary = path + ".tmp"
        let file = try open(temporary, mode: .createEmpty)
        try file.writeBytes(bytes, at: 0)
        if synchronized { try file.synchronize() }
        try rename(temporary, to: path)
        if synchronized { try synchronizeDirectory(parentDirectory(of: path)) }
    }

    /// Makes a directory and its parents so that a power cut does not take them away.
    func makeDurableDirectory(_ path: String) throws(StorageError) {
        var missing: [String] = []
        var current = path
        while current != "/", current != ".", try status(current) == nil {
            missing.append(current)
            current = parentDirectory(of: current)
        }
        try makeDirectory(path)
        // A directory above that may not be read is none of ours: who made it answers for it.
        for made in missing.reversed() { try? synchronizeDirectory(parentDirectory(of: made)) }
    }

    /// Removes a file; one that is not there is fine.
    func removeIfPresent(_ path: String) throws(StorageError) {
        do throws(StorageError) {
            try removeFile(path)
        } catch  where error.isNotFound {
            return
        }
    }

    /// Renames a file; one that is not there is fine.
    func renameIfPresent(_ path: String, to destination: String) throws(StorageError) {
        do throws(StorageError) {
            try rename(path, to: destination)
        } catch  where error.isNotFound {
            return
        }
    }

    /// Removes a directory and everything below it.
    package func removeTree(_ path: String) throws(StorageError) {
        for name in try list(path) {
            let child = "\(path)/\(name)"
            if try status(child)?.isDirectory == true {
                try removeTree(child)
            } else {
                try removeIfPresent(child)
            }
        }
        try removeDirectory(path)
    }
}

extension StorageFile {
    /// Up to `count` bytes from `position`; fewer only at the end of the file.
    func readBytes(at position: Int64, count: Int) throws(StorageError) -> [UInt8] {
        var failure: StorageError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(StorageError) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: position)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func writeBytes(_ bytes: [UInt8], at position: Int64) throws(StorageError) {
        var failure: StorageError?
        bytes.withUnsafeBytes { buffer in
            do throws(StorageError) {
                try write(UnsafeRawBufferPointer(start: nil, count: 0), buffer, at: position)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

/// The directory part of a path; "." when there is none.
func parentDirectory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}
