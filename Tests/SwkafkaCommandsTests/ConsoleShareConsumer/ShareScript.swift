import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization

/// A broker that lends the records of a topic "t" to a share group, by script; notes what it is asked.
final class ShareScript: Sendable {
    /// A batch to lend: all of its offsets.
    struct Loan: Sendable {
        var values: [String?]
        var offset: Int64
        var deliveryCount: Int16 = 1
    }

    struct Log: Sendable {
        var heartbeats: [ShareGroupHeartbeatRequest] = []
        var fetches: [ShareFetchRequest] = []
        var closings: [ShareAcknowledgeRequest] = []

        /// What was acknowledged, in order: `first-last type`.
        var acknowledged: [String] {
            let fetched = fetches.flatMap(\.topics).flatMap(\.partitions).flatMap(\.acknowledgementBatches).map {
                "\($0.firstOffset)-\($0.lastOffset) \($0.acknowledgeTypes)"
            }
            let closed = closings.flatMap(\.topics).flatMap(\.partitions).flatMap(\.acknowledgementBatches).map {
                "\($0.firstOffset)-\($0.lastOffset) \($0.acknowledgeTypes)"
            }
            return fetched + closed
        }
    }

    static let id = KafkaUUID(high: 1, low: 2)

    private let log = Mutex(Log())
    private let loans: Mutex<[Loan]>
    /// What acknowledgements are answered with.
    private let verdict: ErrorCode

    init(_ loans: [Loan], acknowledgements verdict: ErrorCode = .none) {
        self.loans = Mutex(loans)
        self.verdict = verdict
    }

    var seen: Log { log.withLock { $0 } }

    func script() -> ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["t": 1], ids: ["t": Self.id])
        script.answer(ShareGroupDescribeRequest.self, versions: 1...1) { _, _ in ShareGroupDescribeResponse() }
        script.answer(ShareGroupHeartbeatRequest.self, versions: 1...1) { [self] request, _ in
            log.withLock { $0.heartbeats.append(request) }
            var response = ShareGroupHeartbeatResponse(memberId: request.memberId, memberEpoch: 1)
            response.heartbeatIntervalMs = 5000
            response.assignment = .init(topicPartitions: [.init(topicId: Self.id, partitions: [0])])
            return response
        }
        script.answer(ShareFetchRequest.self, versions: 1...1) { [self] request, _ in
            log.withLock { $0.fetches.append(request) }
            var data = ShareFetchResponse.PartitionData()
            data.currentLeader.leaderId = -1
            data.acknowledgeErrorCode = verdict
            if let loan = loans.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                data.records = .bytes(try TestBatch.bytes(loan.values, at: loan.offset, leaderEpoch: 4))
                let last = loan.offset + Int64(loan.values.count) - 1
                data.acquiredRecords = [
                    .init(firstOffset: loan.offset, lastOffset: last, deliveryCount: loan.deliveryCount)
                ]
            } else {
                // As a broker that waits for records.
                try await Task.sleep(for: .milliseconds(20))
            }
            return ShareFetchResponse(responses: [.init(topicId: Self.id, partitions: [data])])
        }
        script.answer(ShareAcknowledgeRequest.self, versions: 1...1) { [self] request, _ in
            log.withLock { $0.closings.append(request) }
            var response = ShareAcknowledgeResponse()
            response.responses = request.topics.map { topic in
                .init(
                    topicId: topic.topicId,
                    partitions: topic.partitions.map { .init(partitionIndex: $0.partitionIndex, errorCode: verdict) }
                )
            }
            return response
        }
        return script
    }
}
