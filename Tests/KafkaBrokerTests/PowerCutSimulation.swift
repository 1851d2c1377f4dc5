import KafkaStorage
import KafkaTestSupport
import KafkaTransport
import KafkaWire
import NIOCore
import Synchronization

@testable import KafkaBroker
@testable import KafkaCoordination

/// The lives of one disk: in each, two partitions are recovered, checked and written to until the power goes.
///
/// Acknowledged is what the high watermark of a partition has passed, as for a producer with acks=all. Batches gather
/// until one flush acknowledges them together, and more come while it is under way (group commit).
struct PowerCutSimulation {
    /// Batches of each partition: how many were begun to be written, and how many of them were acknowledged.
    private struct Ledger {
        var written = [0, 0]
        var acknowledged = [0, 0]
    }

    /// What the disk holds after the cut, and what had been promised by then.
    private struct Cut {
        let disk: FaultyFileSystem
        let ledger: Ledger
    }

    /// A broker between two cuts, as far as it matters here.
    private struct Life {
        let directory: LogDirectory
        let partitions: [Partition]
    }

    private static let names = (0..<2).map { TopicPartition(topic: "t", partition: Int32($0)) }
    private static let recordsInBatch = 2
    private static let timeMs: Int64 = 1_700_000_000_000
    /// The first batches of both partitions, since making them takes longer than all the rest.
    private static let prepared = names.indices.map { index in
        (0..<200).compactMap { try? makeBatch($0, of: index) }
    }

    private var generator: SeededGenerator
    private let settings: TopicSettings
    private let isLying: Bool
    private var epoch: Int32 = 0
    private var losses: [String] = []

    init(seed: UInt64, waitsForDisk: Bool, isLying: Bool = false) throws {
        generator = SeededGenerator(seed: seed)
        self.isLying = isLying
        var settings = TopicSettings()
        settings.log.segmentBytes = 900
        settings.log.indexIntervalBytes = 100
        settings.log.fileDeleteDelayMs = 10
        if waitsForDisk { settings.log.flushMessages = 1 }
        self.settings = settings
    }

    /// Returns what is wrong after some cut; nothing if all is well.
    mutating func run(lives: Int) throws -> [String] {
        var cut = Cut(disk: FaultyFileSystem(), ledger: Ledger())
        for _ in 0..<lives { cut = try live(cut) }
        let life = try open(cut.disk)
        for index in Self.names.indices { _ = try check(life.partitions[index], cut.ledger, index) }
        return losses
    }

    // MARK: A life

    private mutating func open(_ disk: FaultyFileSystem) throws -> Life {
        let directory = try LogDirectory.open(path: "/data", nodeID: 1, clusterID: "c", fileSystem: disk)
        epoch += 1
        let image = PartitionImage(replicas: [1], isr: [1], leader: 1, leaderEpoch: epoch, partitionEpoch: epoch)
        let partitions = try Self.names.map { name in
            let log = try directory.openLog(name, config: settings.log, nowMs: Self.timeMs)
            let partition = Partition(
                log: log,
                localID: 1,
                highWatermark: directory.checkpointedHighWatermark(for: name) ?? 0,
                settings: settings,
                synchronizer: DiskSynchronizer(pool: StorageExecutor(size: 1))
            )
            partition.apply(image, brokers: [1: 0], nowMs: Self.timeMs)
            return partition
        }
        return Life(directory: directory, partitions: partitions)
    }

    /// Opens the directory, checks it, and works on it until the power goes again.
    private mutating func live(_ last: Cut) throws -> Cut {
        let disk = last.disk
        var life = try open(disk)
        let ledger = Mutex(Ledger())
        for index in Self.names.indices {
            let count = try check(life.partitions[index], last.ledger, index)
            ledger.withLock { ledger in
                ledger.written[index] = count
                // What a reader may have seen since must stay, too.
                ledger.acknowledged[index] = Self.acknowledged(life.partitions[index])
            }
        }
        let cut = Mutex<Cut?>(nil)
        /// The partition that is being flushed: who appends to it now comes too late for this flush.
        let flushing = Mutex<(index: Int, partition: Partition)?>(nil)
        let left = Mutex(Int.random(in: 1...80, using: &generator))
        let chance = Mutex(SeededGenerator(seed: generator.next()))
        let isLying = isLying
        disk.setRule { operation, path in
            let isTime = left.withLock { left in
                left -= 1
                return left == 0
            }
            let flush = flushing.withLock { $0 }
            if isTime {
                var ledger = ledger.withLock { $0 }
                if let flush { ledger.acknowledged[flush.index] = Self.acknowledged(flush.partition) }
                var generator = chance.withLock { $0 }
                let found = Cut(disk: disk.afterPowerCut(using: &generator), ledger: ledger)
                cut.withLock { $0 = found }
            }
            guard operation == .synchronize, path.hasPrefix("/data/t-") else { return nil }
            if let flush, !path.hasSuffix(".tmp"), chance.withLock({ $0.next() % 4 }) == 0 {
                flushing.withLock { $0 = nil }
                try? Self.append(to: flush.partition, flush.index, ledger)
                flushing.withLock { $0 = flush }
            }
            return nil
        }
        disk.setForgetful(isLying)
        // The rule holds the disk.
        defer { disk.setRule(nil) }
        while true {
            if let cut = cut.withLock({ $0 }) { return cut }
            let index = Int.random(in: 0..<2, using: &generator)
            let partition = life.partitions[index]
            switch Int.random(in: 0..<16, using: &generator) {
            case 0..<9: try Self.append(to: partition, index, ledger)
            case 9..<12:
                flushing.withLock { $0 = (index, partition) }
                partition.synchronize()
                flushing.withLock { $0 = nil }
            case 12: if let offset = partition.takeRolledOffset() { try partition.log.flush(upTo: offset) }
            case 13:
                try life.directory.writeRecoveryPoints()
                let marks = life.partitions.map { ($0.topicPartition, $0.highWatermark) }
                try life.directory.writeHighWatermarks(Dictionary(uniqueKeysWithValues: marks))
            case 14:
                let errors = life.directory.upkeep(nowMs: Self.timeMs)
                losses += errors.map { "upkeep: \($0)" }
            default:
                losses += life.directory.close().map { "close: \($0)" }
                life = try open(disk)
            }
            for index in Self.names.indices {
                ledger.withLock { ledger in
                    ledger.acknowledged[index] = max(
                        ledger.acknowledged[index],
                        Self.acknowledged(life.partitions[index])
                    )
                }
            }
        }
    }

    private static func acknowledged(_ partition: Partition) -> Int {
        Int(partition.highWatermark) / recordsInBatch
    }

    private static func append(to partition: Partition, _ index: Int, _ ledger: borrowing Mutex<Ledger>) throws {
        // From its first byte on a batch may be there.
        let number = ledger.withLock { ledger in
            ledger.written[index] += 1
            return ledger.written[index] - 1
        }
        _ = try partition.append(try batch(number, of: index), origin: .client, needsAll: true, nowMs: timeMs)
    }

    private static func batch(_ number: Int, of index: Int) throws -> ByteBuffer {
        prepared[index].indices.contains(number) ? prepared[index][number] : try makeBatch(number, of: index)
    }

    private static func makeBatch(_ number: Int, of index: Int) throws -> ByteBuffer {
        let value = String(repeating: "\(number % 10)", count: 40 + number % 7)
        return try KafkaBrokerTests.batch(
            Array(repeating: value, count: recordsInBatch),
            timestampMs: timeMs + Int64(number),
            producerID: Int64(index),
            epoch: 0,
            sequence: Int32(number * recordsInBatch)
        )
    }

    // MARK: What is there

    /// How many batches are there: at least the acknowledged ones, and those that follow them, whole and in order.
    private mutating func check(_ partition: Partition, _ ledger: Ledger, _ index: Int) throws -> Int {
        let batches = try Self.batches(of: partition.log)
        let place = "\(partition.topicPartition) in epoch \(epoch)"
        if batches.count < ledger.acknowledged[index] {
            let (acknowledged, written) = (ledger.acknowledged[index], ledger.written[index])
            losses.append(
                "\(place): \(batches.count) batches of \(acknowledged) acknowledged, \(written) written; "
                    + "\(partition.log.recoveryReport)"
            )
        }
        if batches.count > ledger.written[index] { losses.append("\(place): \(batches.count) batches") }
        if partition.log.logEndOffset != Int64(batches.count * Self.recordsInBatch) {
            losses.append("\(place): ends at \(partition.log.logEndOffset) after \(batches.count) batches")
        }
        if partition.highWatermark > partition.log.logEndOffset { losses.append("\(place): high watermark beyond end") }
        for (number, batch) in batches.enumerated() {
            let offset = Int64(number * Self.recordsInBatch)
            let isRight =
                batch.isChecksumValid && batch.header.baseOffset == offset && Int64(batch.header.baseSequence) == offset
            if !isRight { losses.append("\(place): batch \(number) is \(batch.header)") }
        }
        // What a producer sends again since it got no answer is recognised.
        if let last = batches.indices.last {
            let batch = try Self.batch(last, of: index)
            let again = try partition.append(batch, origin: .client, needsAll: true, nowMs: Self.timeMs)
            if again.baseOffset != Int64(last * Self.recordsInBatch) {
                losses.append("\(place): batch \(last) was appended twice")
            }
        }
        return batches.count
    }

    private static func batches(of log: PartitionLog) throws -> [RecordBatchView] {
        var batches: [RecordBatchView] = []
        var offset = log.logStartOffset
        while let slice = try log.read(from: offset, maxBytes: 1 << 20, before: .max, atLeastOneBatch: true) {
            var sequence = RecordBatchSequence(try slice.data.contents())
            while let batch = try sequence.next() {
                batches.append(batch)
                offset = batch.header.nextOffset
            }
        }
        return batches
    }
}
