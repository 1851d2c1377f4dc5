import KafkaClient
import KafkaMessages
import Testing

@Suite("Where a transactional producer stands")
struct TransactionManagerTests {
    static let t0 = TopicPartition(topic: "t", partition: 0)
    static let t1 = TopicPartition(topic: "t", partition: 1)
    static let spoilt = KafkaClientError(.deliveryTimedOut, "late")

    static func ready() throws -> TransactionManager {
        var manager = TransactionManager()
        try manager.beginInitializing()
        manager.initialized()
        return manager
    }

    static func open(implicit: Bool = false) throws -> TransactionManager {
        var manager = try ready()
        try manager.begin(addsImplicitly: implicit)
        return manager
    }

    @Test func partitionsAreAddedBeforeTheyAreWritten() throws {
        var manager = try Self.open()
        try manager.want(Self.t0)
        #expect(!manager.admits(Self.t0))
        #expect(manager.takeWantedPartitions() == [Self.t0])
        #expect(manager.isAdding)
        try manager.want(Self.t0)
        try manager.want(Self.t1)
        #expect(manager.takeWantedPartitions().isEmpty)
        manager.partitionsAdded()
        #expect(manager.admits(Self.t0))
        #expect(!manager.admits(Self.t1))
        #expect(manager.takeWantedPartitions() == [Self.t1])
        manager.partitionsNotAdded()
        #expect(manager.takeWantedPartitions() == [Self.t1])
        manager.partitionsAdded()
        try manager.beginCommitting()
        #expect(manager.admits(Self.t1))
        #expect(manager.ending(endRaisesEpoch: false) == .init(commits: true, isKnown: true, raisesEpoch: false))
        manager.ended()
        #expect(manager.phase == .ready)
        try manager.begin(addsImplicitly: false)
        #expect(!manager.admits(Self.t0))
    }

    @Test func leadersAddPartitionsByThemselves() throws {
        var manager = try Self.open(implicit: true)
        try manager.want(Self.t0)
        #expect(manager.admits(Self.t0))
        #expect(!manager.wantsPartitions)
        try manager.beginAborting()
        #expect(!manager.admits(Self.t0))
        #expect(manager.ending(endRaisesEpoch: true) == .init(commits: false, isKnown: true, raisesEpoch: false))
    }

    @Test func anEmptyTransactionIsNobodysBusiness() throws {
        var manager = try Self.open()
        try manager.beginCommitting()
        #expect(manager.ending(endRaisesEpoch: false)?.isKnown == false)
    }

    @Test func aSpoiltTransactionCanOnlyBeAborted() throws {
        var manager = try Self.open()
        try manager.want(Self.t0)
        _ = manager.takeWantedPartitions()
        manager.partitionsAdded()
        manager.spoil(Self.spoilt)
        #expect(manager.phase == .abortable)
        #expect(!manager.admits(Self.t0))
        #expect(throws: KafkaClientError.self) { try manager.want(Self.t0) }
        #expect(throws: KafkaClientError.self) { try manager.beginCommitting() }
        #expect(throws: KafkaClientError.self) { try manager.begin(addsImplicitly: false) }
        try manager.beginAborting()
        #expect(manager.ending(endRaisesEpoch: false) == .init(commits: false, isKnown: true, raisesEpoch: true))
        // With version 2 ending raises the epoch.
        #expect(manager.ending(endRaisesEpoch: true)?.raisesEpoch == false)
        manager.ended()
        #expect(manager.phase == .ready)
        #expect(manager.failure == nil)
    }

    @Test func aFailedProducerStaysFailed() throws {
        var manager = try Self.open()
        manager.fail(KafkaClientError(.fenced, "gone"))
        for code in [
            #expect(throws: KafkaClientError.self) { try manager.want(Self.t0) },
            #expect(throws: KafkaClientError.self) { try manager.beginCommitting() },
            #expect(throws: KafkaClientError.self) { try manager.beginAborting() },
            #expect(throws: KafkaClientError.self) { try manager.begin(addsImplicitly: false) },
            #expect(throws: KafkaClientError.self) { try manager.addsOffsets() },
        ] {
            #expect(code?.code == .fenced)
        }
    }

    @Test func callsOutOfTurnAreRefused() throws {
        var manager = TransactionManager()
        #expect(throws: KafkaClientError.self) { try manager.begin(addsImplicitly: false) }
        #expect(throws: KafkaClientError.self) { try manager.want(Self.t0) }
        manager = try Self.ready()
        #expect(throws: KafkaClientError.self) { try manager.beginInitializing() }
        #expect(throws: KafkaClientError.self) { try manager.beginCommitting() }
        #expect(throws: KafkaClientError.self) { try manager.beginAborting() }
        #expect(throws: KafkaClientError.self) { try manager.want(Self.t0) }
        try manager.begin(addsImplicitly: false)
        #expect(throws: KafkaClientError.self) { try manager.begin(addsImplicitly: false) }
        try manager.beginCommitting()
        // What became of an unanswered commit is open: only the same again.
        #expect(throws: KafkaClientError.self) { try manager.beginAborting() }
        #expect(throws: KafkaClientError.self) { try manager.want(Self.t0) }
        try manager.beginCommitting()
    }

    @Test(arguments: [
        (ErrorCode.none, TransactionManager.Reaction.done),
        (.concurrentTransactions, .sendAgain(soon: true)),
        (.notCoordinator, .sendAgain(soon: false)),
        (.coordinatorNotAvailable, .sendAgain(soon: false)),
        (.coordinatorLoadInProgress, .sendAgain(soon: false)),
        (.unknownTopicOrPartition, .sendAgain(soon: false)),
        (.invalidProducerIdMapping, .abort), (.unknownProducerId, .abort), (.transactionAbortable, .abort),
        (.topicAuthorizationFailed, .abort), (.groupAuthorizationFailed, .abort), (.illegalGeneration, .abort),
        (.unknownMemberId, .abort), (.fencedInstanceId, .abort), (.outOfOrderSequenceNumber, .abort),
        (.invalidProducerEpoch, .fail), (.producerFenced, .fail), (.invalidTxnState, .fail),
        (.transactionalIdAuthorizationFailed, .fail), (.unsupportedVersion, .fail), (.unknownServerError, .fail),
        (.invalidTransactionTimeout, .fail),
    ])
    func reactsByTheTable(code: ErrorCode, reaction: TransactionManager.Reaction) {
        #expect(TransactionManager.reaction(to: code, raisesEpochs: true) == reaction)
    }

    @Test func withoutRaisedEpochsAForgottenProducerIsDoneFor() {
        #expect(TransactionManager.reaction(to: .unknownProducerId, raisesEpochs: false) == .fail)
        #expect(TransactionManager.batchSpoils(KafkaClientError(.broker, "", brokerError: .invalidProducerEpoch)))
        #expect(!TransactionManager.batchSpoils(KafkaClientError(.broker, "", brokerError: .producerFenced)))
    }
}
