import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import Synchronization

/// The conversation of a transactional producer with its coordinators.
extension Sender {
    /// The pause while the coordinator finishes the last transaction, which takes it few milliseconds.
    private static let soon: Duration = .milliseconds(20)

    func withTransaction<Result: Sendable>(
        _ body: (inout TransactionManager) throws(KafkaClientError) -> Result
    ) throws(KafkaClientError) -> Result {
        let outcome: Swift.Result<Result, KafkaClientError> = state.withLock { state in
            guard var transaction = state.accumulator.transaction.take() else {
                return .failure(
                    KafkaClientError(.invalidArgument, "This producer has no transactions: set transactional.id.")
                )
            }
            defer { state.accumulator.transaction = transaction }
            do throws(KafkaClientError) {
                return .success(try body(&transaction))
            } catch {
                return .failure(error)
            }
        }
        signal.notify()
        return try outcome.get()
    }

    var identity: ProducerIdentity {
        state.withLock { $0.accumulator.identity } ?? ProducerIdentity(id: -1, epoch: -1)
    }

    // MARK: Requests

    /// Sends a request to a coordinator until it is done, the transaction or the producer has failed, or time is up.
    ///
    /// - Parameters:
    ///   - isWanted: whether another attempt makes sense.
    ///   - error: what the answer says.
    func coordinate<Request: KafkaRequest>(
        _ what: String,
        _ request: Request,
        to finder: CoordinatorFinder,
        atMost: Int16,
        deadline: Deadline,
        adapt: (inout Request, Int16) throws(KafkaClientError) -> Void = { (_, _) throws(KafkaClientError) in },
        isWanted: () -> Bool = { true },
        error: (Request.Response) -> ErrorCode
    ) async throws(KafkaClientError) -> Request.Response {
        var attempts = 0
        while true {
            guard isWanted() else { throw .wasCancelled }
            attempts += 1
            var pause = backoff.pause(afterFailures: attempts)
            var failure: KafkaClientError
            do throws(KafkaClientError) {
                let response = try await finder.send(request, atMost: atMost, deadline: deadline, adapt: adapt)
                let code = error(response)
                failure = KafkaClientError(what, code)
                switch TransactionManager.reaction(to: code, raisesEpochs: true) {
                case .done:
                    return response
                case .sendAgain(let soon):
                    if soon, attempts < 50 { pause = Self.soon }
                    finder.note(code)
                case .abort:
                    try withTransaction { (transaction) throws(KafkaClientError) in transaction.spoil(failure) }
                    throw failure
                case .fail:
                    failure = Self.explained(failure)
                    try withTransaction { (transaction) throws(KafkaClientError) in transaction.fail(failure) }
                    throw failure
                }
            } catch let caught {
                guard mayPass(caught) else { throw caught }
                failure = caught
            }
            cluster.logger.debug("Trying again", metadata: ["error": "\(failure)"])
            guard await cluster.sleep(pause, deadline: deadline) else {
                throw Task.isCancelled ? .wasCancelled : failure
            }
        }
    }

    private func mayPass(_ error: KafkaClientError) -> Bool {
        if error.code == .connectionFailed || error.code == .timedOut { return true }
        guard let code = error.brokerError else { return false }
        // Errors of look-ups come here too; those of the request itself have been dealt with.
        return code.isRetriable
    }

    private static func explained(_ error: KafkaClientError) -> KafkaClientError {
        switch error.brokerError {
        case .producerFenced, .invalidProducerEpoch:
            KafkaClientError(
                .fenced,
                "Another producer with the same transactional.id has taken over; this one can only be closed.",
                brokerError: error.brokerError,
                cause: error
            )
        default:
            error
        }
    }

    // MARK: Steps

    /// Asks for the identity that belongs to the transactional id, or for the next epoch of the one that it has.
    func initialize(next: Bool, deadline: Deadline) async throws(KafkaClientError) {
        guard let coordinator, let id = configuration.transactionalID else { return }
        var request = InitProducerIdRequest()
        request.transactionalId = id
        request.transactionTimeoutMs = configuration.transactionTimeout.milliseconds32
        if next {
            request.producerId = identity.id
            request.producerEpoch = identity.epoch
        }
        let response = try await coordinate(
            "Transactional id '\(id)' got no producer id",
            request,
            to: coordinator,
            atMost: 5,
            deadline: deadline,
            adapt: { (request: inout InitProducerIdRequest, version) throws(KafkaClientError) in
                if version < 3 {
                    request.producerId = -1
                    request.producerEpoch = -1
                }
            },
            error: \.errorCode
        )
        let granted = ProducerIdentity(id: response.producerId, epoch: response.producerEpoch)
        state.withLock { $0.accumulator.restart(as: granted) }
        signal.notify()
    }

    /// Whether the cluster has `transaction.version` 2, as the coordinator tells.
    func learnTransactionVersion(deadline: Deadline) async throws(KafkaClientError) {
        guard let coordinator else { return }
        let node = try await cluster.coordinator(of: coordinator.key, deadline: deadline)
        let connection = try await cluster.connection(to: .node(node.id), deadline: deadline)
        let level = connection.apiVersions.finalizedFeatures.first { $0.name == "transaction.version" }?.maxVersionLevel
        addsImplicitly.store((level ?? 0) >= 2, ordering: .relaxed)
    }

    /// Tells the coordinator about partitions that the transaction is about to touch.
    func add(_ partitions: [TopicPartition]) async {
        guard let coordinator, let id = configuration.transactionalID else { return }
        let identity = identity
        var request = AddPartitionsToTxnRequest()
        request.v3AndBelowTransactionalId = id
        request.v3AndBelowProducerId = identity.id
        request.v3AndBelowProducerEpoch = identity.epoch
        request.v3AndBelowTopics = grouped(partitions, by: \.topic).map { topic, partitions in
            AddPartitionsToTxnRequest.AddPartitionsToTxnTopic(name: topic, partitions: partitions.map(\.partition))
        }
        do throws(KafkaClientError) {
            _ = try await coordinate(
                "Partitions were not added to the transaction of '\(id)'",
                request,
                to: coordinator,
                atMost: 3,
                deadline: .after(configuration.deliveryTimeout),
                isWanted: { state.withLock { $0.accumulator.transaction?.takesPartitions } ?? false },
                error: \.worst
            )
            try withTransaction { (transaction) throws(KafkaClientError) in transaction.partitionsAdded() }
        } catch {
            state.withLock { state in
                state.accumulator.transaction?.spoil(error)
                state.accumulator.transaction?.partitionsNotAdded()
            }
            signal.notify()
        }
    }

    private func waitUntilNothingIsAdded(deadline: Deadline) async throws(KafkaClientError) {
        while true {
            let seen = signal.version
            guard state.withLock({ $0.accumulator.transaction?.isAdding }) == true else { return }
            guard await signal.wait(past: seen, untilMs: deadline.ms) else {
                if Task.isCancelled { throw .wasCancelled }
                throw KafkaClientError(
                    .timedOut,
                    "The coordinator of '\(configuration.transactionalID ?? "")' has not answered for partitions in time."
                )
            }
        }
    }

    /// Ends the transaction at the coordinator, once no batch is under way.
    func end(deadline: Deadline) async throws(KafkaClientError) {
        guard let coordinator, let id = configuration.transactionalID else { return }
        let implicit = addsImplicitly.load(ordering: .relaxed)
        try await waitUntilNothingIsAdded(deadline: deadline)
        let ending = try withTransaction { (transaction) throws(KafkaClientError) in
            guard let ending = transaction.ending(endRaisesEpoch: implicit) else {
                throw transaction.failure ?? .wasCancelled
            }
            return ending
        }
        if ending.isKnown {
            let identity = identity
            let request = EndTxnRequest(
                transactionalId: id,
                producerId: identity.id,
                producerEpoch: identity.epoch,
                committed: ending.commits
            )
            let response = try await coordinate(
                "The transaction of '\(id)' was not \(ending.commits ? "committed" : "aborted")",
                request,
                to: coordinator,
                atMost: implicit ? 5 : 4,
                deadline: deadline,
                error: \.errorCode
            )
            if response.producerId >= 0, response.producerEpoch >= 0 {
                let granted = ProducerIdentity(id: response.producerId, epoch: response.producerEpoch)
                state.withLock { $0.accumulator.restart(as: granted) }
            }
        }
        if ending.raisesEpoch { try await initialize(next: true, deadline: deadline) }
        try withTransaction { (transaction) throws(KafkaClientError) in transaction.ended() }
    }

    /// Commits offsets of a group as part of the transaction.
    func commit(
        _ offsets: [TopicPartition: OffsetAndMetadata],
        _ group: GroupMetadata,
        deadline: Deadline
    ) async throws(KafkaClientError) {
        guard let coordinator, let id = configuration.transactionalID else { return }
        let identity = identity
        let implicit = addsImplicitly.load(ordering: .relaxed)
        if !implicit {
            let request = AddOffsetsToTxnRequest(
                transactionalId: id,
                producerId: identity.id,
                producerEpoch: identity.epoch,
                groupId: group.groupID
            )
            _ = try await coordinate(
                "Offsets of group '\(group.groupID)' were not added to the transaction of '\(id)'",
                request,
                to: coordinator,
                atMost: 4,
                deadline: deadline,
                error: \.errorCode
            )
        }
        let request = TxnOffsetCommitRequest(
            transactionalId: id,
            groupId: group.groupID,
            producerId: identity.id,
            producerEpoch: identity.epoch,
            generationId: group.generation,
            memberId: group.memberID,
            groupInstanceId: group.instanceID,
            topics: grouped(offsets.sorted { $0.key < $1.key }, by: \.key.topic).map { topic, entries in
                TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic(
                    name: topic,
                    partitions: entries.map { partition, offset in
                        TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition(
                            partitionIndex: partition.partition,
                            committedOffset: offset.offset,
                            committedLeaderEpoch: offset.leaderEpoch ?? -1,
                            committedMetadata: offset.metadata
                        )
                    }
                )
            }
        )
        _ = try await coordinate(
            "Offsets of group '\(group.groupID)' were not committed in the transaction of '\(id)'",
            request,
            to: CoordinatorFinder(cluster: cluster, key: CoordinatorKey(.group, group.groupID)),
            atMost: implicit ? 5 : 4,
            deadline: deadline,
            adapt: GroupRequests.adapt(_:version:),
            error: \.worst
        )
    }
}

extension AddPartitionsToTxnResponse {
    /// The error that decides: one partition's own comes before what it did to the others.
    fileprivate var worst: ErrorCode {
        let codes = resultsByTopicV3AndBelow.flatMap { $0.resultsByPartition.map(\.partitionErrorCode) }
        return codes.first { $0 != .none && $0 != .operationNotAttempted } ?? codes.first { $0 != .none } ?? .none
    }
}

extension TxnOffsetCommitResponse {
    /// The first error of a partition.
    fileprivate var worst: ErrorCode {
        topics.lazy.flatMap { $0.partitions.map(\.errorCode) }.first { $0 != .none } ?? .none
    }
}
