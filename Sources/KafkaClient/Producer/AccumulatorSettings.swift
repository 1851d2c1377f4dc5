import KafkaCompression
import KafkaWire
import NIOCore

/// What a ``RecordAccumulator`` goes by. Sizes in bytes, times in ms.
struct AccumulatorSettings: Sendable {
    /// From which size on a batch does not wait for more records.
    var batchSize = 16384
    /// The size that a batch may reach while it waits for its turn.
    var batchLimit = 1 << 20
    var lingerMs: Int64 = 5
    var bufferMemory = 32 << 20
    var maxRequestSize = 1 << 20
    var deliveryTimeoutMs: Int64 = 120_000
    /// Requests that may be under way to a node.
    var maxInFlight = 5
    /// How often a batch may be sent again.
    var retries = Int(Int32.max)
    var backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
    var isIdempotent = true
    /// Whether records are written in transactions.
    var isTransactional = false
    /// `partitioner.availability.timeout.ms`
    var availabilityTimeoutMs: Int64 = 0
    var codec = CompressionCodec.none
    var compressionLevel: Int?

    /// - Parameter reusing: a buffer that is not needed any more, whose memory is taken over.
    func makeBuilder(reusing spare: ByteBuffer? = nil) -> RecordBatchBuilder {
        RecordBatchBuilder(codec: codec, level: compressionLevel, maxBytes: .max, reusing: spare)
    }

    /// The most bytes that a record can take in a batch: what it takes as the first one, and room for larger deltas.
    func sizeBound(keyCount: Int?, valueCount: Int?, headers: [RecordHeader]) -> Int {
        RecordBatchBuilder.sizeOfBatch(keyCount: keyCount, valueCount: valueCount, headers: headers)
            - RecordBatchHeader.size + 16
    }
}

/// A small source of chance that can be seeded (Steele, Lea, Flood: SplitMix). Not for secrets.
struct SplitMix64: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
