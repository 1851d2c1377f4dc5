import Foundation
import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore

let baseTime: Int64 = 1_700_000_000_000

/// A finished batch as a producer sends it.
func makeBatch(
    count: Int = 1,
    valueSize: Int = 20,
    timestampMs: Int64 = baseTime,
    stepMs: Int64 = 0,
    fill: UInt8 = 0x61,
    producerId: Int64 = -1,
    epoch: Int16 = -1,
    sequence: Int32 = -1,
    isTransactional: Bool = false
) throws -> ByteBuffer {
    var builder = RecordBatchBuilder(maxBytes: .max)
    let value = [UInt8](repeating: fill, count: valueSize)
    for index in 0..<count {
        _ = value.withUnsafeBytes {
            builder.append(key: nil, value: $0, timestampMs: timestampMs + Int64(index) * stepMs)
        }
    }
    return try builder.finish(
        producerId: producerId,
        producerEpoch: epoch,
        baseSequence: sequence,
        isTransactional: isTransactional
    )
}

func makeMarker(isCommit: Bool, producerId: Int64, epoch: Int16, coordinatorEpoch: Int32 = 0) throws -> ByteBuffer {
    try EndTransactionMarker(isCommit: isCommit, coordinatorEpoch: coordinatorEpoch)
        .batch(producerId: producerId, producerEpoch: epoch, timestampMs: baseTime)
}

let testPartition = TopicPartition(topic: "t", partition: 0)
let testDirectory = "/data/t-0"

func openLog(
    _ fileSystem: any FileSystem,
    config: LogConfig = LogConfig(),
    clean: Bool = false,
    recoveryPoint: Int64 = 0,
    logStartOffset: Int64 = 0,
    directory: String = testDirectory
) throws -> PartitionLog {
    try PartitionLog.open(
        directory: directory,
        topicPartition: testPartition,
        config: config,
        opening: LogOpening(isClean: clean, recoveryPoint: recoveryPoint, logStartOffset: logStartOffset),
        fileSystem: fileSystem,
        nowMs: baseTime
    )
}

extension PartitionLog {
    @discardableResult
    func appendClient(_ batch: ByteBuffer, leaderEpoch: Int32 = 0, nowMs: Int64 = baseTime) throws -> AppendInfo {
        try append(batch, leaderEpoch: leaderEpoch, origin: .client, nowMs: nowMs)
    }

    /// All batches that can be read from the log start on.
    func allBatches() throws -> [RecordBatchView] {
        var batches: [RecordBatchView] = []
        var offset = logStartOffset
        while let slice = try read(from: offset, maxBytes: 1 << 20, before: .max, atLeastOneBatch: true) {
            var sequence = RecordBatchSequence(try slice.data.contents())
            while let batch = try sequence.next() {
                batches.append(batch)
                offset = batch.header.nextOffset
            }
        }
        return batches
    }

    func allOffsets() throws -> [Int64] {
        try allBatches().flatMap { batch -> [Int64] in
            var records = try batch.records()
            var offsets: [Int64] = []
            while let record = try records.next() { offsets.append(record.offset) }
            return offsets
        }
    }
}

/// A file that Kafka 4.0 wrote: see Fixtures/README.
func fixture(_ path: String) throws -> [UInt8] {
    guard let url = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\(path)") else {
        throw FixtureMissing(path: path)
    }
    return Array(try Data(contentsOf: url))
}

func fixtureNames(_ folder: String) throws -> [String] {
    guard let url = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\(folder)") else {
        throw FixtureMissing(path: folder)
    }
    return try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
}

struct FixtureMissing: Error {
    let path: String
}

/// A memory file system with a copy of a folder of the fixtures at `/data`.
func fixtureFileSystem(_ folder: String) throws -> FaultyFileSystem {
    let fileSystem = FaultyFileSystem()
    try fileSystem.makeDirectory("/data/\(folder)")
    for name in try fixtureNames(folder) {
        fileSystem.setContent(of: "/data/\(folder)/\(name)", try fixture("\(folder)/\(name)"))
    }
    return fileSystem
}
