package import NIOCore

extension CompressionCodec {
    /// Appends `input`, compressed, to `output`.
    ///
    /// - Parameter level: one of ``levels``; `nil` for the codec's default.
    package func compress(
        _ input: UnsafeRawBufferPointer,
        level: Int? = nil,
        into output: inout ByteBuffer
    ) throws(CompressionError) {
        if let level, levels?.contains(level) != true { throw .levelOutOfRange(self, level: level) }
        switch self {
        case .none:
            output.writeBytes(input)
        case .snappy:
            try Snappy.compress(input, into: &output)
        case .gzip:
            try CodecContexts.withContexts { contexts throws(CompressionError) in
                try Gzip.compress(input, level: level, into: &output, with: contexts)
            }
        case .lz4:
            try CodecContexts.withContexts { contexts throws(CompressionError) in
                try LZ4Frame.compress(input, level: level, into: &output, with: contexts)
            }
        case .zstd:
            try CodecContexts.withContexts { contexts throws(CompressionError) in
                try Zstd.compress(input, level: level, into: &output, with: contexts)
            }
        }
    }

    /// The readable bytes of `input`, compressed.
    package func compress(_ input: ByteBuffer, level: Int? = nil) throws(CompressionError) -> ByteBuffer {
        var output = ByteBuffer()
        try input.withUnsafeReadableBytes { bytes throws(CompressionError) in
            try compress(bytes, level: level, into: &output)
        }
        return output
    }

    /// What `input` decompresses to, at most `limit` bytes.
    ///
    /// Memory grows with what was really decoded, and never beyond `limit` (rounded up to a power of two).
    package func decompress(_ input: UnsafeRawBufferPointer, limit: Int) throws(CompressionError) -> ByteBuffer {
        switch self {
        case .none:
            guard input.count <= limit else { throw .outputTooLarge(limit: limit) }
            return ByteBuffer(bytes: input)
        case .snappy:
            return try Snappy.decompress(input, limit: limit)
        case .gzip:
            return try CodecContexts.withContexts { contexts throws(CompressionError) in
                try Gzip.decompress(input, limit: limit, with: contexts)
            }
        case .lz4:
            return try CodecContexts.withContexts { contexts throws(CompressionError) in
                try LZ4Frame.decompress(input, limit: limit, with: contexts)
            }
        case .zstd:
            return try CodecContexts.withContexts { contexts throws(CompressionError) in
                try Zstd.decompress(input, limit: limit, with: contexts)
            }
        }
    }

    /// What the readable bytes of `input` decompress to, at most `limit` bytes; without a copy for ``none``.
    package func decompress(_ input: ByteBuffer, limit: Int) throws(CompressionError) -> ByteBuffer {
        if self == .none {
            guard input.readableBytes <= limit else { throw .outputTooLarge(limit: limit) }
            return input
        }
        return try input.withUnsafeReadableBytes { bytes throws(CompressionError) in
            try decompress(bytes, limit: limit)
        }
    }

    /// The same for a message of magic 0, where Java took the checksum of lz4's frame header over too many bytes: such a
    /// checksum is put right first.
    package func decompress(
        _ input: ByteBuffer,
        limit: Int,
        toleratingLZ4HeaderChecksum tolerating: Bool
    ) throws(CompressionError) -> ByteBuffer {
        guard self == .lz4, tolerating else { return try decompress(input, limit: limit) }
        var mended = input
        mended.withUnsafeMutableReadableBytes { LZ4Frame.mendHeaderChecksum($0) }
        return try decompress(mended, limit: limit)
    }
}
