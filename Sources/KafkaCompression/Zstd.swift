import CZstd
import NIOCore

/// Zstandard frames: writes one frame, reads any number in a row, with or without a content size, whatever their window.
enum Zstd {
    static func compress(
        _ input: UnsafeRawBufferPointer,
        level: Int?,
        into output: inout ByteBuffer,
        with contexts: CodecContexts
    ) throws(CompressionError) {
        guard let context = contexts.zstdCompressor ?? ZSTD_createCCtx() else {
            throw .unavailable(.zstd, reason: "out of memory")
        }
        contexts.zstdCompressor = context
        let level = Int32(level ?? Int(ZSTD_CLEVEL_DEFAULT))
        _ = try output.writeWithUnsafeMutableBytes(minimumWritableBytes: ZSTD_compressBound(input.count)) {
            (space) throws(CompressionError) -> Int in
            let written = ZSTD_compressCCtx(
                context,
                space.baseAddress,
                space.count,
                input.baseAddress,
                input.count,
                level
            )
            guard ZSTD_isError(written) == 0 else {
                throw .unavailable(.zstd, reason: String(cString: ZSTD_getErrorName(written)))
            }
            return written
        }
    }

    /// Decodes in one go and never by streaming, which would allocate the window that the first frame claims (128 MiB
    /// can be claimed in six bytes). What does not fit is tried again with four times the room: a frame without content
    /// size costs at most a third more for it.
    static func decompress(
        _ input: UnsafeRawBufferPointer,
        limit: Int,
        with contexts: CodecContexts
    ) throws(CompressionError) -> ByteBuffer {
        guard let context = contexts.zstdDecompressor ?? ZSTD_createDCtx() else {
            throw .unavailable(.zstd, reason: "out of memory")
        }
        contexts.zstdDecompressor = context
        guard input.count > 0 else { throw .corrupt(.zstd, reason: "there is no frame") }
        var output = OutputBuffer(limit: limit)
        var wanted = try firstGuess(for: input, limit: limit)
        while true {
            try output.reserve(wanted)
            var tooSmall = false
            var room = 0
            try output.write { space throws(CompressionError) in
                room = space.count
                let written = ZSTD_decompressDCtx(
                    context,
                    space.baseAddress,
                    space.count,
                    input.baseAddress,
                    input.count
                )
                guard ZSTD_isError(written) != 0 else { return written }
                guard ZSTD_getErrorCode(written) == ZSTD_error_dstSize_tooSmall else {
                    throw .corrupt(.zstd, reason: String(cString: ZSTD_getErrorName(written)))
                }
                tooSmall = true
                return 0
            }
            guard tooSmall else { return try output.finish() }
            guard room <= limit else { throw .outputTooLarge(limit: limit) }
            wanted = room * 4
        }
    }

    /// Room for the first attempt: what the first frame says of its content if that is believable, else a usual ratio.
    private static func firstGuess(for input: UnsafeRawBufferPointer, limit: Int) throws(CompressionError) -> Int {
        let usual = max(8 * input.count, 64 * 1024)
        let content = ZSTD_getFrameContentSize(input.baseAddress, input.count)
        let unknown = UInt64.max  // ZSTD_CONTENTSIZE_UNKNOWN
        let notAFrame = UInt64.max - 1  // ZSTD_CONTENTSIZE_ERROR
        guard content != notAFrame else { throw .corrupt(.zstd, reason: "there is no frame header") }
        guard content != unknown else { return usual }
        // The frame is its content's only witness before it is decoded: more than the usual ratio is believed step by
        // step, more than the ceiling is refused at once.
        guard content <= UInt64(max(limit, 0)) else { throw .outputTooLarge(limit: limit) }
        return max(min(Int(content), 4 * usual), 1)
    }
}
