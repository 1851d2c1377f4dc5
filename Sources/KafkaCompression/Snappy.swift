import CSnappy
import NIOCore

/// Snappy in the two shapes that Kafka clients write: one raw block, or the "xerial" stream of the Java library, which
/// is what this writes.
enum Snappy {
    /// First bytes of a xerial stream; a raw block cannot begin so, as its length would be absurd for what follows.
    private static let magic: [UInt8] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
    /// Magic, then the version and the oldest compatible version as 32-bit numbers. Some writers use another byte order,
    /// so that the numbers are not looked at.
    private static let headerSize = 16
    private static let blockSize = 32 * 1024
    /// A copy of three bytes yields at most 64, so a block that claims more than this times its size lies.
    private static let largestRatio = 24

    static func compress(
        _ input: UnsafeRawBufferPointer,
        into output: inout ByteBuffer
    ) throws(CompressionError) {
        output.writeBytes(magic)
        output.writeInteger(1 as Int32)
        output.writeInteger(1 as Int32)
        var position = 0
        while position < input.count {
            let block = UnsafeRawBufferPointer(rebasing: input[position..<min(position + blockSize, input.count)])
            let lengthAt = output.writerIndex
            output.writeInteger(0 as Int32)
            let written = try output.writeWithUnsafeMutableBytes(
                minimumWritableBytes: snappy_max_compressed_length(block.count)
            ) { (space) throws(CompressionError) -> Int in
                var length = space.count
                let status = snappy_compress(
                    block.baseAddress?.assumingMemoryBound(to: CChar.self),
                    block.count,
                    space.baseAddress?.assumingMemoryBound(to: CChar.self),
                    &length
                )
                guard status == SNAPPY_OK else { throw .unavailable(.snappy, reason: "the library refused a block") }
                return length
            }
            output.setInteger(Int32(written), at: lengthAt)  // at most a little more than blockSize
            position += block.count
        }
    }

    static func decompress(_ input: UnsafeRawBufferPointer, limit: Int) throws(CompressionError) -> ByteBuffer {
        var output = OutputBuffer(limit: limit)
        guard input.starts(with: magic) else {
            try decompressBlock(input, into: &output)
            return try output.finish()
        }
        guard input.count >= headerSize else { throw .corrupt(.snappy, reason: "the stream header is cut short") }
        var position = headerSize
        while position < input.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[position...])
            // Streams written one after the other begin each with a header.
            if rest.count >= headerSize, rest.starts(with: magic) {
                position += headerSize
                continue
            }
            guard rest.count >= 4 else { throw .corrupt(.snappy, reason: "a block length is cut short") }
            let length = Int(UInt32(bigEndian: rest.loadUnaligned(as: UInt32.self)))
            guard length <= rest.count - 4 else { throw .corrupt(.snappy, reason: "a block is cut short") }
            try decompressBlock(UnsafeRawBufferPointer(rebasing: rest[4..<4 + length]), into: &output)
            position += 4 + length
        }
        return try output.finish()
    }

    private static func decompressBlock(
        _ block: UnsafeRawBufferPointer,
        into output: inout OutputBuffer
    ) throws(CompressionError) {
        let source = block.baseAddress?.assumingMemoryBound(to: CChar.self)
        var claimed = 0
        guard block.count > 0, snappy_uncompressed_length(source, block.count, &claimed) == SNAPPY_OK,
            claimed <= block.count * largestRatio
        else { throw .corrupt(.snappy, reason: "a block does not begin with a believable length") }
        guard claimed > 0 else {
            guard snappy_validate_compressed_buffer(source, block.count) == SNAPPY_OK else {
                throw .corrupt(.snappy, reason: "an empty block holds bytes")
            }
            return
        }
        try output.require(claimed)
        try output.write { space throws(CompressionError) in
            var length = space.count
            let status = snappy_uncompress(
                source,
                block.count,
                space.baseAddress?.assumingMemoryBound(to: CChar.self),
                &length
            )
            guard status == SNAPPY_OK else { throw .corrupt(.snappy, reason: "a block cannot be decoded") }
            return length
        }
    }
}
