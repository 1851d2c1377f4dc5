import KafkaStorage
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization
import Testing

/// The disk fails or fills up: errors are reported, nothing acknowledged is lost, and the log goes on when it can.
@Suite struct FaultTests {
    private func config() -> LogConfig {
        var config = LogConfig()
        config.segmentBytes = 2000
        config.indexIntervalBytes = 0
        return config
    }

    /// Appends until `count` batches are acknowledged or an error comes.
    private func fill(_ log: PartitionLog, _ count: Int, from first: Int) -> (acknowledged: Int, error: AppendError?) {
        for index in 0..<count {
            do {
                _ = try log.appendClient(
                    try makeBatch(
                        count: 2,
                        valueSize: 50,
                        timestampMs: baseTime + Int64(first + index),
                        producerId: 1,
                        epoch: 0,
                        sequence: Int32((first + index) * 2)
                    )
                )
            } catch let error as AppendError {
                return (index, error)
            } catch {
                Issue.record(error)
                return (index, nil)
            }
        }
        return (count, nil)
    }

    @Test func diskFullAtEveryByte() throws {
        // From a disk that holds nothing up to one that has room for several segments and their indexes.
        for capacity in stride(from: Int64(0), through: 9000, by: 37) {
            let fileSystem = FaultyFileSystem()
            let log = try openLog(fileSystem, config: config())
            fileSystem.setCapacity(fileSystem.usedBytes + capacity)
            let (acknowledged, error) = fill(log, 40, from: 0)
            if case .storage(let cause)? = error {
                #expect(cause.isOutOfSpace, "\(cause)")
            } else {
                #expect(acknowledged == 40)
            }
            let expected = Array(0..<Int64(acknowledged * 2))
            #expect(try log.allOffsets() == expected)
            // A crash while the disk is full.
            #expect(try openLog(fileSystem.afterKill(), config: config()).allOffsets() == expected)
            // Space comes back.
            fileSystem.setCapacity(nil)
            let more = fill(log, 10, from: acknowledged)
            #expect(more.acknowledged == 10 && more.error == nil)
            let all = Array(0..<Int64((acknowledged + 10) * 2))
            #expect(try log.allOffsets() == all)
            try log.close(clean: true)
            let reopened = try openLog(fileSystem.afterKill(), config: config(), clean: true)
            #expect(try reopened.allOffsets() == all)
            #expect(reopened.recoveryReport.isEmpty)
        }
    }

    @Test func everyOperationFailingOnce() throws {
        // Counts the operations of a run, then fails each of them in turn.
        for operation in [FaultyFileSystem.Operation.write, .open, .truncate, .rename] {
            var index = 0
            while true {
                let fileSystem = FaultyFileSystem()
                let log = try openLog(fileSystem, config: config())
                let asked = Mutex(0)
                let fault = index
                fileSystem.setRule { kind, _ in
                    guard kind == operation else { return nil }
                    return asked.withLock { count in
                        defer { count += 1 }
                        return count == fault ? SystemErrorCode.inputOutput : nil
                    }
                }
                let first = fill(log, 30, from: 0)
                fileSystem.setRule(nil)
                let second = fill(log, 30, from: first.acknowledged)
                #expect(second.error == nil, "\(operation) \(index): \(String(describing: second.error))")
                let expected = Array(0..<Int64((first.acknowledged + second.acknowledged) * 2))
                #expect(try log.allOffsets() == expected)
                #expect(try openLog(fileSystem.afterKill(), config: config()).allOffsets() == expected)
                if asked.withLock({ $0 }) <= fault { break }
                index += 1
            }
            #expect(index > 0 || operation == .truncate)
        }
    }

    @Test func failedFsyncTakesTheLogOffline() throws {
        let fileSystem = FaultyFileSystem()
        let log = try openLog(fileSystem, config: config())
        _ = fill(log, 3, from: 0)
        fileSystem.setRule { operation, _ in operation == .synchronize ? SystemErrorCode.inputOutput : nil }
        #expect(throws: StorageError.self) { try log.flush() }
        fileSystem.setRule(nil)
        // A second fsync would succeed although the first one lost data: it must not be believed.
        #expect(throws: StorageError.self) { try log.flush() }
        #expect(fill(log, 1, from: 3).error != nil)
        #expect(log.recoveryPoint == 0)
        #expect(try log.allOffsets() == Array(0..<6))
    }
}
