import Foundation
import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaBroker

/// One transactional producer, request by request.
struct TransactionalClient {
    let client: TestClient
    let id: String
    var producerID: Int64 = -1
    var epoch: Int16 = -1
    var sequences: [Int32: Int32] = [:]

    init(_ client: TestClient, _ id: String = "tx", timeoutMs: Int32 = 60_000) async throws {
        self.client = client
        self.id = id
        let found = try await client.send(FindCoordinatorRequest(keyType: 1, coordinatorKeys: [id]))
        try #require(found.coordinators.map(\.errorCode) == [.none])
        try await initialise(timeoutMs: timeoutMs)
    }

    mutating func initialise(timeoutMs: Int32 = 60_000) async throws {
        let request = InitProducerIdRequest(transactionalId: id, transactionTimeoutMs: timeoutMs)
        var answer = try await client.send(request)
        while answer.errorCode == .concurrentTransactions { answer = try await client.send(request) }
        try #require(answer.errorCode == .none)
        (producerID, epoch, sequences) = (answer.producerId, answer.producerEpoch, [:])
    }

    func add(_ topic: String, _ partitions: [Int32]) async throws -> ErrorCode {
        let request = AddPartitionsToTxnRequest(
            v3AndBelowTransactionalId: id,
            v3AndBelowProducerId: producerID,
            v3AndBelowProducerEpoch: epoch,
            v3AndBelowTopics: [.init(name: topic, partitions: partitions)]
        )
        while true {
            let answer = try await client.send(request, version: 3)
            let code = answer.resultsByTopicV3AndBelow[0].resultsByPartition[0].partitionErrorCode
            if code != .concurrentTransactions { return code }
        }
    }

    mutating func produce(
        _ values: [String],
        _ topic: String = "t",
        _ partition: Int32 = 0,
        version: Int16
    ) async throws -> ErrorCode {
        let sequence = sequences[partition] ?? 0
        let records = try batch(
            values,
            // Markers bear the present time: records of another year would stand in segments of their own.
            timestampMs: Int64(Date().timeIntervalSince1970 * 1000),
            producerID: producerID,
            epoch: epoch,
            sequence: sequence,
            isTransactional: true
        )
        let request = ProduceRequest(
            transactionalId: id,
            acks: -1,
            timeoutMs: 5000,
            topicData: [.init(name: topic, partitionData: [.init(index: partition, records: .bytes(records))])]
        )
        var code = ErrorCode.notEnoughReplicas
        while code == .notEnoughReplicas {
            code = try await client.send(request, version: version).responses[0].partitionResponses[0].errorCode
        }
        if code == .none { sequences[partition] = sequence + Int32(values.count) }
        return code
    }

    mutating func end(_ isCommit: Bool, version: Int16) async throws -> ErrorCode {
        let request = EndTxnRequest(
            transactionalId: id,
            producerId: producerID,
            producerEpoch: epoch,
            committed: isCommit
        )
        let answer = try await client.send(request, version: version)
        if version >= 5, answer.errorCode == .none {
            (producerID, epoch, sequences) = (answer.producerId, answer.producerEpoch, [:])
        }
        return answer.errorCode
    }

    func state() async throws -> DescribeTransactionsResponse.TransactionState {
        try await client.send(DescribeTransactionsRequest(transactionalIds: [id])).transactionStates[0]
    }

    /// Until every marker is written.
    func settle() async throws -> String {
        while true {
            let state = try await state().transactionState
            if !state.hasPrefix("Prepare") { return state }
        }
    }
}
