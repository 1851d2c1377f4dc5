import KafkaCompression
import NIOCore
import Testing

@Suite struct CodecRoundTripTests {
    static let inputs: [ByteBuffer] = {
        var random = SeededRandom(seed: 1)
        var inputs = [ByteBuffer(), ByteBuffer(string: "a"), ByteBuffer(repeating: 7, count: 300_000)]
        for size in [1, 15, 16, 17, 4095, 32 * 1024, 32 * 1024 + 1, 64 * 1024, 200_000] {
            inputs.append(ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) }))
            inputs.append(ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: 97...100, using: &random) }))
        }
        return inputs
    }()

    @Test(arguments: CompressionCodec.allCases)
    func everythingComesBack(_ codec: CompressionCodec) throws {
        for input in Self.inputs {
            let compressed = try codec.compress(input)
            #expect(try codec.decompress(compressed, limit: input.readableBytes) == input)
            #expect(try codec.decompress(compressed, limit: input.readableBytes + 1) == input)
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func everyLevelComesBack(_ codec: CompressionCodec) throws {
        let input = ByteBuffer(string: String(repeating: "the quick brown fox ", count: 500))
        guard let levels = codec.levels else {
            #expect(throws: CompressionError.levelOutOfRange(codec, level: 1)) {
                try codec.compress(input, level: 1)
            }
            return
        }
        for level in max(levels.lowerBound, -2)...levels.upperBound {
            let compressed = try codec.compress(input, level: level)
            #expect(compressed.readableBytes < input.readableBytes || level == 0)
            #expect(try codec.decompress(compressed, limit: input.readableBytes) == input)
        }
        for level in [levels.lowerBound - 1, levels.upperBound + 1] {
            #expect(throws: CompressionError.levelOutOfRange(codec, level: level)) {
                try codec.compress(input, level: level)
            }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func outputIsAppended(_ codec: CompressionCodec) throws {
        var output = ByteBuffer(string: "head")
        let input = ByteBuffer(string: "some bytes")
        try input.withUnsafeReadableBytes { bytes throws(CompressionError) in
            try codec.compress(bytes, into: &output)
        }
        #expect(output.readString(length: 4) == "head")
        #expect(try codec.decompress(output, limit: 100) == input)
    }

    @Test func namesAreKafkas() {
        for codec in CompressionCodec.allCases {
            #expect(CompressionCodec(name: codec.name) == codec)
        }
        #expect(CompressionCodec(name: "uncompressed") == CompressionCodec.none)
        #expect(CompressionCodec(name: "GZIP") == nil)
    }
}

/// The same numbers in every run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
