import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@testable import KafkaBroker

private func readable(_ client: TestClient, _ topic: String = "t", _ partition: Int32 = 0) async throws -> [String] {
    let data = try await client.fetch(topic, partition, from: 0, isolation: 1)
    var found: [String] = []
    var batches = RecordBatchSequence(try #require(try data.records?.bytes()))
    var aborted = Set<Int64>()
    var starts = (data.abortedTransactions ?? [])[...]
    while let batch = try batches.next() {
        while let start = starts.first, start.firstOffset <= batch.header.lastOffset {
            aborted.insert(start.producerId)
            starts.removeFirst()
        }
        if batch.header.isControl {
            aborted.remove(batch.header.producerId)
            continue
        }
        if batch.header.isTransactional, aborted.contains(batch.header.producerId) { continue }
        var records = try batch.records()
        while let record = try records.next() { found.append(record.value.map { String(buffer: $0) } ?? "") }
    }
    return found
}

private func expect(
    _ wanted: [String],
    _ client: TestClient,
    _ topic: String = "t",
    _ partition: Int32 = 0,
    _ location: SourceLocation = #_sourceLocation
) async throws {
    let found = try await readable(client, topic, partition)
    #expect(found == wanted, sourceLocation: location)
}

@Suite struct TransactionTests {
    /// Produce, EndTxn: without and with KIP-890 part 2.
    static let generations: [(produce: Int16, end: Int16)] = [(8, 1), (11, 4), (12, 5)]

    @Test(arguments: generations)
    func committedRecordsAreReadableAndAbortedOnesAreNot(produce: Int16, end: Int16) async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t", partitions: 2)
            var producer = try await TransactionalClient(client)
            for (round, isCommit) in [true, false, true].enumerated() {
                if produce < 12 { #expect(try await producer.add("t", [0, 1]) == .none) }
                #expect(try await producer.produce(["a\(round)", "b\(round)"], version: produce) == .none)
                #expect(try await producer.produce(["c\(round)"], "t", 1, version: produce) == .none)
                let open = try await client.fetch("t", from: 0, isolation: 1)
                #expect(open.lastStableOffset < open.highWatermark, "an open transaction holds readers back")
                #expect(try await producer.end(isCommit, version: end) == .none)
                #expect(try await producer.settle() == (isCommit ? "CompleteCommit" : "CompleteAbort"))
            }
            try await expect(["a0", "b0", "a2", "b2"], client)
            try await expect(["c0", "c2"], client, "t", 1)
            let second = try await client.fetch("t", 1, from: 0, isolation: 1)
            #expect(second.abortedTransactions?.map(\.firstOffset) == [2])
            let all = try await client.fetch("t", from: 0)
            #expect(all.lastStableOffset == all.highWatermark && all.highWatermark == 9)
            #expect(all.abortedTransactions == nil)
            #expect(producer.epoch == (end >= 5 ? 3 : 0))
        }
    }

    @Test func refusesBatchesOutsideOfATransaction() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            var producer = try await TransactionalClient(client)
            #expect(try await producer.produce(["x"], version: 8) == .invalidTxnState)
            #expect(try await producer.produce(["x"], version: 11) == .transactionAbortable)
            #expect(try await producer.add("t", [0]) == .none)
            #expect(try await producer.produce(["y"], version: 11) == .none)
            #expect(try await producer.end(true, version: 4) == .none)
            #expect(try await producer.settle() == "CompleteCommit")
            // Late, after the marker: it must not open another transaction that nobody ends.
            #expect(try await producer.produce(["z"], version: 11) == .transactionAbortable)
            let data = try await client.fetch("t", from: 0, isolation: 1)
            #expect(data.lastStableOffset == data.highWatermark)
        }
    }

    @Test func verificationCanBeTurnedOff() async throws {
        try await withBroker(["transaction.partition.verification.enable": "false"]) { client async throws -> Void in
            try await client.create("t")
            var producer = try await TransactionalClient(client)
            #expect(try await producer.produce(["x"], version: 8) == .none)
            #expect(try await producer.produce(["y"], version: 12) == .none)
        }
    }

    @Test(arguments: generations)
    func aNewProducerFencesTheOldOne(produce: Int16, end: Int16) async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            var old = try await TransactionalClient(client)
            if produce < 12 { #expect(try await old.add("t", [0]) == .none) }
            #expect(try await old.produce(["lost"], version: produce) == .none)
            var new = try await TransactionalClient(client)
            #expect(new.producerID == old.producerID && new.epoch == old.epoch + 2)
            #expect(try await old.produce(["late"], version: produce) == .invalidProducerEpoch)
            #expect(try await old.end(true, version: end) == (end < 2 ? .invalidProducerEpoch : .producerFenced))
            if produce < 12 { #expect(try await new.add("t", [0]) == .none) }
            #expect(try await new.produce(["kept"], version: produce) == .none)
            #expect(try await new.end(true, version: end) == .none)
            _ = try await new.settle()
            try await expect(["kept"], client)
        }
    }

    @Test func anAbandonedTransactionTimesOut() async throws {
        let properties = ["transaction.abort.timed.out.transaction.cleanup.interval.ms": "20"]
        try await withBroker(properties) { client async throws -> Void in
            try await client.create("t")
            var producer = try await TransactionalClient(client, timeoutMs: 50)
            #expect(try await producer.produce(["x"], version: 12) == .none)
            var state = "Ongoing"
            while state == "Ongoing" { state = try await producer.settle() }
            #expect(state == "CompleteAbort")
            try await expect([], client)
            #expect(try await producer.end(true, version: 5) == .producerFenced)
        }
    }

    @Test(arguments: [false, true])
    func aRestartEndsWhatWasDecidedAndKeepsWhatIsOpen(raises: Bool) async throws {
        try await withTemporaryDirectory { directory in
            let version: (Int16, Int16) = raises ? (12, 5) : (11, 4)
            let open = try await withBroker(directory: directory) { client async throws -> TransactionalState in
                try await client.create("t", partitions: 3)
                var committed = try await TransactionalClient(client, "committed")
                var open = try await TransactionalClient(client, "open")
                if !raises {
                    _ = try await committed.add("t", [0])
                    _ = try await open.add("t", [1])
                }
                #expect(try await committed.produce(["a"], version: version.0) == .none)
                #expect(try await open.produce(["b"], "t", 1, version: version.0) == .none)
                #expect(try await committed.end(true, version: version.1) == .none)
                return TransactionalState(id: open.producerID, epoch: open.epoch)
            }
            try await withBroker(directory: directory) { client async throws -> Void in
                var listed = try await client.send(ListTransactionsRequest())
                while listed.errorCode == .coordinatorLoadInProgress {
                    listed = try await client.send(ListTransactionsRequest())
                }
                #expect(listed.transactionStates.map(\.transactionalId) == ["committed", "open"])
                var producer = try await TransactionalClient(client, "probe")
                (producer.producerID, producer.epoch) = (open.id, open.epoch)
                let request = EndTxnRequest(
                    transactionalId: "open",
                    producerId: open.id,
                    producerEpoch: open.epoch,
                    committed: true
                )
                #expect(try await client.send(request, version: version.1).errorCode == .none)
                for id in ["committed", "open"] {
                    var state = "PrepareCommit"
                    while state == "PrepareCommit" {
                        state = try await client.send(DescribeTransactionsRequest(transactionalIds: [id]))
                            .transactionStates[0].transactionState
                    }
                    #expect(state == "CompleteCommit")
                }
                try await expect(["a"], client)
                try await expect(["b"], client, "t", 1)
            }
        }
    }

    private struct TransactionalState: Sendable {
        let id: Int64
        let epoch: Int16
    }

    @Test func addsAllPartitionsOrNone() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let producer = try await TransactionalClient(client)
            let request = AddPartitionsToTxnRequest(
                v3AndBelowTransactionalId: "tx",
                v3AndBelowProducerId: producer.producerID,
                v3AndBelowProducerEpoch: producer.epoch,
                v3AndBelowTopics: [.init(name: "t", partitions: [0, 9]), .init(name: "u", partitions: [0])]
            )
            for version in Int16(0)...3 {
                let answer = try await client.send(request, version: version)
                let codes = answer.resultsByTopicV3AndBelow.map { $0.resultsByPartition.map(\.partitionErrorCode) }
                #expect(
                    codes == [[.operationNotAttempted, .unknownTopicOrPartition], [.unknownTopicOrPartition]]
                )
            }
            #expect(try await producer.state().transactionState == "Empty")
            var stranger = producer
            stranger.epoch = 7
            #expect(try await stranger.add("t", [0]) == .producerFenced)
        }
    }

    @Test func offsetsCountWhenTheTransactionCommits() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("in")
            var producer = try await TransactionalClient(client)
            _ = try await client.send(FindCoordinatorRequest(coordinatorKeys: ["g"]))
            for (version, end) in [(Int16(3), Int16(4)), (5, 5)] {
                for (offset, isCommit) in [(Int64(5), false), (7, true)] {
                    let commit = TxnOffsetCommitRequest(
                        transactionalId: "tx",
                        groupId: "g",
                        producerId: producer.producerID,
                        producerEpoch: producer.epoch,
                        topics: [
                            .init(
                                name: "in",
                                partitions: [.init(partitionIndex: 0, committedOffset: offset + Int64(end))]
                            )
                        ]
                    )
                    if version < 5 {
                        let early = try await client.send(commit, version: 4)
                        #expect(early.topics[0].partitions[0].errorCode == .transactionAbortable)
                        let add = AddOffsetsToTxnRequest(
                            transactionalId: "tx",
                            producerId: producer.producerID,
                            producerEpoch: producer.epoch,
                            groupId: "g"
                        )
                        #expect(try await client.send(add).errorCode == .none)
                    }
                    let answer = try await client.send(commit, version: version)
                    #expect(answer.topics[0].partitions[0].errorCode == .none)
                    #expect(try await producer.end(isCommit, version: end) == .none)
                    _ = try await producer.settle()
                    let fetched = try await client.send(
                        OffsetFetchRequest(
                            groups: [.init(groupId: "g", topics: [.init(name: "in", partitionIndexes: [0])])],
                            requireStable: true
                        )
                    )
                    let stored = fetched.groups[0].topics.first?.partitions.first?.committedOffset ?? -1
                    #expect(stored == (isCommit ? 7 + Int64(end) : (end == 4 ? -1 : 11)))
                }
            }
        }
    }

    @Test func administratorsSeeAndEndTransactions() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            var producer = try await TransactionalClient(client)
            #expect(try await producer.produce(["x"], version: 12) == .none)
            let describe = DescribeProducersRequest(topics: [.init(name: "t", partitionIndexes: [0, 5])])
            let partitions = try await client.send(describe).topics[0].partitions
            #expect(partitions[1].errorCode == .unknownTopicOrPartition)
            let active = try #require(partitions[0].activeProducers.first)
            #expect(active.producerId == producer.producerID && active.currentTxnStartOffset == 0)
            let state = try await producer.state()
            #expect(state.transactionState == "Ongoing" && state.topics.map(\.topic) == ["t"])
            let filters: [(ListTransactionsRequest, Int)] = [
                (ListTransactionsRequest(stateFilters: ["Ongoing"]), 1),
                (ListTransactionsRequest(stateFilters: ["Empty"]), 0),
                (ListTransactionsRequest(stateFilters: ["Nonsense"]), 0),
                (ListTransactionsRequest(durationFilter: 1_000_000), 0),
                (ListTransactionsRequest(transactionalIdPattern: "t."), 1),
                (ListTransactionsRequest(transactionalIdPattern: "t"), 0),
            ]
            for (request, count) in filters {
                #expect(try await client.send(request).transactionStates.count == count)
            }
            let bad = try await client.send(ListTransactionsRequest(transactionalIdPattern: "("))
            #expect(bad.errorCode == .invalidRegularExpression)
            let marker = WriteTxnMarkersRequest(
                markers: [
                    .init(
                        producerId: producer.producerID,
                        producerEpoch: producer.epoch,
                        transactionResult: false,
                        topics: [.init(name: "t", partitionIndexes: [0, 5])]
                    )
                ]
            )
            let codes = try await client.send(marker, version: 1).markers[0].topics[0].partitions.map(\.errorCode)
            #expect(codes == [.none, .unknownTopicOrPartition])
            let data = try await client.fetch("t", from: 0, isolation: 1)
            #expect(data.lastStableOffset == data.highWatermark)
        }
    }

    @Test func aLoweredFeatureWritesTheOldRecords() async throws {
        try await withBroker { client async throws -> Void in
            try await client.create("t")
            let lower = UpdateFeaturesRequest(
                featureUpdates: [.init(feature: "transaction.version", maxVersionLevel: 0, upgradeType: 2)]
            )
            #expect(try await client.send(lower).errorCode == .none)
            var producer = try await TransactionalClient(client)
            _ = try await producer.add("t", [0])
            #expect(try await producer.produce(["x"], version: 11) == .none)
            #expect(try await producer.end(true, version: 4) == .none)
            #expect(try await producer.settle() == "CompleteCommit")
            let number = JavaHash.coordinatorPartition(for: "tx", partitionCount: 50)
            let log = try await client.fetch("__transaction_state", number, from: 0)
            var batches = RecordBatchSequence(try #require(try log.records?.bytes()))
            while let batch = try batches.next() {
                var records = try batch.records()
                while let record = try records.next() {
                    #expect(record.value?.getInteger(at: record.value?.readerIndex ?? 0, as: Int16.self) == 0)
                }
            }
        }
    }
}
