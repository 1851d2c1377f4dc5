import NIOCore

/// Where a decompressor writes: grows geometrically and never beyond its ceiling.
///
/// One byte more than the ceiling may be written, so that a stream that ends exactly at the ceiling can be told from one
/// that goes on; ``finish()`` refuses that byte.
struct OutputBuffer {
    private var bytes = ByteBuffer()
    private let limit: Int

    init(limit: Int) {
        // The cap keeps `limit + 1` and every index of a ByteBuffer within 32 bits.
        self.limit = min(max(limit, 0), Int(Int32.max) - 1)
    }

    /// Bytes written so far.
    var count: Int { bytes.readableBytes }

    /// Bytes that may still be written, the one beyond the ceiling among them.
    private var room: Int { limit + 1 - bytes.readableBytes }

    /// Makes room for `wanted` bytes, or for all that the ceiling leaves. Throws once nothing is left.
    mutating func reserve(_ wanted: Int) throws(CompressionError) {
        guard room > 0 else { throw .outputTooLarge(limit: limit) }
        guard bytes.writableBytes < min(wanted, room) else { return }
        bytes.reserveCapacity(minimumWritableBytes: min(max(wanted, bytes.readableBytes), room))
    }

    /// Makes room for exactly `wanted` bytes, which are known to come.
    mutating func require(_ wanted: Int) throws(CompressionError) {
        guard wanted <= limit - bytes.readableBytes else { throw .outputTooLarge(limit: limit) }
        try reserve(wanted)
    }

    /// Lets `body` fill the free space that ``reserve(_:)`` made; `body` returns how many bytes it wrote.
    mutating func write(
        _ body: (UnsafeMutableRawBufferPointer) throws(CompressionError) -> Int
    ) throws(CompressionError) {
        let room = room
        _ = try bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: 0) { (space) throws(CompressionError) -> Int in
            try body(UnsafeMutableRawBufferPointer(rebasing: space.prefix(room)))
        }
    }

    /// Throws everything written away, to start again with more room.
    mutating func clear() {
        bytes.clear()
    }

    /// All that was written, if the ceiling was kept.
    func finish() throws(CompressionError) -> ByteBuffer {
        guard bytes.readableBytes <= limit else { throw .outputTooLarge(limit: limit) }
        return bytes
    }
}
