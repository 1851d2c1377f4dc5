import Glibc
import KafkaStorage
import KafkaWire
import NIOCore

/// Appends batches of 16 KiB, of records of 100 bytes, beside a loop of write(2) of the same blocks, in turns.
struct AppendBenchmark {
    let folder: String
    let mebibytes: Int
    private let rounds = 5
    private let segmentBytes: Int64 = 256 << 20

    func run() throws {
        let batch = try Self.batch()
        let count = (mebibytes << 20) / batch.readableBytes
        say("append: \(count) batches of \(batch.readableBytes) bytes, \(rounds) rounds")
        var plain: [Cost] = []
        var bare: [Cost] = []
        var whole: [Cost] = []
        for round in 0..<rounds {
            plain.append(try self.plain(batch, count))
            bare.append(try append(batch, count, "bare\(round)", isValidated: false))
            whole.append(try append(batch, count, "whole\(round)", isValidated: true))
        }
        let bytes = Double(count * batch.readableBytes)
        for (name, costs) in [("write(2)", plain), ("append", bare), ("checked and appended", whole)] {
            let wall = bytes / median(costs.map(\.wall)) / 1e6
            let processor = bytes / median(costs.map(\.processor)) / 1e6
            let share = median(zip(plain, costs).map { $0.wall / $1.wall }) * 100
            let processorShare = median(zip(plain, costs).map { $0.processor / $1.processor }) * 100
            say(
                "  \(name): \(fixed(wall, 0)) MB/s, \(fixed(share, 0)) % of write(2); by processor time "
                    + "\(fixed(processor, 0)) MB/s, \(fixed(processorShare, 0)) %"
            )
        }
    }

    /// As full as a producer's batch of `batch.size` 16384 gets.
    static func batch() throws -> ByteBuffer {
        var builder = RecordBatchBuilder(maxBytes: 16_384)
        let value = Array(repeating: UInt8(ascii: "v"), count: 100)
        while value.withUnsafeBytes({ builder.append(key: nil, value: $0, timestampMs: 1_700_000_000_000) }) {}
        return try builder.finish()
    }

    private func plain(_ batch: ByteBuffer, _ count: Int) throws -> Cost {
        let path = "\(folder)/plain"
        let inSegment = Int(segmentBytes) / batch.readableBytes
        let time = try seconds {
            var descriptor: CInt = -1
            for index in 0..<count {
                if index % inSegment == 0 {
                    if descriptor >= 0 { close(descriptor) }
                    descriptor = open("\(path)\(index)", O_CREAT | O_WRONLY | O_TRUNC, 0o600)
                }
                let written = batch.withUnsafeReadableBytes { write(descriptor, $0.baseAddress, $0.count) }
                guard written == batch.readableBytes else { throw Failure(description: "write: errno \(errno)") }
            }
            close(descriptor)
        }
        for index in stride(from: 0, to: count, by: inSegment) { unlink("\(path)\(index)") }
        return time
    }

    private func append(_ batch: ByteBuffer, _ count: Int, _ name: String, isValidated: Bool) throws -> Cost {
        let fileSystem = PosixFileSystem()
        let directory = "\(folder)/\(name)-0"
        var config = LogConfig()
        config.segmentBytes = segmentBytes
        let log = try PartitionLog.open(
            directory: directory,
            topicPartition: TopicPartition(topic: name, partition: 0),
            config: config,
            fileSystem: fileSystem,
            nowMs: 0
        )
        let rules = RecordBatchRules()
        let time = try seconds {
            for _ in 0..<count {
                var next = batch
                if isValidated { _ = try RecordBatchValidator.prepare(&next, rules: rules, nowMs: 1_700_000_000_000) }
                _ = try log.append(next, leaderEpoch: 0, origin: .client, nowMs: 1_700_000_000_000)
            }
        }
        try log.close(clean: false)
        try fileSystem.removeTree(directory)
        return time
    }
}
