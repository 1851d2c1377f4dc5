import Glibc
import KafkaStorage
import Synchronization

/// The content of one file in memory, and what of it would survive a power cut.
final class MemoryInode: Sendable {
    private enum Change {
        case write(position: Int, bytes: [UInt8])
        case truncate(size: Int)
    }

    private struct State {
        var content: [UInt8]
        /// The content at the last fsync.
        var durable: [UInt8]
        var unsynchronized: [Change] = []
        var modifiedMs: Int64 = 0
        /// A descriptor with the same bytes, made when a slice of the file is sent; -1 if there is none.
        var descriptor: CInt = -1
    }

    private let state: Mutex<State>

    init(content: [UInt8]) {
        state = Mutex(State(content: content, durable: content))
    }

    deinit {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 { close(descriptor) }
    }

    var size: Int64 { state.withLock { Int64($0.content.count) } }
    var content: [UInt8] { state.withLock { $0.content } }

    /// As it was set; writing does not change it.
    var modifiedMs: Int64 {
        get { state.withLock { $0.modifiedMs } }
        set { state.withLock { $0.modifiedMs = newValue } }
    }

    /// A descriptor whose file always has the same bytes as this one.
    var descriptor: CInt {
        state.withLock { state in
            if state.descriptor < 0 {
                // A file without a name, which goes when the descriptor is closed.
                var template = Array("/tmp/swkafka-memory-file-XXXXXX".utf8CString)
                state.descriptor = mkstemp(&template)
                unlink(template)
                _ = state.content.withUnsafeBytes { pwrite(state.descriptor, $0.baseAddress, $0.count, 0) }
            }
            return state.descriptor
        }
    }

    func read(into target: UnsafeMutableRawBufferPointer, at position: Int64) -> Int {
        state.withLock { state in
            guard position < state.content.count else { return 0 }
            let count = min(target.count, state.content.count - Int(position))
            state.content.withUnsafeBytes { bytes in
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(position)..<Int(position) + count]))
            }
            return count
        }
    }

    func write(_ bytes: [UInt8], at position: Int64) {
        state.withLock { state in
            Self.apply(.write(position: Int(position), bytes: bytes), to: &state.content)
            state.unsynchronized.append(.write(position: Int(position), bytes: bytes))
            if state.descriptor >= 0 {
                _ = bytes.withUnsafeBytes { pwrite(state.descriptor, $0.baseAddress, $0.count, off_t(position)) }
            }
        }
    }

    func truncate(to size: Int64) {
        state.withLock { state in
            Self.apply(.truncate(size: Int(size)), to: &state.content)
            state.unsynchronized.append(.truncate(size: Int(size)))
            if state.descriptor >= 0 { _ = ftruncate(state.descriptor, off_t(size)) }
        }
    }

    func synchronize() {
        state.withLock { state in
            state.durable = state.content
            state.unsynchronized = []
        }
    }

    /// Each unsynchronised change is there, missing, or (a write) torn, and writes may come in any order.
    func contentAfterPowerCut(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        let (durable, issued) = state.withLock { ($0.durable, $0.unsynchronized) }
        var content = durable
        for change in Self.reordered(issued, using: &generator) {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: continue
            case 1:
                guard case .write(let position, let bytes) = change, !bytes.isEmpty else { continue }
                let start = Int.random(in: 0..<bytes.count, using: &generator)
                let end = Int.random(in: start..<bytes.count, using: &generator)
                Self.apply(.write(position: position + start, bytes: Array(bytes[start..<end])), to: &content)
            default: Self.apply(change, to: &content)
            }
        }
        return content
    }

    /// Sizes change in their order, and no write passes a change of size.
    private static func reordered(_ changes: [Change], using generator: inout some RandomNumberGenerator) -> [Change] {
        guard changes.count > 1, Bool.random(using: &generator) else { return changes }
        let runs = changes.split(omittingEmptySubsequences: false) { change in
            if case .truncate = change { true } else { false }
        }
        var result: [Change] = []
        for run in runs {
            result += run.shuffled(using: &generator)
            if run.endIndex < changes.endIndex { result.append(changes[run.endIndex]) }
        }
        return result
    }

    private static func apply(_ change: Change, to content: inout [UInt8]) {
        switch change {
        case .write(let position, let bytes):
            let end = position + bytes.count
            if content.count < end { content += [UInt8](repeating: 0, count: end - content.count) }
            content.replaceSubrange(position..<end, with: bytes)
        case .truncate(let size):
            if size <= content.count {
                content.removeLast(content.count - size)
            } else {
                content += [UInt8](repeating: 0, count: size - content.count)
            }
        }
    }
}

/// An open file of a ``FaultyFileSystem``.
final class MemoryFile: StorageFile {
    private let inode: MemoryInode
    private let path: String
    private let fileSystem: FaultyFileSystem

    init(inode: MemoryInode, path: String, fileSystem: FaultyFileSystem) {
        self.inode = inode
        self.path = path
        self.fileSystem = fileSystem
    }

    var fileDescriptor: CInt { inode.descriptor }

    func size() throws(StorageError) -> Int64 { inode.size }

    func read(into target: UnsafeMutableRawBufferPointer, at position: Int64) throws(StorageError) -> Int {
        try check(.read)
        return inode.read(into: target, at: position)
    }

    func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        at position: Int64
    ) throws(StorageError) {
        let bytes = Array(head) + Array(body)
        do throws(StorageError) {
            try check(.write)
        } catch {
            // A failing write leaves some of its bytes behind.
            inode.write(Array(bytes.prefix(bytes.count / 2)), at: position)
            throw error
        }
        let growth = max(0, position + Int64(bytes.count) - inode.size)
        let allowed = fileSystem.state.withLock { state in
            let room = state.capacity.map { max(0, $0 - state.used) } ?? .max
            let allowed = min(growth, room)
            state.used += allowed
            return allowed
        }
        inode.write(Array(bytes.dropLast(Int(growth - allowed))), at: position)
        if allowed < growth { throw .system(SystemErrorCode.outOfSpace, operation: "write", path: path) }
    }

    func truncate(to size: Int64) throws(StorageError) {
        try check(.truncate)
        let growth = size - inode.size
        inode.truncate(to: size)
        fileSystem.state.withLock { $0.used += growth }
    }

    func synchronize() throws(StorageError) {
        try check(.synchronize)
        if fileSystem.state.withLock({ $0.isForgetful }) { return }
        inode.synchronize()
    }

    private func check(_ operation: FaultyFileSystem.Operation) throws(StorageError) {
        try fileSystem.check(operation, path)
    }
}
