import CZlib
import NIOCore

/// gzip (RFC 1952) through zlib: writes one member with a plain header, reads any header fields and any number of
/// members in a row.
enum Gzip {
    private static let gzipWindow: Int32 = 15 + 16  // 32 KiB window; 16 asks for gzip's header instead of zlib's

    static func compress(
        _ input: UnsafeRawBufferPointer,
        level: Int?,
        into output: inout ByteBuffer,
        with contexts: CodecContexts
    ) throws(CompressionError) {
        let stream = try deflater(level: Int32(level ?? Int(Z_DEFAULT_COMPRESSION)), in: contexts)
        let bound = Int(deflateBound(stream, uLong(input.count)))
        try setInput(input, of: stream)
        _ = try output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) {
            (space) throws(CompressionError) -> Int in
            stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = uInt(clamping: space.count)
            guard deflate(stream, Z_FINISH) == Z_STREAM_END else {
                throw .unavailable(.gzip, reason: "zlib did not finish")
            }
            return space.count - Int(stream.pointee.avail_out)
        }
    }

    static func decompress(
        _ input: UnsafeRawBufferPointer,
        limit: Int,
        with contexts: CodecContexts
    ) throws(CompressionError) -> ByteBuffer {
        let stream = try inflater(in: contexts)
        try setInput(input, of: stream)
        var output = OutputBuffer(limit: limit)
        var status = Z_OK
        repeat {
            if status == Z_STREAM_END {
                guard inflateReset(stream) == Z_OK else { throw .unavailable(.gzip, reason: "zlib could not restart") }
            }
            try output.reserve(max(input.count, 4096))
            try output.write { space throws(CompressionError) in
                let given = uInt(clamping: space.count)
                stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.pointee.avail_out = given
                status = inflate(stream, Z_NO_FLUSH)
                return Int(given - stream.pointee.avail_out)
            }
            switch status {
            case Z_OK, Z_STREAM_END: break
            case Z_BUF_ERROR: throw .corrupt(.gzip, reason: "the stream is cut short")
            case Z_MEM_ERROR: throw .unavailable(.gzip, reason: "out of memory")
            default: throw .corrupt(.gzip, reason: "zlib refused the stream (code \(status))")
            }
        } while status == Z_OK || stream.pointee.avail_in > 0
        return try output.finish()
    }

    private static func setInput(
        _ input: UnsafeRawBufferPointer,
        of stream: UnsafeMutablePointer<z_stream>
    ) throws(CompressionError) {
        guard let count = uInt(exactly: input.count) else { throw .unavailable(.gzip, reason: "more than 4 GiB") }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: Bytef.self))
        stream.pointee.avail_in = count
    }

    private static func deflater(
        level: Int32,
        in contexts: CodecContexts
    ) throws(CompressionError) -> UnsafeMutablePointer<z_stream> {
        if let stream = contexts.deflater {
            if contexts.deflaterLevel == level, deflateReset(stream) == Z_OK { return stream }
            deflateEnd(stream)
            stream.deallocate()
            contexts.deflater = nil
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let memoryLevel: Int32 = 8  // zlib's default
        let status = deflateInit2_(
            stream,
            level,
            Z_DEFLATED,
            gzipWindow,
            memoryLevel,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard status == Z_OK else {
            stream.deallocate()
            throw .unavailable(.gzip, reason: "zlib gave code \(status)")
        }
        contexts.deflater = stream
        contexts.deflaterLevel = level
        return stream
    }

    private static func inflater(
        in contexts: CodecContexts
    ) throws(CompressionError) -> UnsafeMutablePointer<z_stream> {
        if let stream = contexts.inflater, inflateReset(stream) == Z_OK { return stream }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            throw .unavailable(.gzip, reason: "zlib gave code \(status)")
        }
        contexts.inflater = stream
        return stream
    }
}
