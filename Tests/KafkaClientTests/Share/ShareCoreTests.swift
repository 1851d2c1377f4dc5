import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

@Suite("What a share group's member asks and answers") struct ShareCoreTests {
    static let id = KafkaUUID(high: 1, low: 2)
    static let t0 = TopicPartition(topic: "t", partition: 0)
    static let t1 = TopicPartition(topic: "t", partition: 1)
    static let place0 = SharePlace(topicID: id, partition: 0)
    static let place1 = SharePlace(topicID: id, partition: 1)

    /// Partitions 0 and 1, led by brokers 1 and 2; the application waits for ten records.
    static func core(leader: (TopicPartition) -> Int32? = { $0.partition + 1 }) -> ShareConsumerCore {
        var configuration = ShareConsumerConfiguration(groupID: "g")
        configuration.fetchMaxWait = .milliseconds(300)
        var core = ShareConsumerCore(
            configuration,
            memberID: "me",
            backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(100))
        )
        core.assign([place0: t0, place1: t1])
        core.learnLeaders(leader)
        core.want(10)
        return core
    }

    /// An answer that lends offsets of one partition.
    static func answer(
        _ batches: [ByteBuffer],
        _ acquired: [(ClosedRange<Int64>, Int16)],
        partition: Int32 = 0,
        acknowledged: ErrorCode = .none
    ) -> ShareFetchResponse {
        var data = ShareFetchResponse.PartitionData(partitionIndex: partition)
        data.acknowledgeErrorCode = acknowledged
        data.currentLeader.leaderId = -1
        var bytes = ByteBuffer()
        for var batch in batches { bytes.writeBuffer(&batch) }
        data.records = .bytes(bytes)
        data.acquiredRecords = acquired.map {
            .init(firstOffset: $0.0.lowerBound, lastOffset: $0.0.upperBound, deliveryCount: $0.1)
        }
        return ShareFetchResponse(responses: [.init(topicId: id, partitions: [data])])
    }

    static func batches(_ core: inout ShareConsumerCore) throws -> [SharedBatch] {
        var found: [SharedBatch] = []
        while let next = core.take() { found.append(try next.get()) }
        return found
    }

    static func acknowledgements(_ request: ShareFetchRequest?) -> [String] {
        (request?.topics ?? []).flatMap(\.partitions).flatMap { partition in
            partition.acknowledgementBatches.map {
                "\(partition.partitionIndex): \($0.firstOffset)-\($0.lastOffset) \($0.acknowledgeTypes)"
            }
        }
    }

    @Test func asksEachLeaderOnce() throws {
        var core = Self.core()
        let (requests, dueMs) = core.takeRequests(nowMs: 0)
        #expect(dueMs == nil && Set(requests.keys) == [1, 2])
        let first = try #require(requests[1])
        #expect(first.groupId == "g" && first.memberId == "me" && first.shareSessionEpoch == 0)
        #expect(first.maxWaitMs == 300 && first.maxRecords == 10 && first.batchSize == 10 && first.minBytes == 1)
        #expect(first.topics == [.init(topicId: Self.id, partitions: [.init(partitionIndex: 0)])])
        #expect(core.takeRequests(nowMs: 0).requests.isEmpty && core.isBusy)
        // What comes is handed out; nobody is asked while it waits.
        let effects = core.fetched(
            .success(Self.answer([try TestBatch.bytes(["a", "b"], at: 5)], [(5...6, 1)])),
            from: 1,
            nowMs: 0
        )
        #expect(effects.hasNews)
        #expect(core.takeRequests(nowMs: 0).requests.isEmpty)
        let lent = try Self.batches(&core)
        #expect(lent.map(\.offsets) == [5...6] && lent[0].deliveryCount == 1 && lent[0].partition == Self.t0)
        core.acknowledge(lent[0], 5...5, as: .accept)
        core.acknowledge(lent[0], 6...99, as: .release)
        let next = try #require(core.takeRequests(nowMs: 0).requests[1])
        #expect(next.shareSessionEpoch == 1)
        #expect(Self.acknowledgements(next) == ["0: 5-5 [1]", "0: 6-6 [2]"])
        // Nothing is said twice.
        _ = core.fetched(.success(Self.answer([], [])), from: 1, nowMs: 0)
        let last = try #require(core.takeRequests(nowMs: 0).requests[1])
        #expect(last.shareSessionEpoch == 2 && last.topics.isEmpty)
        #expect(core.takeFailures().isEmpty)
    }

    @Test func nobodyIsAskedUnlessTheApplicationWaits() {
        var core = Self.core()
        core.rest()
        #expect(core.takeRequests(nowMs: 0).requests.isEmpty)
        core.want(1)
        #expect(core.takeRequests(nowMs: 0).requests[2]?.maxRecords == 1)
    }

    /// Markers, holes in a batch, missing batches: acknowledged as gaps at once.
    @Test func gapsSettleThemselves() throws {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        let batches = [
            try TestBatch.bytes(["a", nil, "c"], at: 2), try TestBatch.bytes(["m"], at: 5, isControl: true),
            try TestBatch.bytes(["x", "y"], at: 8),
        ]
        _ = core.fetched(.success(Self.answer(batches, [(1...5, 1), (6...8, 2), (9...9, 3)])), from: 1, nowMs: 0)
        let lent = try Self.batches(&core)
        #expect(lent.map(\.offsets) == [2...4, 8...8, 9...9])
        #expect(lent.map(\.deliveryCount) == [1, 2, 3])
        for batch in lent { core.acknowledge(batch, batch.offsets, as: .accept) }
        #expect(
            Self.acknowledgements(core.takeRequests(nowMs: 0).requests[1]) == [
                "0: 1-1 [0]", "0: 2-2 [1]", "0: 3-3 [0]", "0: 4-4 [1]", "0: 5-7 [0]", "0: 8-9 [1]",
            ]
        )
    }

    @Test func damagedBatchesAreRejected() throws {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        var bad = try TestBatch.bytes(["a", "b"], at: 0)
        bad.setInteger(UInt8(0x7F), at: bad.writerIndex - 2)
        _ = core.fetched(
            .success(Self.answer([bad, try TestBatch.bytes(["c"], at: 2)], [(0...2, 1)])),
            from: 1,
            nowMs: 0
        )
        let error = #expect(throws: KafkaClientError.self) { try core.take()?.get() }
        #expect(error?.code == .corruptBatch)
        let lent = try Self.batches(&core)
        #expect(lent.map(\.offsets) == [2...2])
        #expect(Self.acknowledgements(core.takeRequests(nowMs: 0).requests[1]) == ["0: 0-1 [3]"])
    }

    /// Bytes that are cut, or are no batches: whoever gets the records next may have more luck.
    @Test func whatCannotBeSeenIsReleased() throws {
        for bytes in [
            try TestBatch.bytes(["c", "d"], at: 2).getSlice(at: 0, length: 40) ?? ByteBuffer(),
            ByteBuffer(repeating: 0xFF, count: 80),
        ] {
            var core = Self.core()
            _ = core.takeRequests(nowMs: 0)
            let good = try TestBatch.bytes(["a", "b"], at: 0)
            _ = core.fetched(.success(Self.answer([good, bytes], [(0...3, 1)])), from: 1, nowMs: 0)
            var lent: [SharedBatch] = []
            while let next = core.take() { if case .success(let batch) = next { lent.append(batch) } }
            #expect(lent.map(\.offsets) == [0...1])
            #expect(Self.acknowledgements(core.takeRequests(nowMs: 0).requests[1]) == ["0: 2-3 [2]"])
        }
    }

    @Test(
        arguments: [
            [[5, 3]], [[0, .max]], [[-3, -1]], [[3, 4], [4, 5]], [[7, 8], [1, 2]], [[.min, .max]],
        ] as [[[Int64]]]
    )
    func nonsenseIsNotBelieved(ranges: [[Int64]]) {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        var response = Self.answer([], [])
        response.responses[0].partitions[0].acquiredRecords = ranges.map {
            .init(firstOffset: $0[0], lastOffset: $0[1], deliveryCount: -1)
        }
        _ = core.fetched(.success(response), from: 1, nowMs: 0)
        let error = #expect(throws: KafkaClientError.self) { try core.take()?.get() }
        #expect(error?.code == .protocolViolation)
        #expect(Self.acknowledgements(core.takeRequests(nowMs: 0).requests[1]).isEmpty)
    }

    @Test func refusedAcknowledgementsAreTold() throws {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        _ = core.fetched(
            .success(Self.answer([try TestBatch.bytes(["a", "b"], at: 0)], [(0...1, 1)])),
            from: 1,
            nowMs: 0
        )
        for batch in try Self.batches(&core) { core.acknowledge(batch, batch.offsets, as: .accept) }
        _ = core.takeRequests(nowMs: 0)
        _ = core.fetched(.success(Self.answer([], [], acknowledged: .invalidRecordState)), from: 1, nowMs: 0)
        let failures = core.takeFailures()
        #expect(failures.map(\.count) == [2] && failures[0].partition == Self.t0)
        #expect(failures.first?.error.brokerError == .invalidRecordState)
        #expect(core.takeFailures().isEmpty)
    }

    /// The session is gone, and with it what was being told; another is opened, without acknowledgements.
    @Test func aLostSessionIsOpenedAgain() throws {
        for outcome: Result<ShareFetchResponse, KafkaClientError> in [
            .failure(KafkaClientError(.timedOut, "late")),
            .success(ShareFetchResponse(errorCode: .shareSessionNotFound)),
        ] {
            var core = Self.core()
            _ = core.takeRequests(nowMs: 0)
            let lend = Self.answer([try TestBatch.bytes(["a", "b"], at: 0)], [(0...1, 1)])
            _ = core.fetched(.success(lend), from: 1, nowMs: 0)
            let lent = try Self.batches(&core)
            core.acknowledge(lent[0], 0...0, as: .accept)
            #expect(Self.acknowledgements(core.takeRequests(nowMs: 0).requests[1]) == ["0: 0-0 [1]"])
            _ = core.fetched(outcome, from: 1, nowMs: 0)
            #expect(core.takeFailures().map(\.count) == [1])
            core.acknowledge(lent[0], 1...1, as: .accept)
            // It rests, then begins anew; what is owed waits until there is a session.
            #expect(core.takeRequests(nowMs: 0).dueMs == 100)
            let again = try #require(core.takeRequests(nowMs: 100).requests[1])
            #expect(again.shareSessionEpoch == 0 && Self.acknowledgements(again).isEmpty)
            #expect(again.topics.flatMap(\.partitions).count == 1)
            _ = core.fetched(.success(Self.answer([], [])), from: 1, nowMs: 100)
            #expect(Self.acknowledgements(core.takeRequests(nowMs: 100).requests[1]) == ["0: 1-1 [1]"])
        }
    }

    /// A partition goes to another leader, or to other members: what is owed goes to whoever lent it.
    @Test func debtsStayWithTheLender() throws {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        _ = core.fetched(.success(Self.answer([try TestBatch.bytes(["a"], at: 0)], [(0...0, 1)])), from: 1, nowMs: 0)
        for batch in try Self.batches(&core) { core.acknowledge(batch, batch.offsets, as: .reject) }
        core.assign([Self.place1: Self.t1])
        core.learnLeaders { _ in 2 }
        let request = try #require(core.takeRequests(nowMs: 0).requests[1])
        #expect(Self.acknowledgements(request) == ["0: 0-0 [3]"] && request.maxWaitMs == 0)
        #expect(request.forgottenTopicsData == [.init(topicId: Self.id, partitions: [0])])
        _ = core.fetched(.success(Self.answer([], [])), from: 1, nowMs: 0)
        #expect(core.takeRequests(nowMs: 0).requests[1] == nil, "there is nothing more to say to it")
    }

    @Test func errorsOfPartitions() throws {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        var moved = Self.answer([], [])
        moved.responses[0].partitions[0].errorCode = .notLeaderOrFollower
        moved.responses[0].partitions[0].currentLeader = .init(leaderId: 2, leaderEpoch: 7)
        let effects = core.fetched(.success(moved), from: 1, nowMs: 0)
        #expect(effects.refreshesMetadata && !effects.hasNews)
        #expect(effects.hints.map(\.partition) == [Self.t0])
        #expect(effects.hints.map(\.leader) == [2] && effects.hints.map(\.epoch) == [7])
        #expect(core.takeRequests(nowMs: 0).dueMs == 100, "not asked again at once")
        var refused = Self.answer([], [], partition: 1)
        refused.responses[0].partitions[0].errorCode = .topicAuthorizationFailed
        #expect(core.fetched(.success(refused), from: 2, nowMs: 0).hasNews)
        let error = #expect(throws: KafkaClientError.self) { try core.take()?.get() }
        #expect(error?.brokerError == .topicAuthorizationFailed)
    }

    @Test func theEnd() throws {
        var core = Self.core()
        _ = core.takeRequests(nowMs: 0)
        _ = core.fetched(
            .success(Self.answer([try TestBatch.bytes(["a", "b", "c"], at: 0)], [(0...2, 1)])),
            from: 1,
            nowMs: 0
        )
        // Broker 2 has not answered: its session cannot be closed.
        let lent = try Self.batches(&core)
        core.acknowledge(lent[0], 0...1, as: .accept)
        let requests = core.close()
        #expect(Set(requests.keys) == [1])
        let request = try #require(requests[1])
        #expect(request.groupId == "g" && request.memberId == "me" && request.shareSessionEpoch == -1)
        let partitions = try #require(request.topics.first?.partitions)
        #expect(partitions.map(\.partitionIndex) == [0])
        #expect(partitions[0].acknowledgementBatches == [.init(firstOffset: 0, lastOffset: 1, acknowledgeTypes: [1])])
        var answer = ShareAcknowledgeResponse()
        answer.responses = [
            .init(topicId: Self.id, partitions: [.init(partitionIndex: 0, errorCode: .invalidRecordState)])
        ]
        core.closed(.success(answer), at: 1)
        #expect(core.takeFailures().map(\.count) == [2])
        #expect(core.close().isEmpty)
    }

    @Test func anEndWithoutAnAnswer() throws {
        for outcome: Result<ShareAcknowledgeResponse, KafkaClientError> in [
            .failure(KafkaClientError(.timedOut, "late")), .success(ShareAcknowledgeResponse()),
            .success(ShareAcknowledgeResponse(errorCode: .invalidShareSessionEpoch)),
        ] {
            var core = Self.core { _ in 1 }
            _ = core.takeRequests(nowMs: 0)
            _ = core.fetched(
                .success(Self.answer([try TestBatch.bytes(["a"], at: 0)], [(0...0, 1)])),
                from: 1,
                nowMs: 0
            )
            for batch in try Self.batches(&core) { core.acknowledge(batch, batch.offsets, as: .accept) }
            #expect(core.close().count == 1)
            core.closed(outcome, at: 1)
            #expect(core.takeFailures().map(\.count) == [1])
        }
    }
}
