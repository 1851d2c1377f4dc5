import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct FetchSessionTests {
    private func key(_ topic: String, _ partition: Int32 = 0) -> FetchKey {
        FetchKey(topic: .name(topic), partition: partition)
    }

    private func target(_ topic: String, offset: Int64 = 0) -> FetchTarget {
        FetchTarget(key: key(topic), offset: offset, maxBytes: 100)
    }

    private func outcome(
        _ topic: String,
        records: Bool = false,
        error: Bool = false,
        highWatermark: Int64 = 0,
        start: Int64 = 0
    ) -> FetchOutcome {
        FetchOutcome(
            key: key(topic),
            hasRecords: records,
            isError: error,
            highWatermark: highWatermark,
            logStartOffset: start
        )
    }

    @Test func tellsEverythingFirstAndThenOnlyWhatIsNew() {
        var session = FetchSession(targets: [target("a"), target("b")], usesTopicIDs: false)
        #expect(session.select([outcome("a"), outcome("b")], isFull: true) == [true, true])
        #expect(
            session.update(epoch: 1, targets: [], forgotten: [], usesTopicIDs: false)
                == .success([target("a"), target("b")])
        )
        #expect(session.select([outcome("a"), outcome("b")], isFull: false) == [false, false])
        #expect(
            session.select([outcome("a", highWatermark: 1), outcome("b", start: 1)], isFull: false) == [true, true]
        )
        #expect(
            session.select([outcome("a", highWatermark: 1), outcome("b", start: 1)], isFull: false) == [false, false]
        )
    }

    @Test func tellsAPartitionAgainAfterItsError() {
        var session = FetchSession(targets: [target("a")], usesTopicIDs: false)
        _ = session.select([outcome("a", highWatermark: 5)], isFull: true)
        #expect(session.select([outcome("a", error: true, highWatermark: -1)], isFull: false) == [true])
        #expect(session.select([outcome("a", highWatermark: 5)], isFull: false) == [true])
        #expect(session.select([outcome("a", highWatermark: 5)], isFull: false) == [false])
    }

    @Test func addsChangesAndForgets() {
        var session = FetchSession(targets: [target("a"), target("b")], usesTopicIDs: false)
        let moved = target("a", offset: 9)
        let update = session.update(
            epoch: 1,
            targets: [moved, target("c")],
            forgotten: [key("b")],
            usesTopicIDs: false
        )
        #expect(update == .success([moved, target("c")]))
        #expect(session.size == 2)
    }

    @Test func partitionsWithRecordsGoToTheEnd() {
        var session = FetchSession(targets: [target("a"), target("b"), target("c")], usesTopicIDs: false)
        _ = session.select([outcome("a", records: true), outcome("b"), outcome("c")], isFull: true)
        #expect(session.targets.map(\.key) == [key("b"), key("c"), key("a")])
    }

    @Test func checksEpochAndKind() {
        var session = FetchSession(targets: [target("a")], usesTopicIDs: false)
        #expect(session.update(epoch: 2, targets: [], forgotten: [], usesTopicIDs: false) == .failure(.invalidEpoch))
        #expect(session.update(epoch: 1, targets: [], forgotten: [], usesTopicIDs: true) == .failure(.mixesNamesAndIDs))
        #expect(session.update(epoch: 1, targets: [], forgotten: [], usesTopicIDs: false) == .success([target("a")]))
        #expect(session.nextEpoch == 2)
        #expect(FetchSession.epoch(after: .max) == 1)
        #expect(FetchSessionError.mixesNamesAndIDs.code == .fetchSessionTopicIdError)
    }
}

@Suite struct FetchSessionTableTests {
    @Test func refusesNewcomersWhenFullOfYoungSessions() {
        var table = FetchSessionTable<String>(slots: 2)
        var generator = SeededGenerator(seed: 1)
        let first = table.insert("a", size: 1, isPrivileged: false, nowMs: 0, using: &generator)
        _ = table.insert("b", size: 1, isPrivileged: false, nowMs: 0, using: &generator)
        #expect(table.insert("c", size: 9, isPrivileged: false, nowMs: 1000, using: &generator) == nil)
        // Both are old now; the one that was used stays.
        let later = FetchSessionTable<String>.evictionMs + 1
        let id = first ?? 0
        #expect(table.use(id, nowMs: later) == "a")
        #expect(table.insert("c", size: 9, isPrivileged: false, nowMs: later, using: &generator) != nil)
        #expect(table.use(id, nowMs: later) == "a")
        // "a" is old and small: a larger one takes its place, a smaller one does not.
        #expect(table.insert("d", size: 1, isPrivileged: false, nowMs: later, using: &generator) == nil)
        #expect(table.insert("e", size: 2, isPrivileged: false, nowMs: later, using: &generator) != nil)
        #expect(table.use(id, nowMs: later) == nil)
        #expect(table.count == 2)
    }

    @Test func privilegedSessionsGoFirst() {
        var table = FetchSessionTable<String>(slots: 1)
        var generator = SeededGenerator(seed: 1)
        let id = table.insert("a", size: 100, isPrivileged: false, nowMs: 0, using: &generator) ?? 0
        let later = FetchSessionTable<String>.evictionMs + 1
        _ = table.use(id, nowMs: later)
        #expect(table.insert("follower", size: 1, isPrivileged: true, nowMs: later, using: &generator) != nil)
        #expect(table.use(id, nowMs: later) == nil)
    }

    @Test func withoutSlotsThereAreNoSessions() {
        var table = FetchSessionTable<String>(slots: 0)
        var generator = SeededGenerator(seed: 1)
        #expect(table.insert("a", size: 1, isPrivileged: true, nowMs: 0, using: &generator) == nil)
    }
}
