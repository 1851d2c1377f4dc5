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
