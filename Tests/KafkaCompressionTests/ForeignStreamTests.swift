import KafkaCompression
import NIOCore
import Testing

/// Streams as other writers make them: every freedom that a format leaves.
@Suite struct ForeignStreamTests {
    private func bytes(_ hex: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        var rest = hex[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            buffer.writeInteger(byte)
            rest = rest.dropFirst(2)
        }
        return buffer
    }

    /// A gzip member around deflate's stored block of "hello", with the given flags and the fields they announce.
    private func gzipMember(flags: UInt8, fields: [UInt8]) -> [UInt8] {
        [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 0xff] + fields
            + [1, 5, 0, 0xfa, 0xff] + Array("hello".utf8)
            + [0x86, 0xa6, 0x10, 0x36, 5, 0, 0, 0]
    }

    @Test func gzipWithHeaderFields() throws {
        let extra: [UInt8] = [3, 0, 1, 2, 3]
        let name = Array("file.txt".utf8) + [0]
        let comment = Array("a comment".utf8) + [0]
        let members = [
            gzipMember(flags: 0, fields: []), gzipMember(flags: 4, fields: extra), gzipMember(flags: 8, fields: name),
            gzipMember(flags: 16, fields: comment), gzipMember(flags: 0x1c, fields: extra + name + comment),
            gzipMember(flags: 1, fields: []),
        ]
        for member in members {
            #expect(
                try CompressionCodec.gzip.decompress(ByteBuffer(bytes: member), limit: 5) == ByteBuffer(string: "hello")
            )
        }
        let joined = ByteBuffer(bytes: members.flatMap { $0 })
        let expected = ByteBuffer(string: String(repeating: "hello", count: 6))
        #expect(try CompressionCodec.gzip.decompress(joined, limit: 30) == expected)
        #expect(throws: CompressionError.outputTooLarge(limit: 29)) {
            try CompressionCodec.gzip.decompress(joined, limit: 29)
        }
    }

    @Test func zlibIsNotGzip() {
        let zlib = bytes("789ccb48cdc9c90700062c0215")
        #expect(throws: CompressionError.self) { try CompressionCodec.gzip.decompress(zlib, limit: 100) }
    }

    @Test func snappyRawBlock() throws {
        // Length 5, then one literal of five bytes.
        let raw = bytes("051068656c6c6f")
        #expect(try CompressionCodec.snappy.decompress(raw, limit: 5) == ByteBuffer(string: "hello"))
    }

    @Test func snappyStreamsInARowWithAnyVersionNumbers() throws {
        let magic = "82534e4150505900"
        let block = "00000007051068656c6c6f"
        let big = magic + "0000000100000001" + block + block
        let little = magic + "0100000001000000" + block
        #expect(
            try CompressionCodec.snappy.decompress(bytes(big + little), limit: 15)
                == ByteBuffer(string: "hellohellohello")
        )
        #expect(try CompressionCodec.snappy.decompress(bytes(magic + "0000000100000001"), limit: 0) == ByteBuffer())
    }

    @Test func snappyWritesBlocksOf32KiB() throws {
        var compressed = try CompressionCodec.snappy.compress(ByteBuffer(repeating: 1, count: 70_000))
        #expect(compressed.readBytes(length: 8) == [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
        #expect(compressed.readInteger(as: Int32.self) == 1)
        #expect(compressed.readInteger(as: Int32.self) == 1)
        var sizes: [Int] = []
        while let length = compressed.readInteger(as: Int32.self), let block = compressed.readSlice(length: Int(length))
        {
            sizes.append(try CompressionCodec.snappy.decompress(block, limit: 1 << 16).readableBytes)
        }
        #expect(sizes == [32768, 32768, 4464])
        #expect(compressed.readableBytes == 0)
    }

    @Test func lz4WritesWhatEveryClientReads() throws {
        let compressed = try CompressionCodec.lz4.compress(ByteBuffer(repeating: 1, count: 200_000))
        // Version 1, independent blocks, no checksums, no content size; blocks of 64 KiB; the descriptor's checksum.
        #expect(compressed.getBytes(at: 0, length: 7) == [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
    }

    /// Frame of one stored block "hello" with content size, block checksum and content checksum, block size 7.
    @Test func lz4WithEveryField() throws {
        let plain = "04224d18604082" + "05000080" + "68656c6c6f" + "00000000"
        #expect(try CompressionCodec.lz4.decompress(bytes(plain), limit: 5) == ByteBuffer(string: "hello"))
        #expect(
            try CompressionCodec.lz4.decompress(bytes(plain + plain), limit: 10) == ByteBuffer(string: "hellohello")
        )
        let skippable = "502a4d1803000000aabbcc"
        #expect(try CompressionCodec.lz4.decompress(bytes(skippable + plain), limit: 5) == ByteBuffer(string: "hello"))
    }

    @Test func lz4HeaderChecksumOfOldMessagesIsMended() throws {
        // Java's checksum over the magic number too (KAFKA-3160); any wrong one will do.
        let wrong = bytes("04224d18604000" + "05000080" + "68656c6c6f" + "00000000")
        #expect(throws: CompressionError.self) { try CompressionCodec.lz4.decompress(wrong, limit: 5) }
        #expect(
            try CompressionCodec.lz4.decompress(wrong, limit: 5, toleratingLZ4HeaderChecksum: true)
                == ByteBuffer(string: "hello")
        )
        for count in 0..<7 {
            let cut = wrong.getSlice(at: 0, length: count) ?? ByteBuffer()
            #expect(throws: CompressionError.self) {
                try CompressionCodec.lz4.decompress(cut, limit: 5, toleratingLZ4HeaderChecksum: true)
            }
        }
    }

    @Test func zstdFramesInARowWithAndWithoutContentSize() throws {
        // One raw block "hello": a single segment that names its size, and a window of 128 MiB without a size.
        let sized = "28b52ffd" + "2005" + "290000" + "68656c6c6f"
        let unsized = "28b52ffd" + "0088" + "290000" + "68656c6c6f"
        let skippable = "502a4d1803000000aabbcc"
        for frame in [sized, unsized, skippable + sized] {
            #expect(try CompressionCodec.zstd.decompress(bytes(frame), limit: 5) == ByteBuffer(string: "hello"))
        }
        #expect(
            try CompressionCodec.zstd.decompress(bytes(unsized + sized + unsized), limit: 15)
                == ByteBuffer(string: "hellohellohello")
        )
        #expect(throws: CompressionError.outputTooLarge(limit: 14)) {
            try CompressionCodec.zstd.decompress(bytes(unsized + sized + unsized), limit: 14)
        }
    }
}
