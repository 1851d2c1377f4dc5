import CLZ4
import CZlib
import CZstd
import Synchronization

/// The libraries' working memory, made when first needed and kept for the next batch: setting it up costs more than a
/// small batch does.
///
/// Unchecked because the C pointers are not `Sendable`. Safe because ``withContexts(_:)`` alone hands an object out, to
/// one caller at a time, and the lock of the pool orders one use before the next.
final class CodecContexts: @unchecked Sendable {
    var deflater: UnsafeMutablePointer<z_stream>?
    var deflaterLevel: Int32 = 0
    var inflater: UnsafeMutablePointer<z_stream>?
    var lz4Compressor: OpaquePointer?
    var lz4Decompressor: OpaquePointer?
    var zstdCompressor: OpaquePointer?
    var zstdDecompressor: OpaquePointer?

    private static let idle = Mutex<[CodecContexts]>([])
    /// More than this many stay behind only if as many threads compressed at once; the rest are freed after use.
    private static let mostIdle = 16

    /// Lends contexts to `body`, which must not keep them.
    static func withContexts<Result>(
        _ body: (CodecContexts) throws(CompressionError) -> Result
    ) throws(CompressionError) -> Result {
        let contexts = idle.withLock { $0.popLast() } ?? CodecContexts()
        defer {
            idle.withLock { idle in
                if idle.count < mostIdle { idle.append(contexts) }
            }
        }
        return try body(contexts)
    }

    deinit {
        if let deflater {
            deflateEnd(deflater)
            deflater.deallocate()
        }
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        LZ4F_freeCompressionContext(lz4Compressor)
        LZ4F_freeDecompressionContext(lz4Decompressor)
        ZSTD_freeCCtx(zstdCompressor)
        ZSTD_freeDCtx(zstdDecompressor)
    }
}
