package import KafkaWire
import NIOCore

/// Walks the batches of a segment's file, or of a metadata snapshot, whatever state the file is in.
///
/// Only a window of the file is in memory, so that its size does not matter. Nothing but the layout is checked: what a
/// damaged batch means is for the caller to say. Messages of the old formats (magic 0 and 1) are walked too.
package struct BatchScanner {
    /// What stands at the place that was looked at.
    package enum Step {
        case batch(RecordBatchView, position: Int64)
        /// The end; `unread` bytes before it are too few for the batch that begins there.
        case end(unread: Int64)
        /// No batch begins there; the text says why. The walk cannot go on unless it is moved.
        case damage(String)
    }

    /// Where the next batch is looked for.
    package private(set) var position: Int64 = 0
    /// Where the walk ends: the size of the file when it was opened, or less.
    package let end: Int64
    private let path: String
    private let file: any StorageFile
    private var window = ByteBuffer()
    private var windowStart: Int64 = 0

    private static let windowSize = 1 << 20
    /// A length above it is taken for damage rather than read: the largest batch that a broker can be told to accept is
    /// far smaller.
    private static let largestBatch = 512 << 20
    /// Offset, length, epoch or checksum, magic: what every format begins with.
    private static let commonHead = 17

    /// - Parameter limit: read at most so many bytes.
    package init(path: String, fileSystem: any FileSystem, limit: Int64 = .max) throws(StorageError) {
        self.path = path
        file = try fileSystem.open(path, mode: .readOnly)
        end = min(try file.size(), max(0, limit))
    }

    /// The next batch, and a move behind it.
    package mutating func next() throws(StorageError) -> Step {
        let rest = end - position
        guard rest > 0 else { return .end(unread: 0) }
        guard rest >= Int64(Self.commonHead) else { return .end(unread: rest) }
        guard let head = try bytes(Self.commonHead) else { return .end(unread: rest) }
        let length = head.getInteger(at: head.readerIndex + 8, as: Int32.self) ?? 0
        guard length >= RecordBatchView.shortestLength else {
            return .damage("no batch can be \(length) bytes long")
        }
        let size = RecordBatchHeader.prefixSize + Int(length)
        guard Int64(size) <= rest else { return .end(unread: rest) }
        guard size <= Self.largestBatch else {
            return .damage("a batch of \(size) bytes is larger than any broker takes")
        }
        guard let bytes = try bytes(size) else { return .end(unread: rest) }
        do throws(RecordError) {
            let batch = try RecordBatchView(bytes)
            let start = position
            position += Int64(batch.sizeInBytes)
            return .batch(batch, position: start)
        } catch {
            return .damage(error.description)
        }
    }

    /// Looks for the next batch at `position`.
    package mutating func move(to position: Int64) { self.position = max(0, position) }

    /// Moves to the first place at or after the current one where a whole batch with a right checksum and an acceptable
    /// header begins; false, and at the end, if there is none.
    mutating func resume(where accepts: (RecordBatchHeader) -> Bool) throws(StorageError) -> Bool {
        while position < end {
            guard let ahead = try bytes(Int(min(end - position, Int64(Self.windowSize)))) else { break }
            let found = ahead.withUnsafeReadableBytes { Self.candidate(in: $0) }
            let start = position + Int64(found ?? max(1, ahead.readableBytes - Self.commonHead + 1))
            move(to: start)
            guard found != nil else { continue }
            // Looked at before all the bytes are read that a header made of noise may claim.
            let header = try bytes(RecordBatchHeader.size)?.withUnsafeReadableBytes { BatchHeader.inLog($0) }
            if let header, accepts(header), case .batch(let batch, _) = try next(), batch.isChecksumValid {
                move(to: start)
                return true
            }
            move(to: start + 1)
        }
        move(to: end)
        return false
    }

    /// The first place in `bytes` that could be the start of a batch of the present format.
    private static func candidate(in bytes: UnsafeRawBufferPointer) -> Int? {
        var index = 16
        while index < bytes.count {
            // Offsets and lengths of real logs have zeros in front; the first bits of both are never set.
            if bytes[index] == 2, bytes[index - 16] & 0x80 == 0, bytes[index - 8] & 0x80 == 0 { return index - 16 }
            index += 1
        }
        return nil
    }

    /// `count` bytes from the current place; nil if the file has become shorter than it was.
    private mutating func bytes(_ count: Int) throws(StorageError) -> ByteBuffer? {
        if position < windowStart || position + Int64(count) > windowStart + Int64(window.readableBytes) {
            try fill(max(count, Int(min(Int64(Self.windowSize), end - position))))
        }
        return window.getSlice(at: Int(position - windowStart), length: count)
    }

    private mutating func fill(_ count: Int) throws(StorageError) {
        window.clear()
        windowStart = position
        var failure: StorageError?
        window.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            do throws(StorageError) {
                return try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: windowStart)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
    }
}
