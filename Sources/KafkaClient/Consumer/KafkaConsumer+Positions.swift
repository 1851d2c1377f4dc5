import KafkaMessages
import KafkaTransport
import Logging
import Synchronization

extension KafkaConsumer {
    /// Looks up where to start in partitions of one leader.
    func lookUp(_ lookUps: [ConsumerCore<FetchedRecords>.LookUp], at leader: Int32) async {
        let deadline = Deadline.after(cluster.configuration.request.timeout)
        let first = lookUps.map { lookUp in
            OffsetQuery(
                partition: lookUp.partition,
                timestamp: lookUp.start.listOffsetsTimestamp,
                leaderEpoch: lookUp.leaderEpoch
            )
        }
        // A distance from the end must not lead below the beginning.
        let second = lookUps.filter { $0.start.countsFromEnd }.map { lookUp in
            OffsetQuery(
                partition: lookUp.partition,
                timestamp: OffsetQuery.Timestamp.earliest,
                leaderEpoch: lookUp.leaderEpoch
            )
        }
        var answers: [TopicPartition: OffsetAnswer] = [:]
        var beginnings: [TopicPartition: OffsetAnswer] = [:]
        do {
            answers = try await ask(first, of: leader, deadline: deadline)
            if !second.isEmpty {
                beginnings = try await ask(second, of: leader, deadline: deadline)
            }
        } catch {
            logger.debug("Offsets could not be looked up", metadata: ["node": "\(leader)", "error": "\(error)"])
            guard error.isRetriable || error.code == .cancelled else {
                state.withLock { state in
                    for lookUp in lookUps where state.core.isCurrent(lookUp.partition, generation: lookUp.generation) {
                        state.core.fail(lookUp.partition, error)
                    }
                }
                delivery.notify()
                return
            }
        }
        let nowMs = MonotonicClock.nowMs
        let effects = state.withLock { state in
            var effects = ConsumerCore<FetchedRecords>.Effects()
            for lookUp in lookUps {
                let found = lookUp.found(answers[lookUp.partition], beginning: beginnings[lookUp.partition])
                effects.merge(state.core.lookedUp(lookUp, found, nowMs: nowMs))
            }
            return effects
        }
        act(on: effects)
        positions.notify()
        room.notify()
    }

    private func ask(
        _ queries: [OffsetQuery],
        of leader: Int32,
        deadline: Deadline
    ) async throws(KafkaClientError) -> [TopicPartition: OffsetAnswer] {
        try await cluster.offsets(
            of: queries,
            from: leader,
            isolationLevel: configuration.isolationLevel,
            deadline: deadline
        )
    }

    /// Asks a leader whether its log still holds what was read (KIP-320).
    func check(_ checks: [ConsumerCore<FetchedRecords>.Check], at leader: Int32) async {
        let deadline = Deadline.after(cluster.configuration.request.timeout)
        var request = OffsetForLeaderEpochRequest()
        request.replicaId = -1
        request.topics = grouped(checks, by: \.partition.topic).map { name, checks in
            var topic = OffsetForLeaderEpochRequest.OffsetForLeaderTopic()
            topic.topic = name
            topic.partitions = checks.map { check in
                var partition = OffsetForLeaderEpochRequest.OffsetForLeaderPartition()
                partition.partition = check.partition.partition
                partition.currentLeaderEpoch = check.leaderEpoch
                partition.leaderEpoch = check.positionEpoch
                return partition
            }
            return topic
        }
        typealias Found = ConsumerCore<FetchedRecords>.Found
        var found: [TopicPartition: Found] = [:]
        var missing = Found.lost
        do {
            let response = try await cluster.send(request, to: .node(leader), deadline: deadline)
            for topic in response.topics {
                for partition in topic.partitions {
                    found[TopicPartition(topic: topic.topic, partition: partition.partition)] =
                        if partition.errorCode != .none {
                            .error(partition.errorCode)
                        } else if partition.endOffset < 0 {
                            .nothing
                        } else {
                            .offset(partition.endOffset, epoch: partition.leaderEpoch)
                        }
                }
            }
        } catch {
            logger.debug("Positions could not be checked", metadata: ["node": "\(leader)", "error": "\(error)"])
            if error.code == .unsupportedByBroker {
                missing = .error(.unsupportedVersion)
            }
        }
        let nowMs = MonotonicClock.nowMs
        let wallClockMs = WallClock.nowMs
        let effects = state.withLock { state in
            var effects = ConsumerCore<FetchedRecords>.Effects()
            for check in checks {
                let answer = found[check.partition] ?? missing
                effects.merge(state.core.checked(check, answer, nowMs: nowMs, wallClockMs: wallClockMs))
            }
            return effects
        }
        act(on: effects)
        positions.notify()
        room.notify()
    }

    /// Does what an event of the core calls for.
    func act(on effects: ConsumerCore<FetchedRecords>.Effects) {
        if effects.refreshesMetadata {
            cluster.requestMetadataRefresh()
        }
        if effects.delivers {
            delivery.notify()
        }
        if effects.repositions {
            positions.notify()
        }
    }
}

extension StartPosition {
    /// The timestamp of a ListOffsets request that leads there.
    fileprivate var listOffsetsTimestamp: Int64 {
        switch self {
        case .beginning: OffsetQuery.Timestamp.earliest
        case .end, .beforeEnd, .offset, .committed: OffsetQuery.Timestamp.latest
        case .timestamp(let ms): max(0, ms)
        }
    }

    fileprivate var countsFromEnd: Bool {
        if case .beforeEnd = self { true } else { false }
    }
}

extension ConsumerCore.LookUp {
    /// What the answers mean for this look-up.
    fileprivate func found(_ answer: OffsetAnswer?, beginning: OffsetAnswer?) -> ConsumerCore.Found {
        guard let answer else { return .lost }
        guard answer.error == .none else { return .error(answer.error) }
        guard answer.offset >= 0 else { return .nothing }
        guard case .beforeEnd(let count) = start else { return .offset(answer.offset, epoch: answer.leaderEpoch) }
        guard let beginning else { return .lost }
        guard beginning.error == .none else { return .error(beginning.error) }
        return .offset(max(beginning.offset, answer.offset - max(0, count)), epoch: -1)
    }
}
