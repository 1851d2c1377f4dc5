import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// Every byte of every file of a small log is damaged, and every file is cut to every length.
@Suite struct CorruptionTests {
    /// What a whole log has to say.
    private struct Truth {
        let fileSystem: FaultyFileSystem
        let batches: [ByteBuffer]
        let aborted: [AbortedTransaction]
        let epochs: [Int32?]
        let sequences: [Int64: Int32]
    }

    /// How a file was damaged.
    private enum Damage: CustomStringConvertible {
        case byte(Int, flipped: UInt8)
        case length(Int)

        func applied(to content: [UInt8]) -> [UInt8] {
            switch self {
            case .byte(let position, let mask):
                var bytes = content
                bytes[position] ^= mask
                return bytes
            case .length(let count): return Array(content.prefix(count))
            }
        }

        var description: String {
            switch self {
            case .byte(let position, let mask): "byte \(position) flipped by \(mask)"
            case .length(let count): "cut to \(count) bytes"
            }
        }
    }

    private static func config() -> LogConfig {
        var config = LogConfig()
        config.indexIntervalBytes = 100
        config.segmentBytes = 800
        return config
    }

    /// A cleanly closed log of three segments: plain batches, an idempotent producer, a transaction that was committed
    /// and two that were aborted, three leader epochs.
    private static func truth() throws -> Truth {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: config())
        func write(_ id: Int64, _ sequence: Int32, epoch: Int32, isTransactional: Bool = false) throws {
            let batch = try makeBatch(
                count: 2,
                timestampMs: baseTime + log.logEndOffset,
                stepMs: 1,
                producerId: id,
                epoch: id < 0 ? -1 : 0,
                sequence: sequence,
                isTransactional: isTransactional
            )
            try log.appendClient(batch, leaderEpoch: epoch)
        }
        func end(_ id: Int64, isCommit: Bool, epoch: Int32) throws {
            let marker = try makeMarker(isCommit: isCommit, producerId: id, epoch: 0)
            _ = try log.append(marker, leaderEpoch: epoch, origin: .coordinator, nowMs: baseTime)
        }
        for round in 0..<3 as Range<Int32> {
            try write(-1, -1, epoch: round)
            try write(5, round * 2, epoch: round)
            try write(7, round * 2, epoch: round, isTransactional: true)
            try write(5 + 3, round * 2, epoch: round, isTransactional: true)
            try end(7, isCommit: false, epoch: round)
            try end(8, isCommit: round != 1, epoch: round)
        }
        try write(-1, -1, epoch: 2)
        let truth = try truth(of: log, fileSystem)
        try log.close(clean: true)
        return truth
    }

    private static func truth(of log: PartitionLog, _ fileSystem: FaultyFileSystem) throws -> Truth {
        Truth(
            fileSystem: fileSystem,
            batches: try log.allBatches().map(\.buffer),
            aborted: try log.abortedTransactions(from: 0, upTo: .max),
            epochs: (0..<log.logEndOffset).map { log.leaderEpoch(at: $0) },
            sequences: log.producers.compactMapValues(\.lastSequence)
        )
    }

    private static func damages(_ content: [UInt8]) -> [Damage] {
        content.indices.flatMap { position -> [Damage] in
            [
                .byte(position, flipped: 1 << UInt8(position % 8)), .byte(position, flipped: 0x80),
                .byte(position, flipped: 0xFF), .length(position),
            ]
        }
    }

    /// Offset and leader epoch lie outside of the checksum.
    private static func withoutEpoch(_ batch: ByteBuffer) -> ByteBuffer {
        var batch = batch
        batch.setInteger(Int32(0), at: batch.readerIndex + 12)
        return batch
    }

    @Test func logFiles() throws {
        let truth = try Self.truth()
        let paths = truth.fileSystem.paths.filter { $0.hasSuffix(".log") }
        #expect(paths.count == 3)
        let batches = truth.batches.map(Self.withoutEpoch)
        for path in paths {
            let content = try #require(truth.fileSystem.content(of: path))
            let before = try #require(
                truth.batches.firstIndex { Array($0.readableBytesView) == Array(content.prefix($0.readableBytes)) }
            )
            for damage in Self.damages(content) {
                let damaged = truth.fileSystem.afterKill()
                damaged.setContent(of: path, damage.applied(to: content))
                let log = try openLog(damaged, config: Self.config())
                let found = try log.allBatches().map(\.buffer)
                let isPrefix = found.map(Self.withoutEpoch) == Array(batches.prefix(found.count))
                #expect(isPrefix, "\(path), \(damage): \(log.recoveryReport)")
                let whole = Self.count(of: damage, truth.batches, from: before)
                #expect(found.count == whole, "\(path), \(damage): \(log.recoveryReport)")
                // Of what ends with a whole batch nobody can tell that it was longer.
                let isTold = !log.recoveryReport.cuts.isEmpty || !log.recoveryReport.notes.isEmpty
                #expect(isTold || found.count == batches.count || path == paths.last, "\(path), \(damage)")
                // The log goes on where it ends now.
                let next = try log.appendClient(try makeBatch(), leaderEpoch: 9)
                let end = found.reduce(Int64(0)) { $0 + Int64(Self.recordCount($1)) }
                #expect(next.baseOffset == end, "\(path), \(damage)")
            }
        }
    }

    /// How many batches survive some damage of the file that begins with batch `first`.
    private static func count(of damage: Damage, _ batches: [ByteBuffer], from first: Int) -> Int {
        var start = 0
        var count = first
        for batch in batches[first...] {
            let end = start + batch.readableBytes
            switch damage {
            case .byte(let position, _):
                // A leader epoch may be any.
                let isEpoch = (12..<16).contains(position - start)
                if isEpoch { return batches.count }
                if position < end { return count }
            case .length(let length): if length < end { return count }
            }
            start = end
            count += 1
        }
        return count
    }

    private static func recordCount(_ batch: ByteBuffer) -> Int {
        Int((try? RecordBatchView(batch))?.header.recordCount ?? 0)
    }

    /// After a crash nothing is lost with any other file: it is built anew, and is what it was.
    @Test func otherFilesAfterACrash() throws {
        let truth = try Self.truth()
        let suffixes = [".index", ".timeindex", ".txnindex", ".snapshot", "leader-epoch-checkpoint"]
        let paths = truth.fileSystem.paths.filter { path in suffixes.contains { path.hasSuffix($0) } }
        #expect(paths.count == 3 * 2 + 3 + 3 + 1, "\(paths)")
        for path in paths {
            let content = try #require(truth.fileSystem.content(of: path))
            for damage in Self.damages(content) {
                let damaged = truth.fileSystem.afterKill()
                damaged.setContent(of: path, damage.applied(to: content))
                let log = try openLog(damaged, config: Self.config())
                #expect(log.recoveryReport.cuts.isEmpty, "\(path), \(damage)")
                try Self.compare(log, truth, damaged, "\(path), \(damage)")
                try log.close(clean: true)
                if path.hasSuffix("index") {
                    #expect(damaged.content(of: path) == content, "\(path), \(damage)")
                }
            }
        }
    }

    /// After a clean stop files are believed where nothing contradicts them; records are found all the same.
    @Test func otherFilesAfterACleanStop() throws {
        let truth = try Self.truth()
        for path in truth.fileSystem.paths where !path.hasSuffix(".log") {
            let content = try #require(truth.fileSystem.content(of: path))
            for damage in Self.damages(content) {
                let damaged = truth.fileSystem.afterKill()
                damaged.setContent(of: path, damage.applied(to: content))
                let log = try openLog(damaged, config: Self.config(), clean: true)
                #expect(try log.allBatches().map(\.buffer) == truth.batches, "\(path), \(damage)")
                for offset in 0..<log.logEndOffset {
                    let slice = try log.read(from: offset, maxBytes: 150, before: .max, atLeastOneBatch: true)
                    let found = try #require(slice, "\(path), \(damage), offset \(offset)")
                    #expect(found.baseOffset <= offset && found.upperBoundOffset > offset, "\(path), \(damage)")
                }
                #expect(log.producers.compactMapValues(\.lastSequence) == truth.sequences, "\(path), \(damage)")
            }
        }
    }

    private static func compare(
        _ log: PartitionLog,
        _ truth: Truth,
        _ fileSystem: FaultyFileSystem,
        _ place: String
    ) throws {
        let found = try Self.truth(of: log, fileSystem)
        #expect(found.batches == truth.batches, "\(place)")
        #expect(found.aborted == truth.aborted, "\(place)")
        #expect(found.epochs == truth.epochs, "\(place)")
        #expect(found.sequences == truth.sequences, "\(place)")
        for offset in [0, 7, 12, 20] as [Int64] {
            #expect(try log.offset(forTimestamp: baseTime + offset, before: .max)?.timestamp ?? 0 >= baseTime + offset)
        }
    }
}
