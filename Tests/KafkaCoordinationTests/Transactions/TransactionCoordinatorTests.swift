import KafkaMessages
import Testing

@testable import KafkaCoordination

/// Every state meets every request.
@Suite struct TransactionCoordinatorTests {
    static let states: [TransactionState] = [
        .empty, .ongoing, .prepareCommit, .prepareAbort, .completeCommit, .completeAbort,
    ]

    @Test func walksThroughATransaction() {
        var world = TransactionWorld()
        let first = Producer(id: 101, epoch: 0)
        #expect(world.initialise() == .granted(first))
        #expect(world.state() == .empty)
        #expect(world.add(first, "a", [0, 1]) == .none)
        #expect(world.add(first, "b", [0]) == .none)
        let length = world.log.count
        #expect(world.add(first, "a", [1]) == .none)
        #expect(world.log.count == length, "partitions that are there are not written again")
        #expect(world.end(first, true) == .ended(first))
        #expect(world.state() == .prepareCommit)
        let marker = world.coordinator.marker(of: "t")
        #expect(marker?.isCommit == true && marker?.epoch == 0)
        #expect(marker?.partitions == PartitionSet([("a", [0, 1]), ("b", [0])]))
        world.complete()
        #expect(world.state() == .completeCommit)
        #expect(world.coordinator.marker(of: "t") == nil)
        #expect(world.add(first, "c") == .none)
        #expect(world.coordinator.transactions["t"]?.partitions == PartitionSet([("c", [0])]))
    }

    @Test func epochsRiseWithEveryEndOfANewClient() {
        var world = TransactionWorld()
        #expect(world.initialise() == .granted(Producer(id: 101, epoch: 0)))
        for epoch in Int16(0)..<3 {
            let producer = Producer(id: 101, epoch: epoch)
            #expect(world.add(producer, version: 2) == .none)
            let next = Producer(id: 101, epoch: epoch + 1)
            #expect(world.end(producer, epoch != 1, raising: true) == .ended(next))
            #expect(world.coordinator.marker(of: "t")?.epoch == epoch + 1)
            // The answer was lost.
            #expect(world.end(producer, epoch != 1, raising: true) == .refused(.concurrentTransactions))
            #expect(world.end(producer, epoch == 1, raising: true) == .refused(.invalidTxnState))
            #expect(world.add(next, version: 2) == .concurrentTransactions)
            world.complete()
            #expect(world.end(producer, epoch != 1, raising: true) == .ended(next))
            #expect(world.end(producer, epoch == 1, raising: true) == .refused(.invalidTxnState))
            #expect(world.add(producer, version: 2) == .producerFenced)
        }
    }

    // MARK: State by event

    @Test(arguments: states, [false, true])
    func aNewcomerFencesTheHolder(state: TransactionState, raising: Bool) {
        var (world, producer) = TransactionWorld.at(state, raising: raising)
        let answer = world.initialise()
        switch state {
        case .prepareCommit, .prepareAbort:
            #expect(answer == .refused(.concurrentTransactions))
            world.complete()
        case .ongoing:
            #expect(answer == .refused(.concurrentTransactions))
            #expect(world.state() == .prepareAbort)
            #expect(world.coordinator.marker(of: "t")?.epoch == producer.epoch + 1)
            #expect(world.initialise() == .refused(.concurrentTransactions))
            // The fenced producer gets no epoch for its abort.
            #expect(world.end(producer, false, raising: raising) == .refused(.producerFenced))
            world.complete()
            #expect(world.end(producer, false, raising: raising) == .refused(.producerFenced))
            producer.epoch += 1
        default:
            #expect(answer == .granted(Producer(id: 101, epoch: producer.epoch + 1)))
            producer.epoch += 1
        }
        guard case .granted(let next) = world.initialise() else {
            Issue.record("no epoch after \(state)")
            return
        }
        #expect(next == Producer(id: 101, epoch: producer.epoch + 1))
        #expect(world.add(producer) == .producerFenced)
        #expect(world.end(producer, true, raising: raising) == .refused(.producerFenced))
        #expect(world.initialise("t", producer) == .refused(.producerFenced))
        #expect(world.add(next) == .none)
    }

    @Test(arguments: states, [false, true])
    func addsPartitions(state: TransactionState, raising: Bool) {
        var (world, producer) = TransactionWorld.at(state, raising: raising)
        #expect(world.add(Producer(id: 999, epoch: 0)) == .invalidProducerIdMapping)
        #expect(world.add(Producer(id: 101, epoch: producer.epoch + 1)) == .producerFenced)
        #expect(world.add(producer, id: "unknown") == .invalidProducerIdMapping)
        #expect(world.add(producer, id: "") == .invalidRequest)
        let answer = world.add(producer, "z", [7], version: raising ? 2 : 0)
        #expect(answer == (state.isPrepared ? .concurrentTransactions : .none))
        #expect(world.state() == (state.isPrepared ? state : .ongoing))
    }

    @Test(arguments: states, [false, true])
    func verifiesPartitions(state: TransactionState, raising: Bool) {
        let (world, producer) = TransactionWorld.at(state, raising: raising)
        #expect(world.coordinator.verify("t", Producer(id: 9, epoch: 0)).code == .invalidProducerIdMapping)
        #expect(world.coordinator.verify("u", producer).code == .invalidProducerIdMapping)
        #expect(world.coordinator.verify("", producer).code == .invalidRequest)
        #expect(world.coordinator.verify("t", Producer(id: 101, epoch: 77)).code == .producerFenced)
        let (code, partitions) = world.coordinator.verify("t", producer)
        #expect(code == (state.isPrepared ? .concurrentTransactions : .none))
        #expect(partitions.contains("a", 0) == (state == .ongoing))
        #expect(!partitions.contains("b", 0))
    }

    @Test(arguments: states, [false, true])
    func endsOfAClientWithoutRaisedEpochs(state: TransactionState, isCommit: Bool) {
        var (world, producer) = TransactionWorld.at(state, raising: false)
        #expect(world.end(Producer(id: 9, epoch: 0), isCommit) == .refused(.invalidProducerIdMapping))
        #expect(world.end(Producer(id: 101, epoch: 5), isCommit) == .refused(.producerFenced))
        #expect(world.end(producer, isCommit, id: "u") == .refused(.invalidProducerIdMapping))
        #expect(world.end(producer, isCommit, id: "") == .refused(.invalidRequest))
        let answer = world.end(producer, isCommit)
        switch state {
        case .ongoing: #expect(answer == .ended(producer))
        case .prepareCommit: #expect(answer == .refused(isCommit ? .concurrentTransactions : .invalidTxnState))
        case .prepareAbort: #expect(answer == .refused(isCommit ? .invalidTxnState : .concurrentTransactions))
        case .completeCommit: #expect(answer == (isCommit ? .ended(producer) : .refused(.invalidTxnState)))
        case .completeAbort: #expect(answer == (isCommit ? .refused(.invalidTxnState) : .ended(producer)))
        default: #expect(answer == .refused(.invalidTxnState))
        }
    }

    @Test(arguments: states, [false, true])
    func endsOfAClientWithRaisedEpochs(state: TransactionState, isCommit: Bool) {
        var (world, producer) = TransactionWorld.at(state, raising: true)
        let next = Producer(id: 101, epoch: producer.epoch + 1)
        let answer = world.end(producer, isCommit, raising: true)
        switch state {
        case .ongoing: #expect(answer == .ended(next))
        case .prepareCommit, .prepareAbort: #expect(answer == .refused(.concurrentTransactions))
        // Nothing was added: there is nothing to commit, but an abort is no error.
        default: #expect(answer == (isCommit ? .refused(.invalidTxnState) : .ended(next)))
        }
        if case .ended = answer {
            #expect(world.coordinator.marker(of: "t")?.partitions.isEmpty == (state != .ongoing))
            world.complete()
            #expect(world.state() == (isCommit ? .completeCommit : .completeAbort))
        }
    }

    // MARK: KIP-360

    @Test(arguments: [TransactionState.empty, .completeCommit, .completeAbort])
    func aProducerGoesOnAfterAnError(state: TransactionState) {
        var (world, producer) = TransactionWorld.at(state, raising: false)
        let next = Producer(id: 101, epoch: producer.epoch + 1)
        #expect(world.initialise("t", producer) == .granted(next))
        // Its answer was lost.
        #expect(world.initialise("t", producer) == .granted(next))
        #expect(world.initialise("t", Producer(id: 101, epoch: 30)) == .refused(.producerFenced))
        #expect(world.initialise("t", Producer(id: 5, epoch: 0)) == .refused(.producerFenced))
        // Somebody else comes: the former holder is not to get the newcomer's epoch.
        #expect(world.initialise() == .granted(Producer(id: 101, epoch: next.epoch + 1)))
        #expect(world.initialise("t", next) == .refused(.producerFenced))
    }

    @Test func aFormerProducerDoesNotEndTheTransactionOfItsSuccessor() {
        var (world, producer) = TransactionWorld.at(.ongoing, raising: false)
        #expect(world.initialise("t", Producer(id: 101, epoch: producer.epoch - 1)) == .refused(.producerFenced))
        #expect(world.state() == .ongoing)
        #expect(world.initialise("t", producer) == .refused(.concurrentTransactions))
        #expect(world.state() == .prepareAbort)
    }

    @Test func aProducerThatLostTheAnswerOfItsEndMayAskForItsEpoch() throws {
        var (world, next) = TransactionWorld.at(.completeCommit, raising: true)
        let old = Producer(id: 101, epoch: next.epoch - 1)
        #expect(world.initialise("t", old) == .granted(next))
        try world.failOver()
        #expect(world.initialise("t", old) == .granted(next))
        #expect(world.initialise() == .granted(Producer(id: 101, epoch: next.epoch + 1)))
        #expect(world.initialise("t", next) == .refused(.producerFenced))
    }

    @Test func aRepeatedRequestAfterAFailoverIsFenced() throws {
        var (world, producer) = TransactionWorld.at(.empty, raising: false)
        _ = world.initialise("t", producer)
        try world.failOver()
        #expect(world.initialise("t", producer) == .refused(.producerFenced))
    }

    // MARK: Time

    @Test func abortsWhatItsProducerForgot() {
        var (world, producer) = TransactionWorld.at(.ongoing, raising: true)
        world.nowMs += 60_000
        world.advance()
        #expect(world.state() == .ongoing, "the time is up when it has passed, not when it is reached")
        world.nowMs += 9_999
        world.advance()
        #expect(world.state() == .ongoing, "it looks every ten seconds")
        world.nowMs += 1
        world.advance()
        #expect(world.state() == .prepareAbort)
        #expect(world.coordinator.marker(of: "t")?.epoch == producer.epoch + 1)
        world.complete()
        #expect(world.end(producer, true, raising: true) == .refused(.producerFenced))
        #expect(world.end(producer, false, raising: true) == .refused(.producerFenced))
        #expect(world.add(producer, version: 2) == .producerFenced)
    }

    @Test(arguments: states)
    func forgetsIdsThatNobodyUses(state: TransactionState) {
        var (world, producer) = TransactionWorld.at(state, raising: false)
        world.coordinator.settings.idExpirationMs = 1000
        world.nowMs += 1000
        world.advance()
        let isGone = state == .empty || state.isComplete
        #expect((world.state() == nil) == isGone)
        guard isGone else { return }
        #expect(world.add(producer) == .invalidProducerIdMapping)
        #expect(world.initialise("t", producer) == .granted(Producer(id: 102, epoch: 0)))
    }

    @Test func worksInPortions() {
        var world = TransactionWorld()
        for number in 0..<1_200 {
            guard case .granted(let producer) = world.initialise("t\(number)") else { continue }
            if number < 600 { _ = world.add(producer, id: "t\(number)") }
        }
        world.nowMs += 604_800_001
        let largest = world.coordinator.advance(nowMs: world.nowMs).records.count
        #expect(largest == 500)
        world.advance()
        #expect(world.coordinator.transactions.count == 600)
        #expect(world.coordinator.transactions.values.allSatisfy { $0.state == .prepareAbort })
        #expect(world.commit(world.coordinator.takeMarkers(nowMs: world.nowMs)).count == 600)
    }

    // MARK: Markers

    @Test func tellsWhoWaitsForMarkers() throws {
        var (world, producer) = TransactionWorld.at(.ongoing, raising: false)
        world.advance()
        #expect(world.coordinator.awaitMarkers(HeldToken(1), nowMs: world.nowMs).replies.isEmpty)
        let end = world.coordinator.endTransaction(
            "t",
            producer,
            isCommit: true,
            raisesEpoch: false,
            nowMs: world.nowMs
        )
        #expect(end.replies == [HeldReply(HeldToken(1), MarkersAreDue())])
        _ = world.commit(end)
        let (marker, partitions) = try #require(world.commit(world.coordinator.takeMarkers(nowMs: world.nowMs)).first)
        #expect(partitions == PartitionSet([("a", [0])]))
        let refused = [MarkerDelivery.PartitionResult("a", 0, .notLeaderOrFollower)]
        world.commit(world.coordinator.markersWritten(marker, results: refused, nowMs: world.nowMs))
        #expect(world.coordinator.awaitMarkers(HeldToken(2), nowMs: world.nowMs).replies.isEmpty)
        world.nowMs += 20
        #expect(world.coordinator.nextDeadlineMs == world.nowMs)
        #expect(world.coordinator.advance(nowMs: world.nowMs).replies.map(\.token) == [HeldToken(2)])
        #expect(world.coordinator.nextDeadlineMs != world.nowMs, "told once")
        world.complete()
        #expect(world.state() == .completeCommit)
    }

    @Test func whatCouldNotBeWrittenComesUpAgain() throws {
        var (world, _) = TransactionWorld.at(.prepareCommit, raising: false)
        let (marker, _) = try #require(world.commit(world.coordinator.takeMarkers(nowMs: world.nowMs)).first)
        let written = [MarkerDelivery.PartitionResult("a", 0, .none)]
        // The disk is full: the record is not replayed.
        #expect(world.coordinator.markersWritten(marker, results: written, nowMs: world.nowMs).records.count == 1)
        #expect(world.coordinator.writeFailed("t", code: .coordinatorNotAvailable, nowMs: world.nowMs).isEmpty)
        world.nowMs += 1000
        let again = try #require(world.commit(world.coordinator.takeMarkers(nowMs: world.nowMs)).first)
        #expect(again.partitions.isEmpty)
        world.commit(world.coordinator.markersWritten(marker, results: [], nowMs: world.nowMs))
        #expect(world.state() == .completeCommit)
        #expect(world.commit(world.coordinator.takeMarkers(nowMs: world.nowMs)).isEmpty)
    }

    // MARK: Bad input, failover, views

    @Test func refusesTimeoutsAndEmptyIds() {
        var world = TransactionWorld()
        #expect(world.initialise("") == .refused(.invalidRequest))
        #expect(world.initialise(String(repeating: "x", count: 40_000)) == .refused(.invalidRequest))
        for timeout in [0, -1, 900_001, .max, .min] as [Int32] {
            #expect(world.initialise("t", timeoutMs: timeout) == .refused(.invalidTransactionTimeout))
        }
        #expect(world.log.isEmpty)
    }

    @Test(arguments: states, [false, true])
    func aFailoverChangesNothing(state: TransactionState, raising: Bool) throws {
        var (world, _) = TransactionWorld.at(state, raising: raising)
        let before = world.coordinator.transactions
        try world.failOver()
        #expect(world.coordinator.transactions == before)
        let due = world.commit(world.coordinator.takeMarkers(nowMs: world.nowMs))
        #expect(due.map(\.marker.transactionalID) == (state.isPrepared ? ["t"] : []))
    }

    @Test func markersOfAnEarlierEndCompleteNothing() throws {
        var (world, producer) = TransactionWorld.at(.prepareCommit, raising: false)
        let old = try #require(world.coordinator.marker(of: "t"))
        let results = [MarkerDelivery.PartitionResult("a", 0, .none)]
        world.complete()
        let length = world.log.count
        world.commit(world.coordinator.markersWritten(old, results: results, nowMs: world.nowMs))
        #expect(world.log.count == length)
        _ = world.initialise("t", producer)
        world.commit(world.coordinator.markersWritten(old, results: results, nowMs: world.nowMs))
        #expect(world.state() == .empty)
    }

    @Test(arguments: states, [Int16(0), 1, 2])
    func recordsReadAsTheyWereWritten(state: TransactionState, level: Int16) throws {
        let (world, _) = TransactionWorld.at(state, raising: level == 2)
        let transaction = try #require(world.coordinator.transactions["t"])
        let (value, version) = transaction.logged(transactionVersion: level)
        #expect(version == min(level, 1))
        #expect(Transaction(value) == transaction)
        let record = try TransactionRecord("t", transaction).encoded(transactionVersion: level)
        #expect(try TransactionRecord(decoding: record) == TransactionRecord("t", transaction))
        #expect((value.transactionPartitions == nil) == (state == .empty))
        var damaged = value
        for status in [6, 7, 8, -1] as [Int8] {
            damaged.transactionStatus = status
            let record = CoordinatorRecord(
                key: try TransactionLogKey(transactionalId: "t").versioned(0),
                value: try damaged.versioned(1)
            )
            var coordinator = TransactionCoordinator()
            #expect(throws: TransactionRecordError.unknownState("t")) {
                try coordinator.replay(record, producerID: nil)
            }
        }
    }

    @Test func listsAndDescribes() {
        var world = TransactionWorld()
        for id in ["b", "a", "c"] {
            guard case .granted(let producer) = world.initialise(id), id != "c" else { continue }
            _ = world.add(producer, "x", [2, 1], id: id)
        }
        world.nowMs += 500
        var filter = TransactionCoordinator.Filter()
        let ids = { (filter: TransactionCoordinator.Filter) in
            world.coordinator.list(filter, nowMs: world.nowMs).map(\.id)
        }
        #expect(ids(filter) == ["a", "b", "c"])
        filter.states = [.ongoing]
        #expect(ids(filter) == ["a", "b"])
        filter.producerIDs = [101]
        #expect(ids(filter) == ["b"])
        filter.longerThanMs = 500
        #expect(ids(filter) == [])
        filter.longerThanMs = 499
        #expect(ids(filter) == ["b"])
        let view = world.coordinator.describe("a")
        #expect(
            view.transactionState == "Ongoing" && view.producerId == 102 && view.topics.map(\.partitions) == [[1, 2]]
        )
        #expect(view.transactionStartTimeMs == 1_000_000 && view.transactionTimeoutMs == 60_000)
        #expect(world.coordinator.describe("d").errorCode == .transactionalIdNotFound)
        #expect(world.coordinator.describe("").errorCode == .invalidRequest)
    }
}
