public import NIOCore

/// Encoded bytes, some of which stand elsewhere: in a file, or in a large buffer that is not worth copying.
public struct EncodedFrame: Sendable {
    /// Data that belongs between two bytes of the frame's buffer.
    public struct Splice: Equatable, Sendable {
        /// How many bytes of the frame's buffer come before the data.
        public let position: Int
        public let data: RecordData

        public init(position: Int, data: RecordData) {
            self.position = position
            self.data = data
        }
    }

    /// The encoded bytes without the splices.
    public var buffer: ByteBuffer
    /// In the order in which they go out; positions never fall.
    public var splices: [Splice]

    public init(buffer: ByteBuffer, splices: [Splice] = []) {
        self.buffer = buffer
        self.splices = splices
    }

    /// The length of the whole in bytes, splices included.
    public var byteCount: Int {
        splices.reduce(buffer.readableBytes) { $0 + $1.data.count }
    }

    /// Everything in the order in which it goes to the socket; empty parts are left out.
    public var parts: [RecordData] {
        guard !splices.isEmpty else { return buffer.readableBytes == 0 ? [] : [.bytes(buffer)] }
        var parts: [RecordData] = []
        parts.reserveCapacity(splices.count * 2 + 1)
        var rest = buffer
        var position = 0
        for splice in splices {
            if splice.position > position, let part = rest.readSlice(length: splice.position - position) {
                parts.append(.bytes(part))
                position = splice.position
            }
            if splice.data.count > 0 { parts.append(splice.data) }
        }
        if rest.readableBytes > 0 { parts.append(.bytes(rest)) }
        return parts
    }

    /// The whole as one buffer in memory; reads files if need be.
    public func flattened() throws(WireError) -> ByteBuffer {
        guard !splices.isEmpty else { return buffer }
        var whole = ByteBufferAllocator().buffer(capacity: byteCount)
        for part in parts {
            whole.writeImmutableBuffer(try part.bytes())
        }
        return whole
    }
}
