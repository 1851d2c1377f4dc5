import KafkaStorage
import KafkaWire
import NIOCore

/// Reads by random offsets in a log whose indexes are as large as those of so many gigabytes of batches of 16 KiB: one
/// entry for each batch, as these are larger than `index.interval.bytes`. The batches themselves are small.
struct ReadBenchmark {
    let folder: String
    let gigabytes: Int
    private let reads = 100_000

    func run() throws {
        for size in Set([1, gigabytes]).sorted() { try run(gigabytes: size) }
    }

    private func run(gigabytes: Int) throws {
        let fileSystem = PosixFileSystem()
        let directory = "\(folder)/read\(gigabytes)-0"
        let batch = try Self.batch()
        let batchesInSegment = (1 << 30) / 16_384
        let total = gigabytes * 1_000_000_000 / 16_384
        var config = LogConfig()
        config.indexIntervalBytes = 0
        config.segmentBytes = Int64(batchesInSegment * batch.readableBytes)
        let log = try PartitionLog.open(
            directory: directory,
            topicPartition: TopicPartition(topic: "read\(gigabytes)", partition: 0),
            config: config,
            fileSystem: fileSystem,
            nowMs: 0
        )
        for _ in 0..<total { _ = try log.append(batch, leaderEpoch: 0, origin: .client, nowMs: 0) }
        var generator = Generator(state: 42)
        var times: [Double] = []
        times.reserveCapacity(reads)
        let whole = try seconds {
            for _ in 0..<reads {
                let offset = Int64(generator.next() % UInt64(total))
                let cost = try seconds {
                    let slice = try log.read(from: offset, maxBytes: 1, before: .max, atLeastOneBatch: true)
                    guard let bytes = try slice?.data.bytes(), bytes.readableBytes == batch.readableBytes else {
                        throw Failure(description: "nothing at offset \(offset)")
                    }
                }
                times.append(cost.wall)
            }
        }
        times.sort()
        let median = fixed(times[reads / 2] * 1e6, 1)
        let high = fixed(times[reads * 99 / 100] * 1e6, 1)
        let processor = fixed(whole.processor / Double(reads) * 1e6, 1)
        say("read: indexes of \(gigabytes) GB (\(total) entries, \(log.segmentCount) segments)")
        say("  median \(median) µs, 99 % \(high) µs; \(processor) µs of the processor for each")
        try log.close(clean: false)
        try fileSystem.removeTree(directory)
    }

    private static func batch() throws -> ByteBuffer {
        var builder = RecordBatchBuilder(maxBytes: 16_384)
        _ = builder.append(key: nil, value: nil, timestampMs: 1_700_000_000_000)
        return try builder.finish()
    }
}

/// SplitMix64, so that each run reads the same offsets.
private struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
