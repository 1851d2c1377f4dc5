import Glibc
import KafkaWire

/// The real file system: thin calls to the kernel, each failure with path, operation and the kernel's reason.
package struct PosixFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, mode: FileOpenMode) throws(StorageError) -> any StorageFile {
        let flags =
            switch mode {
            case .readOnly: O_RDONLY
            case .readWrite: O_RDWR
            case .createOrReadWrite: O_RDWR | O_CREAT
            case .createEmpty: O_RDWR | O_CREAT | O_TRUNC
            }
        return PosixFile(descriptor: try openDescriptor(path, flags | O_CLOEXEC), path: path)
    }

    package func rename(_ source: String, to destination: String) throws(StorageError) {
        guard Glibc.rename(source, destination) == 0 else {
            throw systemError("rename to \(destination)", source)
        }
    }

    package func removeFile(_ path: String) throws(StorageError) {
        guard unlink(path) == 0 else { throw systemError("remove", path) }
    }

    package func removeDirectory(_ path: String) throws(StorageError) {
        guard rmdir(path) == 0 else { throw systemError("remove directory", path) }
    }

    package func makeDirectory(_ path: String) throws(StorageError) {
        if mkdir(path, 0o755) == 0 { return }
        switch errno {
        case EEXIST:
            guard try status(path)?.isDirectory == true else {
                throw StorageError(
                    kind: .system(ENOTDIR),
                    operation: "make directory",
                    path: path,
                    reason: "a file that is not a directory has this name"
                )
            }
        case ENOENT where parentDirectory(of: path) != path && parentDirectory(of: path) != ".":
            try makeDirectory(parentDirectory(of: path))
            guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw systemError("make directory", path) }
        default:
            throw systemError("make directory", path)
        }
    }

    package func list(_ path: String) throws(StorageError) -> [String] {
        guard let stream = opendir(path) else { throw systemError("list", path) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw systemError("list", path) }
        return names
    }

    package func status(_ path: String) throws(StorageError) -> FileStatus? {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw systemError("examine", path)
        }
        return FileStatus(
            size: Int64(facts.st_size),
            isDirectory: facts.st_mode & S_IFMT == S_IFDIR,
            modifiedMs: Int64(facts.st_mtim.tv_sec) * 1000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000
        )
    }

    package func setModified(_ path: String, ms: Int64) throws(StorageError) {
        let time = timespec(tv_sec: Int(ms / 1000), tv_nsec: Int(ms % 1000) * 1_000_000)
        let result = withUnsafeTemporaryAllocation(of: timespec.self, capacity: 2) { times in
            // Reading does not count.
            times[0] = timespec(tv_sec: 0, tv_nsec: leaveTime)
            times[1] = time
            return utimensat(AT_FDCWD, path, times.baseAddress, 0)
        }
        guard result == 0 else { throw systemError("set the time of", path) }
    }

    package func synchronizeDirectory(_ path: String) throws(StorageError) {
        let descriptor = try openDescriptor(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw systemError("fsync directory", path) }
    }

    package func lock(_ path: String) throws(StorageError) -> any FileLock {
        let descriptor = try openDescriptor(path, O_RDWR | O_CREAT | O_CLOEXEC)
        let file = PosixFile(descriptor: descriptor, path: path)
        // An open-file-description lock meets the POSIX locks of other programs (Kafka's own broker takes one) and, as
        // they do not, also a second opening within this process.
        var region = flock()
        region.l_type = Int16(F_WRLCK)
        region.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, openFileDescriptionSetLock, &region) == 0 else {
            let code = errno
            guard code == EAGAIN || code == EACCES else { throw systemError("lock", path) }
            let holder = String(decoding: try file.readBytes(at: 0, count: 20), as: UTF8.self).filter(\.isNumber)
            throw StorageError(
                kind: .locked,
                operation: "lock",
                path: path,
                reason: holder.isEmpty ? "another process holds it" : "process \(holder) holds it",
                remedy: "stop the broker that uses this directory, or give this one another data directory"
            )
        }
        try file.truncate(to: 0)
        try file.writeBytes(Array("\(getpid())\n".utf8), at: 0)
        return file
    }

    package func isLocked(_ path: String) -> Bool {
        guard let descriptor = try? openDescriptor(path, O_RDONLY | O_CLOEXEC) else { return false }
        defer { close(descriptor) }
        var region = flock()
        region.l_type = Int16(F_WRLCK)
        region.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, openFileDescriptionGetLock, &region) == 0 else { return false }
        return region.l_type != Int16(F_UNLCK)
    }

    /// `F_OFD_GETLK`, likewise.
    private var openFileDescriptionGetLock: CInt { 36 }

    /// `F_OFD_SETLK`, which the C library's header shows to GNU programs only.
    private var openFileDescriptionSetLock: CInt { 37 }

    /// `UTIME_OMIT`, a macro that Swift does not see.
    private var leaveTime: Int { (1 << 30) - 2 }

    private func openDescriptor(_ path: String, _ flags: CInt) throws(StorageError) -> CInt {
        while true {
            let descriptor = Glibc.open(path, flags, 0o644)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw systemError("open", path) }
        }
    }
}

/// A descriptor that is closed with its last reference.
private final class PosixFile: StorageFile, FileLock {
    let fileDescriptor: CInt
    let path: String

    init(descriptor: CInt, path: String) {
        fileDescriptor = descriptor
        self.path = path
    }

    deinit { close(fileDescriptor) }

    func read(into target: UnsafeMutableRawBufferPointer, at position: Int64) throws(StorageError) -> Int {
        var done = 0
        while done < target.count, let start = target.baseAddress {
            let count = pread(fileDescriptor, start + done, target.count - done, off_t(position) + off_t(done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError("read", path)
            }
            done += count
        }
        return done
    }

    func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        at position: Int64
    ) throws(StorageError) {
        let total = head.count + body.count
        var done = 0
        while done < total {
            let headLeft = max(0, head.count - done)
            let bodyDone = max(0, done - head.count)
            let count = withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
                var used = 0
                if headLeft > 0 {
                    let start = head.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + done) }
                    vectors[used] = iovec(iov_base: start, iov_len: headLeft)
                    used += 1
                }
                if bodyDone < body.count {
                    let start = body.baseAddress.map { UnsafeMutableRawPointer(mutating: $0 + bodyDone) }
                    vectors[used] = iovec(iov_base: start, iov_len: body.count - bodyDone)
                    used += 1
                }
                return pwritev(fileDescriptor, vectors.baseAddress, CInt(used), off_t(position) + off_t(done))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError("write", path)
            }
            done += count
        }
    }

    func truncate(to size: Int64) throws(StorageError) {
        while ftruncate(fileDescriptor, off_t(size)) != 0 {
            if errno != EINTR { throw systemError("truncate", path) }
        }
    }

    func synchronize() throws(StorageError) {
        while fdatasync(fileDescriptor) != 0 {
            if errno != EINTR { throw systemError("fsync", path) }
        }
    }

    func size() throws(StorageError) -> Int64 {
        var facts = stat()
        guard fstat(fileDescriptor, &facts) == 0 else { throw systemError("examine", path) }
        return Int64(facts.st_size)
    }
}

/// The kernel's last error as a storage error with a hint where one is known.
private func systemError(_ operation: String, _ path: String) -> StorageError {
    StorageError.system(errno, operation: operation, path: path)
}

extension StorageError {
    /// An error with the kernel's text for `code`; also for file systems of tests.
    package static func system(_ code: CInt, operation: String, path: String) -> StorageError {
        let remedy =
            switch code {
            case ENOSPC, EDQUOT: "free space on that file system, or shorten the retention of large topics"
            case EACCES, EPERM, EROFS: "check the owner and the permissions of that path"
            case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
            case EIO: "the device reports a failure: check the kernel log"
            default: ""
            }
        return StorageError(
            kind: .system(code),
            operation: operation,
            path: path,
            reason: String(cString: strerror(code)),
            remedy: remedy
        )
    }
}

/// The meaning of the error numbers that the log tells apart.
package enum SystemErrorCode {
    package static let outOfSpace = ENOSPC
    package static let inputOutput = EIO
    package static let notFound = ENOENT
    package static let notEmpty = ENOTEMPTY
    package static let notADirectory = ENOTDIR
    package static func isOutOfSpace(_ code: CInt) -> Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
    /// The device or the file system as a whole does not work any more.
    package static func isDeviceFailure(_ code: CInt) -> Bool { [EIO, EROFS, ENODEV, ENXIO, ESTALE].contains(code) }
    package static func isMissingOrForbidden(_ code: CInt) -> Bool { [ENOENT, ENOTDIR, EACCES, EPERM].contains(code) }
    package static func isNotFound(_ code: CInt) -> Bool { code == ENOENT }
}
