internal import Glibc
public import NIOCore

/// An open file whose byte ranges can stand in for bytes of a response.
public protocol FileSource: AnyObject, Sendable {
    /// Open for reading as long as the object lives.
    var fileDescriptor: CInt { get }
}

/// A byte range of an open file. The slice keeps its source, and so the descriptor, alive.
public struct FileSlice: Sendable {
    public let source: any FileSource
    /// Where the range begins, in bytes from the start of the file.
    public let offset: Int64
    /// The length of the range in bytes.
    public let count: Int

    /// Both numbers must be 0 or more: they come from our own log, never from a peer.
    public init(source: any FileSource, offset: Int64, count: Int) {
        precondition(offset >= 0 && count >= 0)
        self.source = source
        self.offset = offset
        self.count = count
    }

    /// Reads the range into memory; fails if the file is shorter than the range.
    public func read() throws(WireError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        var failure: WireError?
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            var done = 0
            while done < count, let base = target.baseAddress {
                let result = pread(source.fileDescriptor, base + done, count - done, off_t(offset) + off_t(done))
                if result > 0 {
                    done += result
                } else if result == 0 {
                    failure = .fileUnreadable(errno: 0)
                    break
                } else if errno != EINTR {
                    failure = .fileUnreadable(errno: errno)
                    break
                }
            }
            return done
        }
        if let failure { throw failure }
        return buffer
    }
}

extension FileSlice: Equatable {
    /// The same range of the same open file.
    public static func == (left: FileSlice, right: FileSlice) -> Bool {
        left.source === right.source && left.offset == right.offset && left.count == right.count
    }
}

/// The bytes of record batches: a slice of memory, or a range of a file that goes to a socket without being read.
public enum RecordData: Equatable, Sendable {
    case bytes(ByteBuffer)
    case file(FileSlice)

    /// No batches.
    public static let empty = RecordData.bytes(ByteBuffer())

    /// The length in bytes.
    public var count: Int {
        switch self {
        case .bytes(let buffer): buffer.readableBytes
        case .file(let slice): slice.count
        }
    }

    /// The bytes in memory; reads the file if need be.
    public func bytes() throws(WireError) -> ByteBuffer {
        switch self {
        case .bytes(let buffer): buffer
        case .file(let slice): try slice.read()
        }
    }
}
