import KafkaClient
import KafkaMessages
import KafkaWire
import NIOCore
import Testing

/// What becomes of the bytes of a fetch answer: from the message to the batches that a user sees.
@Suite struct ChunkReaderTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    /// A batch of records `base…`, as a log holds it.
    private func batch(at base: Int64, count: Int = 2, producer: Int64 = -1) throws -> ByteBuffer {
        var builder = RecordBatchBuilder()
        for index in 0..<count {
            let value = Array("\(base + Int64(index))".utf8)
            let isIn = value.withUnsafeBytes { builder.append(key: nil, value: $0, timestampMs: 1) }
            #expect(isIn)
        }
        var bytes = try builder.finish(
            producerId: producer,
            producerEpoch: producer < 0 ? -1 : 0,
            baseSequence: producer < 0 ? -1 : 0,
            isTransactional: producer >= 0
        )
        RecordBatchView.patch(baseOffset: base, leaderEpoch: 3, in: &bytes)
        return bytes
    }

    private func marker(at offset: Int64, producer: Int64, isCommit: Bool) throws -> ByteBuffer {
        var bytes = try EndTransactionMarker(isCommit: isCommit, coordinatorEpoch: 0)
            .batch(producerId: producer, producerEpoch: 0, timestampMs: 1)
        RecordBatchView.patch(baseOffset: offset, leaderEpoch: 3, in: &bytes)
        return bytes
    }

    private func response(
        _ records: [ByteBuffer],
        aborted: [(producer: Int64, first: Int64)] = [],
        change: (inout FetchResponse.PartitionData) -> Void = { _ in }
    ) -> FetchResponse {
        var bytes = ByteBuffer()
        for var batch in records {
            bytes.writeBuffer(&batch)
        }
        var data = FetchResponse.PartitionData()
        data.highWatermark = 100
        data.records = .bytes(bytes)
        data.abortedTransactions = aborted.map { transaction in
            var item = FetchResponse.AbortedTransaction()
            item.producerId = transaction.producer
            item.firstOffset = transaction.first
            return item
        }
        change(&data)
        var topic = FetchResponse.FetchableTopicResponse()
        topic.topic = "t"
        topic.partitions = [data]
        var response = FetchResponse()
        response.responses = [topic]
        return response
    }

    private func answer(_ response: FetchResponse) throws -> FetchExchange.Answer {
        try #require(
            FetchExchange.answers(response, session: FetchSession(), usesTopicIDs: false).answers.first
        )
    }

    /// The offsets of all records that a user sees when reading starts at `offset`, and where reading ends.
    private func offsets(
        _ response: FetchResponse,
        from offset: Int64 = 0,
        isolationLevel: IsolationLevel = .readUncommitted
    ) throws -> (seen: [Int64], next: Int64) {
        var core = ConsumerCore<FetchedRecords>(
            limits: .init(maxQueuedBytes: 1 << 20, maxBytes: 1 << 20, maxPartitionBytes: 1 << 20),
            policy: .none,
            backoff: Backoff(base: .zero, limit: .zero)
        )
        core.assign([(partition, .offset(offset))])
        core.metadataChanged { _ in (1, 3, .zero) }
        let planned = core.planFetch(node: 1, nowMs: 0)
        let fetch = try #require(planned)
        _ = core.fetchAnswered(fetch, [try answer(response)], nowMs: 0, wallClockMs: 0)
        guard let taken = core.take() else { return ([], offset) }
        var reader = ChunkReader(try taken.get(), isolationLevel: isolationLevel)
        var seen: [Int64] = []
        while true {
            switch reader.next() {
            case .end(let next): return (seen, next)
            case .batch(let view):
                var records = try view.records()
                while let record = try records.next() {
                    if record.offset >= reader.fromOffset { seen.append(record.offset) }
                }
            }
        }
    }

    @Test func handsOutBatchesInOrder() throws {
        let found = try offsets(response([try batch(at: 0), try batch(at: 2), try batch(at: 7)]))
        #expect(found.seen == [0, 1, 2, 3, 7, 8])
        #expect(found.next == 9)
    }

    @Test func leavesOutBatchesBelowTheWantedOffset() throws {
        let found = try offsets(response([try batch(at: 0), try batch(at: 2)]), from: 2)
        #expect(found.seen == [2, 3])
    }

    @Test func aCutTailIsNoError() throws {
        let whole = try batch(at: 0)
        let next = try batch(at: 2)
        for length in 0..<next.readableBytes {
            let cut = try #require(next.getSlice(at: 0, length: length))
            let found = try offsets(response([whole, cut]))
            #expect(found.seen == [0, 1])
            #expect(found.next == 2)
        }
    }

    @Test func anUnreadableStartIsReported() throws {
        var bad = try batch(at: 0)
        bad.setInteger(Int8(9), at: 16)
        #expect(try answer(response([bad])).unreadable == .unsupportedMagic(9))
        #expect(throws: KafkaClientError.self) { try offsets(response([bad])) }
        // What lies before it is good, and is handed out first.
        var later = try batch(at: 2)
        later.setInteger(Int8(9), at: 16)
        #expect(try offsets(response([try batch(at: 0), later])).seen == [0, 1])
    }

    @Test func markersAreNeverSeenAndPositionsPassThem() throws {
        let answer = response([
            try batch(at: 0, producer: 9), try marker(at: 2, producer: 9, isCommit: true), try batch(at: 3),
            try marker(at: 5, producer: 9, isCommit: false),
        ])
        let found = try offsets(answer)
        #expect(found.seen == [0, 1, 3, 4])
        #expect(found.next == 6)
    }

    @Test func abortedRecordsAreHiddenFromWhoReadsCommitted() throws {
        let answer = response(
            [
                try batch(at: 0, producer: 9), try batch(at: 2, producer: 8),
                try marker(at: 4, producer: 9, isCommit: false), try batch(at: 5, producer: 9),
                try marker(at: 7, producer: 8, isCommit: true), try marker(at: 8, producer: 9, isCommit: true),
            ],
            aborted: [(producer: 9, first: 0)]
        )
        #expect(try offsets(answer, isolationLevel: .readCommitted).seen == [2, 3, 5, 6])
        #expect(try offsets(answer).seen == [0, 1, 2, 3, 5, 6])
        #expect(try offsets(answer, isolationLevel: .readCommitted).next == 9)
    }

    @Test func errorsNameTheNewLeader() throws {
        let failed = response([]) { data in
            data.errorCode = .notLeaderOrFollower
            data.currentLeader.leaderId = 4
            data.currentLeader.leaderEpoch = 9
        }
        let found = FetchExchange.answers(failed, session: FetchSession(), usesTopicIDs: false)
        #expect(found.hints.map(\.leader) == [4] && found.hints.map(\.epoch) == [9])
        #expect(found.answers.map(\.error) == [.notLeaderOrFollower])
        #expect(found.answers.first?.data == nil)
    }

    @Test func topicsTheSessionDoesNotKnowAreIgnored() throws {
        let found = FetchExchange.answers(response([]), session: FetchSession(), usesTopicIDs: true)
        #expect(found.answers.isEmpty)
    }

    @Test func requestsNameTopicsOnce() {
        var session = FetchSession()
        let targets = [
            FetchTarget(partition: partition, offset: 5, lastFetchedEpoch: 2, maxBytes: 10),
            FetchTarget(partition: TopicPartition(topic: "u", partition: 1), offset: 0, maxBytes: 10),
            FetchTarget(partition: TopicPartition(topic: "t", partition: 3), offset: 1, maxBytes: 10),
        ]
        let plan = FetchPlanner.Plan(targets: targets, maxBytes: 100, minBytes: 1, maxWaitMs: 7)
        let part = session.next(targets, offersTopicIDs: false)
        let request = FetchExchange.request(part, plan: plan, version: 12, isolationLevel: .readCommitted, rack: "r")
        #expect(request.topics.map(\.topic) == ["t", "u"])
        #expect(request.topics.first?.partitions.map(\.partition) == [0, 3])
        #expect(request.topics.first?.partitions.first?.lastFetchedEpoch == 2)
        #expect(request.isolationLevel == 1 && request.rackId == "r" && request.maxWaitMs == 7)
        let old = FetchExchange.request(part, plan: plan, version: 11, isolationLevel: .readCommitted, rack: "")
        #expect(old.topics.first?.partitions.first?.lastFetchedEpoch == -1)
    }
}
