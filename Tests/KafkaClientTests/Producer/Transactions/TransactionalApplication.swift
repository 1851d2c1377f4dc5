import KafkaMessages

@testable import KafkaClient

/// An application that writes in transactions: our producer's machines, and how far the application has come.
struct TransactionalApplication {
    enum Phase: Equatable {
        /// Asks for its identity.
        case initializing
        case idle
        case open
        /// Until no batch is under way.
        case flushing(commits: Bool)
        /// Asks the coordinator to end the transaction.
        case ending(TransactionManager.Ending)
        /// Asks for the next epoch.
        case raising
    }

    let id: String
    /// Whether leaders add partitions (`transaction.version` 2).
    let addsImplicitly: Bool
    var phase = Phase.initializing
    var fixture: AccumulatorFixture
    let slots: [Int]
    /// Requests on their way to the leader of all partitions, in order.
    var wire: [OutgoingRequest] = []
    /// The present transaction.
    var tag = -1

    init(id: String, addsImplicitly: Bool, partitions: Int32, seed: UInt64, nowMs: Int64) {
        self.id = id
        self.addsImplicitly = addsImplicitly
        fixture = AccumulatorFixture(seed: seed) { settings in
            settings.isIdempotent = true
            settings.isTransactional = true
            settings.lingerMs = 0
        }
        fixture.nowMs = nowMs
        slots = fixture.slots(partitions)
        try? fixture.accumulator.transaction?.beginInitializing()
    }

    var transaction: TransactionManager? { fixture.accumulator.transaction }

    /// What batches of a transaction that has failed come to.
    mutating func dropSpoiltBatches() {
        guard let transaction, let failure = transaction.failure, fixture.accumulator.incompleteBatches > 0,
            transaction.phase == .abortable || transaction.phase == .failed
        else { return }
        fixture.accumulator.abandonAll(failure)
    }

    mutating func begin(tag new: Int) throws {
        try fixture.accumulator.transaction?.begin(addsImplicitly: addsImplicitly)
        tag = new
        phase = .open
    }

    mutating func append(_ number: Int, to partition: Int) throws {
        try fixture.accumulator.transaction?.want(TopicPartition(topic: "t", partition: Int32(partition)))
        fixture.append(number, to: slots[partition])
    }

    mutating func end(commits: Bool) throws {
        if commits {
            try fixture.accumulator.transaction?.beginCommitting()
        } else {
            try fixture.accumulator.transaction?.beginAborting()
            fixture.accumulator.abandonAll(.transactionAborted)
        }
        _ = fixture.accumulator.flush()
        phase = .flushing(commits: commits)
    }

    /// Sends what is due. The records whose batches were written since the last call are told.
    mutating func poll(nowMs: Int64) -> [Int] {
        fixture.nowMs = nowMs
        dropSpoiltBatches()
        let work = fixture.accumulator.poll(nowMs: nowMs)
        for node in work.connects { fixture.accumulator.connected(node) }
        for request in work.requests {
            var request = request
            for index in request.batches.indices { try? request.batches[index].seal() }
            wire.append(request)
        }
        _ = fixture.accumulator.takeFinishedFlushes()
        return fixture.takeFates().flatMap { $0.offset == nil ? [] : $0.numbers }
    }

    /// The connection is gone, and with it all answers.
    mutating func disconnect() -> [OutgoingRequest] {
        defer { wire = [] }
        fixture.accumulator.disconnected(1, notBeforeMs: fixture.nowMs + 5, failure: nil)
        for request in wire { fixture.answer(request, AccumulatorFixture.lost) }
        return wire
    }

    mutating func react(to code: ErrorCode) -> TransactionManager.Reaction {
        let reaction = TransactionManager.reaction(to: code, raisesEpochs: true)
        switch reaction {
        case .done, .sendAgain: break
        case .abort: fixture.accumulator.transaction?.spoil(KafkaClientError("spoilt", code))
        case .fail: fixture.accumulator.transaction?.fail(KafkaClientError("failed", code))
        }
        return reaction
    }
}
