package import KafkaMessages
import KafkaWire
import NIOCore

extension ShareConsumerCore {
    /// Takes in what came of a fetch.
    package mutating func fetched(
        _ outcome: Result<ShareFetchResponse, KafkaClientError>,
        from node: Int32,
        nowMs: Int64
    ) -> Effects {
        var effects = Effects()
        guard let acknowledged = flights.removeValue(forKey: node) else { return effects }
        switch outcome {
        case .failure(let error):
            lose(acknowledged, error)
            sessions[node]?.lost()
            tire(node, nowMs)
            effects.refreshesMetadata = error.refreshesMetadata
            if !error.isRetriable, error.code != .timedOut { errors.append(error) }
        case .success(let response):
            sessions[node]?.received(response.errorCode)
            guard response.errorCode == .none else {
                let error = KafkaClientError(
                    "Broker \(node) refuses a fetch of share group '\(configuration.groupID)'",
                    response.errorCode,
                    detail: response.errorMessage
                )
                lose(acknowledged, error)
                tire(node, nowMs)
                effects.refreshesMetadata = response.errorCode.refreshesMetadata
                if !Self.isPassing(response.errorCode) { errors.append(error) }
                break
            }
            let hasFailed = take(response, acknowledged, from: node, &effects)
            // Whoever has nothing but errors to say says so at once: it is not asked again at once.
            if hasFailed, queue.isEmpty { tire(node, nowMs) } else { resting[node] = nil }
        }
        effects.hasNews = !queue.isEmpty || !errors.isEmpty || !refused.isEmpty
        return effects
    }

    /// Whether an error passes by itself: another session is opened, and a member that is fenced hears of it by its
    /// heartbeat.
    private static func isPassing(_ error: ErrorCode) -> Bool {
        switch error {
        case .shareSessionNotFound, .invalidShareSessionEpoch, .shareSessionLimitReached, .unknownMemberId: true
        default: error.isRetriable
        }
    }

    /// - Returns: whether a partition could not be read.
    private mutating func take(
        _ response: ShareFetchResponse,
        _ acknowledged: Acknowledged,
        from node: Int32,
        _ effects: inout Effects
    ) -> Bool {
        var unanswered = acknowledged
        var hasFailed = false
        for topic in response.responses {
            for data in topic.partitions {
                let place = SharePlace(topicID: topic.topicId, partition: data.partitionIndex)
                guard let partition = known[place] else { continue }
                if let runs = unanswered.removeValue(forKey: place), data.acknowledgeErrorCode != .none {
                    refuse(runs, of: partition, data.acknowledgeErrorCode, data.acknowledgeErrorMessage)
                }
                if data.currentLeader.leaderId >= 0 {
                    effects.hints.append(
                        .init(
                            partition: partition,
                            leader: data.currentLeader.leaderId,
                            epoch: data.currentLeader.leaderEpoch
                        )
                    )
                }
                guard data.errorCode == .none else {
                    hasFailed = true
                    fail(partition, data.errorCode, data.errorMessage, &effects)
                    continue
                }
                take(data, of: partition, at: place, from: node)
            }
        }
        lose(unanswered, .leftOut(by: node))
        return hasFailed
    }

    private mutating func take(
        _ data: ShareFetchResponse.PartitionData,
        of partition: TopicPartition,
        at place: SharePlace,
        from node: Int32
    ) {
        var reader = ShareFetchReader(
            checksChecksums: configuration.checksChecksums,
            decompressionLimit: configuration.maxDecompressedBytes
        )
        guard reader.read(data) else {
            errors.append(
                KafkaClientError(
                    .protocolViolation,
                    "Broker \(node) lent records of \(partition) whose offsets make no sense."
                )
            )
            return
        }
        for range in reader.acquired { ledger.acquire(range, of: place, from: node) }
        for settlement in reader.settlements {
            ledger.settle(settlement.offsets, as: settlement.outcome, of: place, from: node)
        }
        for piece in reader.pieces {
            queue.append(
                SharedBatch(
                    piece.view,
                    piece.offsets,
                    deliveryCount: piece.deliveryCount,
                    of: partition,
                    at: place,
                    from: node,
                    decompressionLimit: configuration.maxDecompressedBytes
                )
            )
        }
        if let (offset, error) = reader.damage { errors.append(.corrupt(partition, at: offset, error)) }
    }

    private mutating func fail(
        _ partition: TopicPartition,
        _ code: ErrorCode,
        _ detail: String?,
        _ effects: inout Effects
    ) {
        effects.refreshesMetadata = effects.refreshesMetadata || code.refreshesMetadata
        guard !code.isRetriable, !code.refreshesMetadata else { return }
        errors.append(KafkaClientError("\(partition) cannot be read in a share group", code, detail: detail))
    }

    private mutating func tire(_ node: Int32, _ nowMs: Int64) {
        let failures = (resting[node]?.failures ?? 0) + 1
        let pause = max(1, backoff.pause(afterFailures: failures, spread: 0.5).milliseconds)
        resting[node] = (nowMs + pause, failures)
    }

    // MARK: Acknowledgements that fail

    mutating func refuse(
        _ runs: [ShareLedger.Run],
        of partition: TopicPartition,
        _ code: ErrorCode,
        _ detail: String?
    ) {
        let error = KafkaClientError("Records of \(partition) were not acknowledged", code, detail: detail)
        refused.append(.init(partition: partition, count: runs.reduce(0) { $0 &+ $1.count }, error: error))
    }

    mutating func lose(_ acknowledged: Acknowledged, _ error: KafkaClientError) {
        for (place, runs) in acknowledged.sorted(by: { $0.key < $1.key }) {
            guard let partition = known[place] else { continue }
            refused.append(.init(partition: partition, count: runs.reduce(0) { $0 &+ $1.count }, error: error))
        }
    }
}

extension KafkaClientError {
    /// A broker was told of records, and did not answer for them.
    static func leftOut(by node: Int32) -> KafkaClientError {
        KafkaClientError(.protocolViolation, "Broker \(node) left out what became of them.")
    }
}
