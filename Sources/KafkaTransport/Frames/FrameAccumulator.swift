package import NIOCore

/// Cuts a stream of bytes into Kafka's frames: a signed 32-bit big-endian length, then that many bytes.
///
/// Rules:
/// - A frame that arrived whole in one read is a slice of that read: nothing is copied.
/// - A frame that arrives in pieces is gathered in a buffer of its own, each byte copied once.
/// - A length is not believed: at first no more is reserved than a frame of this stream has needed before (at least
///   `modestReservation`), and the buffer doubles as bytes really arrive, never beyond the frame's end.
/// - After an error the accumulator stays in error.
package struct FrameAccumulator: Sendable {
    /// The default limit of one frame, that of `socket.request.max.bytes`: 100 MiB.
    package static let defaultMaximumFrameBytes = 100 * 1024 * 1024
    /// Bytes that are reserved for any frame that says it is at least that long.
    package static let modestReservation = 64 * 1024
    private static let prefixBytes = 4

    /// The greatest length of a frame, its four length bytes not counted.
    package var maximumFrameBytes: Int

    private var inputs = CircularBuffer<ByteBuffer>(initialCapacity: 4)
    /// The frame that is being gathered, its length prefix included; empty when none is.
    private var partial = ByteBuffer()
    /// The bytes that `partial` will have when it is whole, once the length is known.
    private var partialTarget: Int?
    private var largestFrame = 0
    private var failure: FrameError?

    package init(maximumFrameBytes: Int = FrameAccumulator.defaultMaximumFrameBytes) {
        self.maximumFrameBytes = maximumFrameBytes
    }

    /// The bytes held that no frame has been made of yet.
    package var bufferedBytes: Int {
        inputs.reduce(partial.readableBytes) { $0 + $1.readableBytes }
    }

    /// The memory set aside for the frame that is being gathered.
    package var reservedBytes: Int { partial.capacity }

    /// Takes in what a read brought.
    package mutating func append(_ bytes: ByteBuffer) {
        if bytes.readableBytes > 0 {
            inputs.append(bytes)
        }
    }

    /// The next whole frame without its length, or nil when more bytes are needed.
    package mutating func next() throws(FrameError) -> ByteBuffer? {
        if let failure {
            throw failure
        }
        do {
            return try cutFrame()
        } catch {
            failure = error
            inputs.removeAll()
            partial = ByteBuffer()
            throw error
        }
    }

    private mutating func cutFrame() throws(FrameError) -> ByteBuffer? {
        while !inputs.isEmpty {
            if partial.readableBytes == 0 {
                if let frame = try takeWholeFrame() {
                    return frame
                }
                beginPartial()
            }
            try fillPartial()
            if let target = partialTarget, partial.readableBytes == target {
                return finishPartial()
            }
        }
        return nil
    }

    /// A frame that lies whole in the first input.
    private mutating func takeWholeFrame() throws(FrameError) -> ByteBuffer? {
        let first = inputs.startIndex
        guard let prefix = inputs[first].getInteger(at: inputs[first].readerIndex, as: UInt32.self) else {
            return nil
        }
        let length = try checked(prefix)
        guard inputs[first].readableBytes - Self.prefixBytes >= length else { return nil }
        inputs[first].moveReaderIndex(forwardBy: Self.prefixBytes)
        let frame = inputs[first].readSlice(length: length)
        dropFirstIfEmpty()
        return frame
    }

    private mutating func beginPartial() {
        let first = inputs.startIndex
        if let prefix = inputs[first].getInteger(at: inputs[first].readerIndex, as: UInt32.self) {
            // `takeWholeFrame` has checked this length.
            let target = Int(prefix) + Self.prefixBytes
            partialTarget = target
            partial = ByteBufferAllocator().buffer(capacity: reservation(for: target))
        } else {
            partialTarget = nil
            partial = ByteBufferAllocator().buffer(capacity: Self.prefixBytes)
        }
    }

    /// Moves bytes of the first input to the partial frame.
    private mutating func fillPartial() throws(FrameError) {
        let first = inputs.startIndex
        let wanted = (partialTarget ?? Self.prefixBytes) - partial.readableBytes
        let count = min(wanted, inputs[first].readableBytes)
        if partial.writableBytes < count {
            let target = partialTarget ?? Self.prefixBytes
            let needed = partial.readableBytes + count
            partial.reserveCapacity(min(target, max(needed, partial.capacity * 2)))
        }
        if let piece = inputs[first].readSlice(length: count) {
            partial.writeImmutableBuffer(piece)
        }
        dropFirstIfEmpty()
        if partialTarget == nil, let prefix = partial.getInteger(at: partial.readerIndex, as: UInt32.self) {
            let target = try checked(prefix) + Self.prefixBytes
            partialTarget = target
            partial.reserveCapacity(reservation(for: target))
        }
    }

    private mutating func finishPartial() -> ByteBuffer {
        var frame = partial
        partial = ByteBuffer()
        partialTarget = nil
        frame.moveReaderIndex(forwardBy: Self.prefixBytes)
        largestFrame = max(largestFrame, frame.readableBytes + Self.prefixBytes)
        return frame
    }

    private mutating func dropFirstIfEmpty() {
        if let first = inputs.first, first.readableBytes == 0 {
            inputs.removeFirst()
        }
    }

    private func checked(_ prefix: UInt32) throws(FrameError) -> Int {
        let length = Int(Int32(bitPattern: prefix))
        guard length >= 0, length <= maximumFrameBytes else {
            throw .badLength(prefix: prefix, limit: maximumFrameBytes)
        }
        return length
    }

    private func reservation(for target: Int) -> Int {
        min(target, max(Self.modestReservation, largestFrame))
    }
}
