import KafkaCompression
import NIOCore
import Testing

@Suite struct HostileInputTests {
    static let packing = CompressionCodec.allCases.filter { $0 != .none }
    static let text = ByteBuffer(string: (0..<400).map { "line \($0) of some text\n" }.joined())

    @Test(arguments: packing)
    func aCutStreamIsAnError(_ codec: CompressionCodec) throws {
        let whole = try codec.compress(Self.text)
        for count in 0..<whole.readableBytes {
            // A xerial stream has no end mark: cut between blocks it is a shorter stream.
            if codec == .snappy, count == 16 { continue }
            let cut = whole.getSlice(at: 0, length: count) ?? ByteBuffer()
            #expect(throws: CompressionError.self, "cut at \(count)") { try codec.decompress(cut, limit: 1 << 20) }
        }
    }

    @Test(arguments: packing)
    func changedBytesNeverCrash(_ codec: CompressionCodec) throws {
        var random = SeededRandom(seed: UInt64(codec.rawValue))
        let whole = try codec.compress(Self.text)
        for _ in 0..<3000 {
            var changed = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<whole.readableBytes, using: &random)
                changed.setInteger(UInt8.random(in: .min ... .max, using: &random), at: at)
            }
            if let output = try? codec.decompress(changed, limit: 1 << 20) {
                #expect(output.readableBytes <= 1 << 20)
            }
        }
    }

    @Test(arguments: packing)
    func noiseNeverCrashes(_ codec: CompressionCodec) {
        var random = SeededRandom(seed: 99)
        for size in 0..<400 {
            let noise = ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            if let output = try? codec.decompress(noise, limit: 4096) { #expect(output.readableBytes <= 4096) }
        }
    }

    @Test(arguments: packing)
    func theCeilingHolds(_ codec: CompressionCodec) throws {
        let bomb = try codec.compress(ByteBuffer(repeating: 0, count: 64 << 20))
        for limit in [0, 1, 1000, 1 << 20, (64 << 20) - 1] {
            #expect(throws: CompressionError.outputTooLarge(limit: limit)) {
                try codec.decompress(bomb, limit: limit)
            }
        }
        #expect(try codec.decompress(bomb, limit: 64 << 20).readableBytes == 64 << 20)
    }

    @Test(arguments: CompressionCodec.allCases)
    func nothingFitsUnderNoCeiling(_ codec: CompressionCodec) throws {
        #expect(try codec.decompress(codec.compress(ByteBuffer()), limit: 0) == ByteBuffer())
        #expect(throws: CompressionError.outputTooLarge(limit: 0)) {
            try codec.decompress(codec.compress(ByteBuffer(string: "x")), limit: 0)
        }
    }

    @Test func aSnappyLengthBeyondBeliefIsRefused() {
        // A raw block that claims 2^32 - 1 bytes, and one that claims 1 MiB, of a few bytes.
        for header: [UInt8] in [[0xff, 0xff, 0xff, 0xff, 0x0f], [0x80, 0x80, 0x40]] {
            #expect(throws: CompressionError.self) {
                try CompressionCodec.snappy.decompress(ByteBuffer(bytes: header + [0, 1, 2]), limit: .max)
            }
        }
    }

    @Test func aZstdContentSizeIsNotBelievedAlone() {
        // A frame header that claims 2^62 bytes, then an empty last block.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0x40, 1, 0, 0]
        #expect(throws: CompressionError.outputTooLarge(limit: 1 << 30)) {
            try CompressionCodec.zstd.decompress(ByteBuffer(bytes: frame), limit: 1 << 30)
        }
        // One that claims 1 GiB: below the ceiling, but the frame does not hold it.
        let smaller: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0x40, 0, 0, 0, 0, 1, 0, 0]
        #expect(throws: CompressionError.self) {
            try CompressionCodec.zstd.decompress(ByteBuffer(bytes: smaller), limit: 1 << 31)
        }
    }
}
