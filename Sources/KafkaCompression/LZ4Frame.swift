import CLZ4
import NIOCore

/// The lz4 frame format, version 1. Writes 64 KiB independent blocks without checksums or content size, which every
/// Kafka client can read; reads all that the format allows, frames in a row too.
enum LZ4Frame {
    /// LZ4F_VERSION, which the header spells as a macro without a type.
    private static let version: UInt32 = 100

    static func compress(
        _ input: UnsafeRawBufferPointer,
        level: Int?,
        into output: inout ByteBuffer,
        with contexts: CodecContexts
    ) throws(CompressionError) {
        let context = try compressor(in: contexts)
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        preferences.autoFlush = 1
        // Level 0 is the library's fast mode, which is what Kafka uses unless a level was asked for.
        preferences.compressionLevel = Int32(level ?? 0)
        let bound = LZ4F_compressFrameBound(input.count, &preferences)
        _ = try output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) {
            (space) throws(CompressionError) -> Int in
            var written = try checked(
                LZ4F_compressBegin(context, space.baseAddress, space.count, &preferences)
            )
            if input.count > 0 {
                written += try checked(
                    LZ4F_compressUpdate(
                        context,
                        space.baseAddress.map { $0 + written },
                        space.count - written,
                        input.baseAddress,
                        input.count,
                        nil
                    )
                )
            }
            written += try checked(
                LZ4F_compressEnd(context, space.baseAddress.map { $0 + written }, space.count - written, nil)
            )
            return written
        }
    }

    static func decompress(
        _ input: UnsafeRawBufferPointer,
        limit: Int,
        with contexts: CodecContexts
    ) throws(CompressionError) -> ByteBuffer {
        let context = try decompressor(in: contexts)
        var output = OutputBuffer(limit: limit)
        var position = 0
        var expected = 1  // what the library still wants to see; 0 at the end of a frame
        while position < input.count || expected != 0 {
            try output.reserve(max(2 * input.count, 4096))
            let before = output.count
            let start = position
            try output.write { space throws(CompressionError) in
                var produced = space.count
                var consumed = input.count - position
                expected = LZ4F_decompress(
                    context,
                    space.baseAddress,
                    &produced,
                    input.baseAddress.map { $0 + position },
                    &consumed,
                    nil
                )
                guard LZ4F_isError(expected) == 0 else {
                    throw .corrupt(.lz4, reason: String(cString: LZ4F_getErrorName(expected)))
                }
                position += consumed
                return produced
            }
            if expected != 0, position == start, output.count == before {
                throw .corrupt(.lz4, reason: "the frame is cut short")
            }
        }
        return try output.finish()
    }

    /// Writes the checksum into the frame header at the start of `frame` that the format asks for.
    static func mendHeaderChecksum(_ frame: UnsafeMutableRawBufferPointer) {
        let magicSize = 4
        guard frame.count > magicSize else { return }
        let hasContentSize = frame[magicSize] & 0x08 != 0
        let hasDictionary = frame[magicSize] & 0x01 != 0
        let descriptorSize = 2 + (hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0)
        let checksumAt = magicSize + descriptorSize
        guard frame.count > checksumAt else { return }
        let descriptor = UnsafeRawBufferPointer(rebasing: frame[magicSize..<checksumAt])
        frame[checksumAt] = UInt8(truncatingIfNeeded: xxHash32(ofShort: descriptor) >> 8)
    }

    /// xxHash32 with seed 0 of fewer than 16 bytes, which is all that a frame descriptor has.
    private static func xxHash32(ofShort bytes: UnsafeRawBufferPointer) -> UInt32 {
        func rotate(_ value: UInt32, by count: UInt32) -> UInt32 { value << count | value >> (32 - count) }
        let primes: (UInt32, UInt32, UInt32, UInt32) = (2_246_822_519, 3_266_489_917, 668_265_263, 374_761_393)
        var hash = primes.3 &+ UInt32(bytes.count)
        var position = 0
        while bytes.count - position >= 4 {
            let word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            hash = rotate(hash &+ word &* primes.1, by: 17) &* primes.2
            position += 4
        }
        while position < bytes.count {
            hash = rotate(hash &+ UInt32(bytes[position]) &* primes.3, by: 11) &* 2_654_435_761
            position += 1
        }
        hash = (hash ^ hash >> 15) &* primes.0
        hash = (hash ^ hash >> 13) &* primes.1
        return hash ^ hash >> 16
    }

    private static func checked(_ result: Int) throws(CompressionError) -> Int {
        guard LZ4F_isError(result) == 0 else {
            throw .unavailable(.lz4, reason: String(cString: LZ4F_getErrorName(result)))
        }
        return result
    }

    private static func compressor(in contexts: CodecContexts) throws(CompressionError) -> OpaquePointer {
        if let context = contexts.lz4Compressor { return context }
        var context: OpaquePointer?
        _ = try checked(LZ4F_createCompressionContext(&context, version))
        guard let context else { throw .unavailable(.lz4, reason: "out of memory") }
        contexts.lz4Compressor = context
        return context
    }

    private static func decompressor(in contexts: CodecContexts) throws(CompressionError) -> OpaquePointer {
        if let context = contexts.lz4Decompressor {
            LZ4F_resetDecompressionContext(context)
            return context
        }
        var context: OpaquePointer?
        _ = try checked(LZ4F_createDecompressionContext(&context, version))
        guard let context else { throw .unavailable(.lz4, reason: "out of memory") }
        contexts.lz4Decompressor = context
        return context
    }
}
