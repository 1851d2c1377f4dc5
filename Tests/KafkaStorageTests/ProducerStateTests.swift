import KafkaStorage
import Testing

@Suite struct ProducerStateTests {
    private func data(
        _ first: Int32,
        _ last: Int32,
        epoch: Int16 = 0,
        offset: Int64 = 0,
        transactional: Bool = false
    ) -> ProducerBatch {
        let delta = ProducerSequence.subtracting(first, from: last)
        return ProducerBatch(
            producerID: 7,
            epoch: epoch,
            firstSequence: first,
            lastSequence: last,
            firstOffset: offset,
            lastOffset: offset + Int64(delta),
            timestamp: 1000,
            content: .data(isTransactional: transactional)
        )
    }

    private func marker(commit: Bool, epoch: Int16 = 0, coordinator: Int32 = 0, offset: Int64) -> ProducerBatch {
        ProducerBatch(
            producerID: 7,
            epoch: epoch,
            firstSequence: -1,
            lastSequence: -1,
            firstOffset: offset,
            lastOffset: offset,
            timestamp: 1000,
            content: .endMarker(isCommit: commit, coordinatorEpoch: coordinator)
        )
    }

    @Test func sequencesMustFollow() {
        var table = ProducerStateTable()
        #expect(table.check(data(5, 5), origin: .client) == .append, "unknown producers may begin anywhere")
        _ = table.update(data(0, 9, offset: 0))
        #expect(table.check(data(10, 10), origin: .client) == .append)
        #expect(table.check(data(11, 11), origin: .client) == .outOfOrder(expected: 10))
        #expect(table.check(data(3, 4), origin: .client) == .outOfOrder(expected: 10))
        #expect(table.check(data(11, 11), origin: .coordinator) == .append)
        #expect(table.check(data(11, 11), origin: .replication) == .append)
    }

    @Test func sequencesWrap() {
        var table = ProducerStateTable()
        let batch = data(.max - 1, 0, offset: 10)
        _ = table.update(batch)
        #expect(table.check(batch, origin: .client) == .duplicate(table.producers[7]!.batches[0]))
        #expect(table.producers[7]?.batches.first?.firstOffset == 10)
        #expect(table.check(data(1, 1), origin: .client) == .append)
        var other = ProducerStateTable()
        _ = other.update(data(.max, .max))
        #expect(other.check(data(0, 0), origin: .client) == .append)
    }

    @Test func fiveBatchesAreRemembered() {
        var table = ProducerStateTable()
        for index in 0..<6 { _ = table.update(data(Int32(index), Int32(index), offset: Int64(100 + index))) }
        #expect(table.check(data(0, 0), origin: .client) == .outOfOrder(expected: 6))
        for index in 1..<6 {
            guard case .duplicate(let known) = table.check(data(Int32(index), Int32(index)), origin: .client) else {
                Issue.record("batch \(index) is not recognised")
                continue
            }
            #expect(known.firstOffset == Int64(100 + index))
        }
    }

    @Test func epochsFence() {
        var table = ProducerStateTable()
        _ = table.update(data(0, 4, epoch: 3))
        #expect(table.check(data(5, 5, epoch: 2), origin: .client) == .invalidEpoch(current: 3))
        #expect(table.check(data(5, 5, epoch: 2), origin: .coordinator) == .invalidEpoch(current: 3))
        #expect(table.check(data(5, 5, epoch: 4), origin: .client) == .outOfOrder(expected: 0))
        #expect(table.check(data(0, 0, epoch: 4), origin: .client) == .append)
        _ = table.update(data(0, 0, epoch: 4, offset: 50))
        #expect(table.producers[7]?.batches.count == 1)
        #expect(
            table.check(marker(commit: true, epoch: 3, offset: 60), origin: .coordinator)
                == .invalidEpoch(current: 4)
        )
    }

    @Test func transactions() {
        var table = ProducerStateTable()
        _ = table.update(data(0, 4, offset: 10, transactional: true))
        #expect(table.unstable(15) == 10)
        #expect(table.check(data(5, 5), origin: .client) == .transactionOpen)
        #expect(table.check(data(5, 5, transactional: true), origin: .client) == .append)
        let ended = table.update(marker(commit: false, coordinator: 3, offset: 15))
        #expect(ended?.firstOffset == 10)
        #expect(ended?.lastOffset == 15)
        #expect(ended?.isAborted == true)
        #expect(ended?.lastStableOffset == 16)
        #expect(table.unstable(15) == 10, "the marker is not replicated yet")
        #expect(table.unstable(16) == nil)
        #expect(
            table.check(marker(commit: true, coordinator: 2, offset: 16), origin: .coordinator)
                == .coordinatorFenced(current: 3)
        )
        let none = table.update(marker(commit: true, coordinator: 3, offset: 16))
        #expect(none == nil, "no transaction was open")
    }

    @Test func lastStableOffsetOfAMarkerIsTheNextOpenTransaction() {
        var table = ProducerStateTable()
        _ = table.update(data(0, 0, offset: 5, transactional: true))
        let other = ProducerBatch(
            producerID: 8,
            epoch: 0,
            firstSequence: 0,
            lastSequence: 0,
            firstOffset: 6,
            lastOffset: 6,
            timestamp: 0,
            content: .data(isTransactional: true)
        )
        _ = table.update(other)
        let ended = table.update(marker(commit: false, offset: 7))
        #expect(ended?.lastStableOffset == 6)
        #expect(table.unstable(8) == 6)
    }

    @Test func expiryKeepsOpenTransactions() {
        var table = ProducerStateTable()
        _ = table.update(data(0, 0, offset: 0, transactional: true))
        table.removeExpired(nowMs: 1_000_000, expirationMs: 10)
        #expect(table.producers.count == 1)
        _ = table.update(marker(commit: true, offset: 1))
        table.removeExpired(nowMs: 1009, expirationMs: 10)
        #expect(table.producers.count == 1)
        table.removeExpired(nowMs: 1010, expirationMs: 10)
        #expect(table.isEmpty)
    }

    /// Producers set the timestamps of their batches, and a snapshot may hold anything.
    @Test(arguments: [Int64.min, 1000 - Int64.max, -1] as [Int64])
    func theEarliestTimesExpire(timestamp: Int64) {
        var table = lastSeen(timestamp)
        table.removeExpired(nowMs: 1_700_000_000_000, expirationMs: .max)
        #expect(table.isEmpty == (timestamp < -1))
        table.removeExpired(nowMs: 1_700_000_000_000, expirationMs: 10)
        #expect(table.isEmpty)
    }

    private func lastSeen(_ timestamp: Int64) -> ProducerStateTable {
        var table = ProducerStateTable()
        let batch = ProducerBatch(
            producerID: 1,
            epoch: 0,
            firstSequence: 0,
            lastSequence: 0,
            firstOffset: 0,
            lastOffset: 0,
            timestamp: timestamp,
            content: .data(isTransactional: false)
        )
        _ = table.update(batch)
        return table
    }

    @Test func theLatestTimeStays() {
        var table = lastSeen(.max)
        table.removeExpired(nowMs: 1_700_000_000_000, expirationMs: 10)
        #expect(table.producers.count == 1)
    }

    @Test func snapshotKeepsLastBatchAndOpenTransaction() throws {
        var table = ProducerStateTable()
        for index in 0..<3 {
            _ = table.update(data(Int32(index), Int32(index), offset: Int64(index), transactional: true))
        }
        let loaded = try ProducerSnapshot.decode(ProducerSnapshot.encode(table), path: "s")
        #expect(loaded.producers[7]?.batches == [table.producers[7]!.batches[2]])
        #expect(loaded.unstable(100) == 0)
    }

    @Test func damagedSnapshotsAreRefused() {
        var table = ProducerStateTable()
        _ = table.update(data(0, 0))
        let bytes = ProducerSnapshot.encode(table)
        for count in 0..<bytes.count {
            #expect(throws: StorageError.self) { try ProducerSnapshot.decode(Array(bytes.prefix(count)), path: "s") }
        }
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 0x40
            #expect(throws: StorageError.self) { try ProducerSnapshot.decode(damaged, path: "s") }
        }
    }
}

extension ProducerStateTable {
    fileprivate func unstable(_ highWatermark: Int64) -> Int64? {
        var copy = self
        return copy.firstUnstableOffset(highWatermark: highWatermark)
    }
}
