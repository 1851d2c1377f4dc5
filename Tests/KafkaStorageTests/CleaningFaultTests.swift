import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization
import Testing

/// A cleaning meets a crash, a power cut or a full disk at each of its operations on files: each group of segments is
/// the old one or the new one.
@Suite struct CleaningFaultTests {
    private static func config() -> LogConfig {
        var config = compactedConfig(segmentBytes: 400)
        config.indexIntervalBytes = 60
        return config
    }

    /// A log of several segments with old values, tombstones and a transaction that was aborted.
    private static func dirtyLog() throws -> (fileSystem: FaultyFileSystem, log: PartitionLog) {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: config())
        for round in 0..<4 {
            for key in 0..<5 {
                let value = key == round ? nil : "round \(round) of \(key)"
                try log.appendClient(try keyedBatch([.init("k\(key)", value)], timestampMs: baseTime + Int64(round)))
            }
            let open = try keyedBatch(
                [.init("k1", "never"), .init("k9", "never")],
                producerId: 3,
                epoch: 0,
                sequence: Int32(round * 2),
                isTransactional: true
            )
            try log.appendClient(open)
            let marker = try makeMarker(isCommit: false, producerId: 3, epoch: 0)
            _ = try log.append(marker, leaderEpoch: 0, origin: .coordinator, nowMs: baseTime)
        }
        try log.flush()
        return (fileSystem, log)
    }

    /// The states in which a log may be: the batches of its segments before and after the exchange of each group.
    private static func states() throws -> [[ByteBuffer]] {
        let (fileSystem, log) = try dirtyLog()
        var states = [try log.allBatches().map(\.buffer)]
        let seen = Mutex(states)
        // A log file gets its place under its usual name; what is there then is looked at after a crash.
        fileSystem.setRule { operation, _ in
            guard operation == .synchronizeDirectory else { return nil }
            let copy = fileSystem.afterKill()
            if let found = try? openLog(copy, config: config()).allBatches().map(\.buffer) {
                seen.withLock { $0.append(found) }
            }
            return nil
        }
        try log.cleanAll()
        fileSystem.setRule(nil)
        states = seen.withLock { $0 } + [try log.allBatches().map(\.buffer)]
        return states.reduce(into: []) { unique, state in
            if unique.last != state { unique.append(state) }
        }
    }

    private static func operations() throws -> Int {
        let (fileSystem, log) = try dirtyLog()
        let count = Mutex(0)
        fileSystem.setRule { _, _ in
            count.withLock { $0 += 1 }
            return nil
        }
        try log.cleanAll()
        return count.withLock { $0 }
    }

    private static func check(_ fileSystem: FaultyFileSystem, _ states: [[ByteBuffer]], _ place: String) throws -> Int {
        let log = try openLog(fileSystem, config: config(), recoveryPoint: 0)
        let found = try log.allBatches().map(\.buffer)
        let index = states.firstIndex(of: found)
        #expect(index != nil, "\(place): \(found.count) batches, \(log.recoveryReport)")
        #expect(log.recoveryReport.cuts.isEmpty, "\(place): \(log.recoveryReport)")
        let leftovers = fileSystem.paths.filter { $0.hasSuffix(".cleaned") || $0.hasSuffix(".swap") }
        #expect(leftovers.isEmpty, "\(place): \(leftovers)")
        try finish(log, place)
        return index ?? 0
    }

    /// The log can be cleaned to its end. Markers and empty batches, which a second cleaning may leave out, apart.
    private static func finish(_ log: PartitionLog, _ place: String) throws {
        try log.cleanAll()
        let (_, whole) = try dirtyLog()
        try whole.cleanAll()
        #expect(try log.allRecords() == whole.allRecords(), "\(place)")
    }

    @Test func crashesAndPowerCutsAtEveryOperation() throws {
        let states = try Self.states()
        #expect(states.count > 2)
        var met: Set<Int> = []
        for last in 0...(try Self.operations()) {
            let (fileSystem, log) = try Self.dirtyLog()
            let left = Mutex(last)
            let cuts = Mutex<[FaultyFileSystem]>([])
            fileSystem.setRule { _, _ in
                let count = left.withLock { left in
                    left -= 1
                    return left
                }
                if count == -1 {
                    // What the machine would find if the power went now.
                    for seed in 0..<4 as Range<UInt64> {
                        var generator = SeededGenerator(seed: UInt64(last) << 8 | seed)
                        let cut = fileSystem.afterPowerCut(using: &generator)
                        cuts.withLock { $0.append(cut) }
                    }
                }
                return count < 0 ? SystemErrorCode.inputOutput : nil
            }
            _ = try? log.cleanAll()
            fileSystem.setRule(nil)
            met.insert(try Self.check(fileSystem.afterKill(), states, "killed at \(last)"))
            for cut in cuts.withLock({ $0 }) { _ = try Self.check(cut, states, "power cut at \(last)") }
        }
        #expect(met == Set(states.indices))
    }

    /// Each operation fails once, as one that meets a bad block or a full disk: the log itself goes on or says that it
    /// does not, and a restart mends it.
    @Test func everyOperationFailingOnce() throws {
        let states = try Self.states()
        for last in 0..<(try Self.operations()) {
            let (fileSystem, log) = try Self.dirtyLog()
            let left = Mutex(last)
            fileSystem.setRule { _, _ in
                left.withLock { left in
                    left -= 1
                    return left == -1 ? SystemErrorCode.outOfSpace : nil
                }
            }
            _ = try? log.cleanAll()
            fileSystem.setRule(nil)
            let place = "operation \(last)"
            if log.failure == nil {
                #expect(states.contains(try log.allBatches().map(\.buffer)), "\(place)")
            }
            _ = try Self.check(fileSystem.afterKill(), states, place)
            if log.failure == nil { try Self.finish(log, place) }
        }
    }

    @Test func aDiskThatIsFullWhileCleaning() throws {
        let states = try Self.states()
        var refusals = 0
        for room in stride(from: 0, through: 2000, by: 17) as StrideThrough<Int64> {
            let (fileSystem, log) = try Self.dirtyLog()
            let used = fileSystem.usedBytes
            fileSystem.setCapacity(used + room)
            var isFull = false
            do {
                try log.cleanAll()
            } catch CleaningError.storage(let error) {
                #expect(error.isOutOfSpace, "\(error)")
                isFull = true
                refusals += 1
            }
            let place = "room for \(room) bytes"
            #expect(states.contains(try log.allBatches().map(\.buffer)), "\(place)")
            #expect(log.failure == nil, "\(place)")
            _ = try Self.check(fileSystem.afterKill(), states, place)
            // What was begun does not fill the disk even more.
            let cleaned = fileSystem.paths.filter { $0.hasSuffix(".cleaned") }
            #expect(cleaned.isEmpty, "\(place): \(cleaned)")
            fileSystem.setCapacity(nil)
            if isFull { try Self.finish(log, place) }
            try log.appendClient(try keyedBatch([.init("k0", "goes on")]))
        }
        #expect(refusals > 10)
    }
}
