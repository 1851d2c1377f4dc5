import Foundation
import KafkaClient
import KafkaMessages
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

/// Every recorded command line of Kafka's `kafka-transactions.sh`, run against a model of the recorded transactions.
///
/// Compared is standard output, lines in any order; a refused command line must be refused, and an error must be one.
@Suite(.timeLimit(.minutes(1))) struct TransactionTranscriptTests {
    /// Where we differ on purpose, and why.
    static let differences: [String: String] = [
        "global-after": "options are also taken after the subcommand"
    ]
    private static let usageErrors: Set<String> = [
        "describe-producers-no-partition", "find-hanging-none", "abort-missing-args", "no-subcommand", "unknown",
        "no-bootstrap", "no-arguments",
    ]

    /// The time of a recorded call, since which the duration of a transaction is counted.
    private static func nowMs(_ item: GoldenCase) -> Int64 {
        let cells = item.stdout.split(separator: "\n").last?.split(separator: "\t") ?? []
        let numbers = cells.dropFirst(6).prefix(2).compactMap { Int64($0.trimmingCharacters(in: .whitespaces)) }
        guard item.id.hasPrefix("describe-tx-"), numbers.count == 2 else { return 1_795_466_536_018 }
        return numbers[0] + numbers[1]
    }

    @Test func everyRecordedCommandLine() async throws {
        let cases = try GoldenCase.all("transactions")
        #expect(cases.count == 23)
        try await ScriptedCluster.with(Self.script) { cluster in
            for item in cases {
                let result = await item.run("transactions", against: cluster.address, nowMs: Self.nowMs(item))
                if let reason = Self.differences[item.id] {
                    #expect(result.status == 0, "\(item.id), \(reason): \(result)")
                    continue
                }
                #expect(result.status == (Self.usageErrors.contains(item.id) ? 2 : item.exit), "\(item.id): \(result)")
                let lines = { (text: String) in text.split(separator: "\n").sorted() }
                #expect(lines(result.output) == lines(item.stdout), "\(item.id)")
                #expect(result.errors.isEmpty == item.stderr.isEmpty, "\(item.id)")
            }
        }
    }

    @Test func descriptionsAndTheirForms() async throws {
        try await ScriptedCluster.with(Self.script) { cluster in
            let bench = CommandBench(address: cluster.address)
            let open = try await bench.run(
                "transactions",
                "describe",
                "--transactional-id",
                "tx-open",
                "--output",
                "json"
            )
            #expect(
                open.output.contains(
                    "\"timeoutMs\": 600000,\n    \"startTimeMs\": 1795466521884,\n    \"durationMs\": -"
                )
            )
            #expect(open.output.contains("\"topicPartitions\": [\n      \"txt-1\"\n    ]"))
            let missing = try await bench.run("transactions", "describe", "--transactional-id", "nope")
            #expect(missing.errors.hasPrefix("Failed to describe transaction state of transactional-id `nope`: "))
            let offset = try await bench.run(
                "transactions",
                "abort",
                "--topic",
                "txt",
                "--partition",
                "1",
                "--start-offset",
                "4"
            )
            #expect(offset == Transcript(status: 0, output: "", errors: ""))
            let refused = try await bench.run(
                "transactions",
                "abort",
                "--topic",
                "txt",
                "--partition",
                "1",
                "--producer-id",
                "9",
                "--producer-epoch",
                "0",
                "--coordinator-epoch",
                "-1"
            )
            #expect(refused.status == 1)
            #expect(refused.errors.contains("TRANSACTION_COORDINATOR_FENCED"))
        }
    }

    // MARK: The model

    private static var script: ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["txt": 2])
        script.answer(ListTransactionsRequest.self, versions: 0...1) { request, _ in
            var response = ListTransactionsResponse()
            let listed: [(String, Int64, String)] = [
                ("tx-commit", 6, "CompleteCommit"), ("tx-open", 8, "Ongoing"), ("tx-abort", 7, "CompleteCommit"),
            ]
            response.transactionStates = listed.compactMap { id, producer, state in
                guard request.durationFilter <= 0 else { return nil }
                guard request.producerIdFilters.isEmpty || request.producerIdFilters.contains(producer) else {
                    return nil
                }
                return ListTransactionsResponse.TransactionState(
                    transactionalId: id,
                    producerId: producer,
                    transactionState: state
                )
            }
            return response
        }
        script.answer(DescribeTransactionsRequest.self) { request, _ in
            DescribeTransactionsResponse(transactionStates: request.transactionalIds.map(describe))
        }
        script.answer(DescribeProducersRequest.self) { request, _ in
            DescribeProducersResponse(topics: request.topics.map(producers))
        }
        script.answer(WriteTxnMarkersRequest.self, versions: 0...1) { request, _ in
            WriteTxnMarkersResponse(markers: request.markers.map(write))
        }
        return script
    }

    private static func describe(_ id: String) -> DescribeTransactionsResponse.TransactionState {
        var state = DescribeTransactionsResponse.TransactionState(transactionalId: id)
        switch id {
        case "tx-commit", "tx-abort":
            state.producerId = id == "tx-commit" ? 6 : 7
            state.transactionState = "CompleteCommit"
            state.transactionTimeoutMs = 60_000
            state.transactionStartTimeMs = id == "tx-commit" ? 1_795_466_502_035 : 1_795_466_504_837
        case "tx-open":
            state.producerId = 8
            state.transactionState = "Ongoing"
            state.transactionTimeoutMs = 600_000
            state.transactionStartTimeMs = 1_795_466_521_884
            state.topics = [DescribeTransactionsResponse.TopicData(topic: "txt", partitions: [1])]
        default: state.errorCode = .transactionalIdNotFound
        }
        return state
    }

    private static func producers(
        _ request: DescribeProducersRequest.TopicRequest
    ) -> DescribeProducersResponse.TopicResponse {
        let partitions = request.partitionIndexes.map { index in
            var response = DescribeProducersResponse.PartitionResponse(partitionIndex: index)
            let times: [Int64] =
                index == 0 ? [1_795_466_504_629, 1_795_466_504_824] : [1_795_466_502_018, 1_795_466_504_870]
            for (offset, time) in times.enumerated() {
                var producer = DescribeProducersResponse.ProducerState(producerId: 6 + Int64(offset))
                producer.lastSequence = index == 0 ? 1 : 0
                producer.lastTimestamp = time
                response.activeProducers.append(producer)
            }
            guard index == 1 else { return response }
            var open = DescribeProducersResponse.ProducerState(producerId: 8)
            open.lastSequence = 0
            open.lastTimestamp = 1_700_000_099_000
            open.coordinatorEpoch = -1
            open.currentTxnStartOffset = 4
            response.activeProducers.append(open)
            return response
        }
        return DescribeProducersResponse.TopicResponse(name: request.name, partitions: partitions)
    }

    /// Only an abort of producer 8 is taken.
    private static func write(
        _ marker: WriteTxnMarkersRequest.WritableTxnMarker
    ) -> WriteTxnMarkersResponse.WritableTxnMarkerResult {
        let isRight = marker.producerId == 8 && !marker.transactionResult && marker.coordinatorEpoch == 0
        let topics = marker.topics.map { topic in
            WriteTxnMarkersResponse.WritableTxnMarkerTopicResult(
                name: topic.name,
                partitions: topic.partitionIndexes.map {
                    WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult(
                        partitionIndex: $0,
                        errorCode: isRight ? .none : .transactionCoordinatorFenced
                    )
                }
            )
        }
        return WriteTxnMarkersResponse.WritableTxnMarkerResult(producerId: marker.producerId, topics: topics)
    }
}
