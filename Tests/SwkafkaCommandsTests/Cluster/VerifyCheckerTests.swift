import NIOCore
import Testing

@testable import SwkafkaCommands

/// A check that cannot fail is no check: each kind of violation is found in a history that is right but for it.
@Suite struct VerifyCheckerTests {
    private typealias History = VerifyHistory

    /// Producer 1 wrote 0 to 4 to one partition; producer 2 wrote 0 to 3 in transactions 7 (committed), 8 (aborted).
    private static func right() -> VerifyHistory {
        var history = VerifyHistory()
        let plain = (0..<5).map { VerifyRecord(producer: 1, number: $0) }
        let kept = (0..<2).map { VerifyRecord(producer: 2, number: $0, transaction: 7) }
        let dropped = (2..<4).map { VerifyRecord(producer: 2, number: $0, transaction: 8) }
        // Offsets 3 and 7 are markers.
        let records: [(Int64, VerifyRecord)] = [
            (0, plain[0]), (1, kept[0]), (2, kept[1]), (4, plain[1]), (5, dropped[0]), (6, dropped[1]), (8, plain[2]),
            (9, plain[3]), (10, plain[4]),
        ]
        history.transactions = [7: .committed, 8: .aborted]
        history.writes = [1: [], 2: []]
        for record in plain + kept + dropped {
            let offset = records.first { $0.1 == record }?.0 ?? -1
            history.writes[record.producer]?.append(
                .init(transaction: record.transaction, fate: .acknowledged(partition: 0, offset: offset))
            )
        }
        let all = records.map { History.Sighting(offset: $0.0, record: $0.1) }
        let committed = all.filter { $0.record?.transaction != 8 }
        history.all = [0: all]
        history.committed = [0: committed]
        history.highWatermarks = [0: 11]
        history.readers = [
            .init(name: "all", readsCommitted: false, sightings: [0: all]),
            .init(name: "committed", readsCommitted: true, sightings: [0: committed]),
        ]
        let batches = [
            History.StoredBatch(baseOffset: 0, nextOffset: 4, bytes: 100, checksum: 1),
            History.StoredBatch(baseOffset: 4, nextOffset: 11, bytes: 200, checksum: 2),
        ]
        history.replicas = [0: [1001: batches, 1002: batches]]
        return history
    }

    private static func kinds(_ change: (inout VerifyHistory) -> Void) -> Set<VerifyViolation.Kind> {
        var history = right()
        change(&history)
        return Set(VerifyChecker.check(history, topic: "t").map(\.kind))
    }

    private static func expect(_ kinds: Set<VerifyViolation.Kind>, _ change: (inout VerifyHistory) -> Void) {
        let found = Self.kinds(change)
        #expect(found == kinds)
    }

    private static func expect(including kinds: Set<VerifyViolation.Kind>, _ change: (inout VerifyHistory) -> Void) {
        let found = Self.kinds(change)
        #expect(found.isSuperset(of: kinds))
    }

    @Test func aRightHistoryIsRight() {
        #expect(VerifyChecker.check(Self.right(), topic: "t") == [])
        // What is uncertain may be there or not.
        Self.expect([]) { history in
            history.writes[1]?[4].fate = .uncertain
            history.writes[1]?.append(.init())
        }
    }

    @Test func findsWhatIsLost() {
        Self.expect([.lost, .hidden]) { history in
            history.all[0]?.removeLast()
            history.committed[0]?.removeLast()
            for index in history.readers.indices { history.readers[index].sightings[0]?.removeLast() }
        }
        var history = Self.right()
        history.all[0]?.removeLast()
        let first = VerifyChecker.check(history, topic: "t").first
        #expect(
            first?.description
                == "lost: record 4 of producer 1 was acknowledged at offset 10 of t-0, where nothing is."
        )
    }

    @Test func findsOtherRecordsInTheirPlaces() {
        Self.expect(including: [.lost, .twice]) { $0.all[0]?[0].record = VerifyRecord(producer: 1, number: 4) }
        Self.expect(including: [.reordered]) { history in
            history.all[0]?[3].record = VerifyRecord(producer: 1, number: 2)
            history.all[0]?[6].record = VerifyRecord(producer: 1, number: 1)
        }
        Self.expect(including: [.damaged]) { $0.all[0]?[0].record = VerifyRecord(producer: 9, number: 0) }
        Self.expect(including: [.damaged]) { $0.all[0]?[0].record = VerifyRecord(producer: 1, number: 99) }
        Self.expect(including: [.damaged]) { $0.all[0]?[0].record = nil }
    }

    @Test func findsWhatReadersMustNotSee() {
        // Offset 11 was read and is not there in the end.
        let later = History.Sighting(offset: 11, record: VerifyRecord(producer: 1, number: 4))
        Self.expect([.vanished]) { $0.readers[0].sightings[0]?.append(later) }
        Self.expect([.vanished]) { $0.readers[0].sightings[0]?[0].record = VerifyRecord(producer: 1, number: 3) }
        Self.expect([.skipped]) { $0.readers[0].sightings[0]?.remove(at: 4) }
        Self.expect([.skipped]) { $0.readers[1].sightings[0]?.remove(at: 2) }
        let again = History.Sighting(offset: 2, record: VerifyRecord(producer: 2, number: 1, transaction: 7))
        Self.expect([.repeated]) { $0.readers[0].sightings[0]?.insert(again, at: 5) }
        let aborted = History.Sighting(offset: 5, record: VerifyRecord(producer: 2, number: 2, transaction: 8))
        Self.expect([.abortedSeen]) { $0.readers[1].sightings[0]?.insert(aborted, at: 4) }
        Self.expect([.readerFailed]) { $0.readers[1].complaints.append("out of range") }
        Self.expect([.stuck]) { $0.readers[0].stuckAt[0] = 4 }
        Self.expect([.stuck]) { $0.stableOffsets[0] = 4 }
    }

    @Test func findsTransactionsThatAreNoWhole() {
        Self.expect([.hidden]) { $0.committed[0]?.removeAll { $0.offset == 2 } }
        Self.expect([.torn]) { history in
            history.transactions[7] = .uncertain
            history.committed[0]?.removeAll { $0.offset == 2 }
            history.readers[1].sightings[0]?.removeAll { $0.offset == 2 }
        }
        let aborted = History.Sighting(offset: 5, record: VerifyRecord(producer: 2, number: 2, transaction: 8))
        Self.expect(including: [.abortedSeen]) { $0.committed[0]?.insert(aborted, at: 4) }
    }

    @Test func findsReplicasThatDiffer() {
        Self.expect([.replicasDiffer]) { $0.replicas[0]?[1002]?[1].checksum = 3 }
        Self.expect([.replicasDiffer]) { $0.replicas[0]?[1002]?.removeLast() }
        Self.expect([.replicasDiffer]) { $0.highWatermarks[0] = 12 }
    }

    @Test func recordsSayWhoTheyAre() {
        let record = VerifyRecord(producer: 3, number: 17, transaction: 5)
        let (key, value) = (ByteBuffer(string: record.key), ByteBuffer(string: record.value))
        #expect(VerifyRecord(key: key, value: value) == record && record.value.utf8.count == 100)
        #expect(VerifyRecord(key: ByteBuffer(string: "3.2"), value: value) == nil)
        let other = record.value.replacing("3 17", with: "3 18")
        #expect(VerifyRecord(key: key, value: ByteBuffer(string: other)) == nil)
        #expect(VerifyRecord(key: nil, value: value) == nil && VerifyRecord(key: key, value: nil) == nil)
    }
}
