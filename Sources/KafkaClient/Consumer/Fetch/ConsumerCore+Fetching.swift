package import KafkaMessages
package import KafkaWire

extension ConsumerCore {
    /// One partition's part of a fetch answer.
    package struct PartitionAnswer: Sendable {
        package var partition: TopicPartition
        package var error: ErrorCode
        package var highWatermark: Int64
        package var lastStableOffset: Int64
        package var logStartOffset: Int64
        /// Where the log of the leader and what we have read part ways (KIP-320).
        package var diverging: (epoch: Int32, endOffset: Int64)?
        /// The follower to read from, when the leader names one (KIP-392).
        package var preferredReplica: Int32?
        /// Whole batches, if any.
        package var data: Data?
        /// Why not even the first batch could be made out.
        package var unreadable: RecordError?

        /// The whole batches of an answer.
        package struct Data: Sendable {
            package var payload: Payload
            package var byteCount: Int
            /// The offset after the last one.
            package var nextOffset: Int64
            /// The leader epoch of the last batch.
            package var lastEpoch: Int32

            package init(payload: Payload, byteCount: Int, nextOffset: Int64, lastEpoch: Int32) {
                self.payload = payload
                self.byteCount = byteCount
                self.nextOffset = nextOffset
                self.lastEpoch = lastEpoch
            }
        }

        package init(
            partition: TopicPartition,
            error: ErrorCode = .none,
            highWatermark: Int64 = -1,
            lastStableOffset: Int64 = -1,
            logStartOffset: Int64 = -1,
            diverging: (epoch: Int32, endOffset: Int64)? = nil,
            preferredReplica: Int32? = nil,
            data: Data? = nil
        ) {
            self.partition = partition
            self.error = error
            self.highWatermark = highWatermark
            self.lastStableOffset = lastStableOffset
            self.logStartOffset = logStartOffset
            self.diverging = diverging
            self.preferredReplica = preferredReplica
            self.data = data
        }
    }

    /// Every node that some partition would be fetched from now.
    package func sources(nowMs: Int64) -> Set<Int32> {
        Set(partitions.values.lazy.filter { $0.phase != .failed }.compactMap { $0.source(nowMs: nowMs) })
    }

    /// Whether some partition would be fetched from the node now.
    package func hasSource(_ node: Int32, nowMs: Int64) -> Bool {
        partitions.values.contains { $0.phase != .failed && $0.source(nowMs: nowMs) == node }
    }

    /// The next fetch for a node, or `nil` when there is nothing to ask it now.
    package mutating func planFetch(node: Int32, nowMs: Int64) -> PendingFetch? {
        let limits = planner.limits
        let plan = planner.plan(queuedBytes: queuedBytes) { partition in
            guard
                let progress = partitions[partition], progress.phase == .fetching,
                !progress.isInFlight, !progress.isPaused, progress.retryAtMs <= nowMs,
                progress.source(nowMs: nowMs) == node
            else { return nil }
            return FetchPlanner.Candidate(
                target: FetchTarget(
                    partition: partition,
                    topicID: progress.topicID,
                    offset: progress.fetchOffset,
                    leaderEpoch: progress.leaderEpoch,
                    lastFetchedEpoch: progress.lastFetchedEpoch,
                    maxBytes: limits.maxPartitionBytes
                ),
                queuedBytes: progress.queuedBytes
            )
        }
        guard let plan else { return nil }
        var generations: [TopicPartition: UInt64] = [:]
        generations.reserveCapacity(plan.targets.count)
        for target in plan.targets {
            partitions[target.partition]?.isInFlight = true
            generations[target.partition] = partitions[target.partition]?.generation
        }
        return PendingFetch(node: node, plan: plan, generations: generations)
    }

    /// When something that waits for a time becomes due; `nil` when nothing does.
    package func nextDueMs(nowMs: Int64) -> Int64? {
        partitions.values.lazy
            .filter { $0.phase != .failed && $0.retryAtMs > nowMs }
            .map(\.retryAtMs)
            .min()
    }

    /// Takes in the answer to a fetch.
    ///
    /// - Parameter answers: the partitions that the answer mentions; others have not changed.
    package mutating func fetchAnswered(
        _ fetch: PendingFetch,
        _ answers: [PartitionAnswer],
        nowMs: Int64,
        wallClockMs: Int64
    ) -> Effects {
        finish(fetch)
        var effects = Effects()
        var served: Set<TopicPartition> = []
        for answer in answers {
            guard
                let generation = fetch.generations[answer.partition],
                partitions[answer.partition]?.generation == generation
            else { continue }
            if answer.data != nil {
                served.insert(answer.partition)
            }
            effects.merge(take(answer, from: fetch.node, nowMs: nowMs, wallClockMs: wallClockMs))
        }
        planner.served(served)
        return effects
    }

    /// No answer came: all partitions of the fetch wait a while, and a follower is given up for the leader.
    package mutating func fetchLost(_ fetch: PendingFetch, nowMs: Int64) -> Effects {
        finish(fetch)
        for (partition, generation) in fetch.generations where partitions[partition]?.generation == generation {
            partitions[partition]?.preferredReplica = nil
            partitions[partition]?.backOff(backoff, nowMs: nowMs)
        }
        return Effects(refreshesMetadata: true)
    }

    /// The session was lost: nothing was learned, and the partitions can be asked for again at once.
    package mutating func fetchRestarted(_ fetch: PendingFetch) {
        finish(fetch)
    }

    private mutating func finish(_ fetch: PendingFetch) {
        for (partition, generation) in fetch.generations where partitions[partition]?.generation == generation {
            partitions[partition]?.isInFlight = false
        }
    }

    private mutating func take(
        _ answer: PartitionAnswer,
        from node: Int32,
        nowMs: Int64,
        wallClockMs: Int64
    ) -> Effects {
        let partition = answer.partition
        guard var progress = partitions[partition] else { return Effects() }
        guard answer.error == .none else {
            return failed(answer, from: node, nowMs: nowMs, wallClockMs: wallClockMs)
        }
        progress.highWatermark = answer.highWatermark
        progress.lastStableOffset = answer.lastStableOffset
        progress.logStartOffset = answer.logStartOffset
        progress.failures = 0
        if let replica = answer.preferredReplica, replica >= 0, replica != node {
            progress.preferredReplica = (replica, nowMs + replicaUseMs)
        }
        var effects = Effects()
        if let data = answer.data {
            let chunk = Chunk(
                partition: partition,
                generation: progress.generation,
                fromOffset: progress.fetchOffset,
                nextOffset: data.nextOffset,
                byteCount: data.byteCount,
                payload: data.payload
            )
            progress.fetchOffset = max(progress.fetchOffset, data.nextOffset)
            progress.lastFetchedEpoch = data.lastEpoch
            progress.queuedBytes += data.byteCount
            queuedBytes += data.byteCount
            queue.append(chunk)
            effects.delivers = true
        }
        partitions[partition] = progress
        if let unreadable = answer.unreadable {
            fail(partition, .corrupt(partition, at: progress.fetchOffset, unreadable))
            return Effects(delivers: true)
        }
        if let diverging = answer.diverging {
            effects.merge(truncated(partition, to: diverging, wallClockMs: wallClockMs))
        }
        return effects
    }

    private mutating func failed(
        _ answer: PartitionAnswer,
        from node: Int32,
        nowMs: Int64,
        wallClockMs: Int64
    ) -> Effects {
        let partition = answer.partition
        let usesFollower = partitions[partition].map { $0.leader != node } ?? false
        partitions[partition]?.preferredReplica = nil
        switch answer.error {
        case .offsetOutOfRange:
            // A follower may simply be behind: only the leader's word counts.
            guard !usesFollower else { return Effects() }
            return outOfRange(partition, wallClockMs: wallClockMs)
        case .unknownServerError:
            partitions[partition]?.backOff(backoff, nowMs: nowMs)
            return Effects()
        case .corruptMessage:
            fail(
                partition,
                KafkaClientError(
                    .corruptBatch,
                    "Broker \(node) found a damaged batch in \(partition) at or after offset "
                        + "\(partitions[partition]?.fetchOffset ?? -1). Seek past it, or repair the broker's log.",
                    brokerError: answer.error
                )
            )
            return Effects(delivers: true)
        default:
            guard answer.error.isRetriable || answer.error.refreshesMetadata else {
                fail(
                    partition,
                    KafkaClientError(
                        .broker,
                        "Broker \(node) refuses to send records of \(partition): "
                            + "\(answer.error.message) (\(answer.error.name)).",
                        brokerError: answer.error
                    )
                )
                return Effects(delivers: true)
            }
            partitions[partition]?.backOff(backoff, nowMs: nowMs)
            return Effects(refreshesMetadata: answer.error.refreshesMetadata || answer.error == .offsetNotAvailable)
        }
    }

    /// The position lies outside of the leader's log.
    private mutating func outOfRange(_ partition: TopicPartition, wallClockMs: Int64) -> Effects {
        guard let progress = partitions[partition] else { return Effects() }
        if let start = policy.start(wallClockMs: wallClockMs) {
            // What is queued lies before the lost offset and is still good: only the fetching moves.
            partitions[partition]?.phase = .seeking(start)
            return Effects(repositions: true)
        }
        fail(
            partition,
            KafkaClientError(
                .offsetOutOfRange,
                "Offset \(progress.fetchOffset) of \(partition) is not in the log: it was deleted, or never written. "
                    + "Start at another offset, or set auto.offset.reset to earliest or latest.",
                brokerError: .offsetOutOfRange
            )
        )
        return Effects(delivers: true)
    }

    /// The leader's log parts from what was read: continue where both agree, or report it.
    mutating func truncated(
        _ partition: TopicPartition,
        to end: (epoch: Int32, endOffset: Int64),
        wallClockMs: Int64
    ) -> Effects {
        guard let progress = partitions[partition] else { return Effects() }
        guard let start = policy.start(wallClockMs: wallClockMs) else {
            fail(
                partition,
                KafkaClientError(
                    .logTruncated,
                    "The log of \(partition) was cut back to offset \(end.endOffset) after a change of leader, "
                        + "and reading had come to \(progress.fetchOffset): records that were read have been replaced. "
                        + "Seek to \(end.endOffset) to read their replacements, or set auto.offset.reset.",
                    brokerError: nil
                )
            )
            return Effects(delivers: true)
        }
        let reached = min(progress.position ?? progress.fetchOffset, progress.fetchOffset)
        dropQueue(of: partition)
        let generation = nextGeneration()
        partitions[partition]?.generation = generation
        partitions[partition]?.isInFlight = false
        if end.endOffset < 0 {
            partitions[partition]?.phase = .seeking(start)
        } else {
            partitions[partition]?.settle(at: min(reached, end.endOffset), lastFetchedEpoch: end.epoch)
        }
        return Effects(repositions: true)
    }
}
