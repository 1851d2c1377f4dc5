/// Bytes on their way to a sink, gathered so that many small pieces become few large writes.
///
/// Belongs to one task at a time; nothing reaches the sink before the buffer is full or `flush()` is called.
final class ByteOutput {
    private let sink: any ByteSink
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Bytes that the sink has taken so far.
    private(set) var delivered = 0

    init(_ sink: any ByteSink, capacity: Int = 1 << 16) {
        self.sink = sink
        buffer = .allocate(byteCount: max(capacity, 64), alignment: 1)
    }

    deinit { buffer.deallocate() }

    /// Bytes that wait for the next flush.
    var pendingCount: Int { count }

    /// Bytes so far: those that the sink has taken, and those that wait.
    var position: Int { delivered + count }

    @inline(__always)
    func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
        if bytes.count > buffer.count - count {
            try writeLarge(bytes)
            return
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    @inline(__always)
    func write(byte: UInt8) throws(OutputError) {
        if count == buffer.count { try flush() }
        buffer[count] = byte
        count += 1
    }

    func write(_ bytes: [UInt8]) throws(OutputError) {
        try bytes.withUnsafeBufferPointer { bytes throws(OutputError) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    func write(_ text: String) throws(OutputError) { try write(Array(text.utf8)) }

    func flush() throws(OutputError) {
        guard count > 0 else { return }
        let pending = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        // Emptied first: after a failed write the same bytes must not be tried again at exit.
        count = 0
        try sink.write(pending)
        delivered += pending.count
    }

    private func writeLarge(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
        try flush()
        if bytes.count >= buffer.count {
            try sink.write(bytes)
            delivered += bytes.count
        } else {
            try write(bytes)
        }
    }
}
