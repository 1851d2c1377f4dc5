import Glibc

/// Why bytes could not be written.
enum OutputError: Error, Equatable {
    /// The reader of a pipe has gone: a quiet end, not a failure.
    case closed
    /// The system refused the write with this `errno`.
    case failed(Int32)
}

/// A place where output ends up: a descriptor, or memory in tests.
protocol ByteSink: AnyObject, Sendable {
    func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError)
}

/// Writes to a file descriptor, whole or not at all.
final class DescriptorSink: ByteSink {
    private let descriptor: CInt

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
        var rest = bytes
        while let base = rest.baseAddress, rest.count > 0 {
            let written = Glibc.write(descriptor, base, rest.count)
            if written >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: waitUntilWritable()
            case EPIPE: throw .closed
            case let code: throw .failed(code)
            }
        }
    }

    /// A terminal or pipe shared with another program can be non-blocking.
    private func waitUntilWritable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, -1)
    }
}
