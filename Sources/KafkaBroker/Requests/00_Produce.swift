import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// Produce (0), versions 3 to 12; 0 to 2 are listed, because librdkafka up to 2.11 takes a higher minimum as a sign
/// that it must not compress, and refused with UNSUPPORTED_VERSION.
///
/// 3 record batches of format 2 and transactional ids; 4 KAFKA_STORAGE_ERROR; 5 log start offset in the answer; 7 zstd;
/// 8 errors of single records; 9 flexible; 10 current leader in the answer; 11 TRANSACTION_ABORTABLE; 12 a partition
/// becomes part of a transaction by this request (KIP-890 part 2).
/// Partitions are independent of each other. Left out: version 13, topic ids instead of names.
struct ProduceHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...12

    /// The first version whose records are of format 2.
    private static let oldestServed: Int16 = 3

    let core: BrokerCore

    /// What came of one partition, in the order of the request.
    private struct Outcome {
        var topic: String
        var response: ProduceResponse.PartitionProduceResponse
        /// What must be safe before the answer: with acks=all on enough replicas, with acks=1 on this one.
        var pending: (partition: Partition, appended: PartitionAppend)?
    }

    func handle(_ request: ProduceRequest, _ context: RequestContext) async -> Reply<ProduceResponse> {
        var outcomes: [Outcome] = []
        let refusal = refusalOfAll(request, context.version)
        let verdicts = refusal == nil ? await transactions(request, context.version) : [:]
        for topic in request.topicData {
            for data in topic.partitionData {
                do throws(PartitionError) {
                    if let refusal { throw refusal }
                    let verdict = verdicts[TopicPartition(topic: topic.name, partition: data.index)]
                    outcomes.append(try append(data, topic: topic.name, request, context.version, verdict))
                } catch {
                    outcomes.append(self.outcome(topic.name, data.index, error, context.version))
                }
            }
        }
        guard request.acks != 0 else {
            if let failed = outcomes.first(where: { $0.response.errorCode != .none }) {
                let name = "\(failed.topic)-\(failed.response.index)"
                return .close(reason: "Produce with acks=0 to \(name) failed: \(failed.response.errorCode)")
            }
            return .nothing
        }
        await waitUntilSafe(&outcomes, needsAll: request.acks == -1, timeoutMs: request.timeoutMs)
        return .respond(response(outcomes, request))
    }

    // MARK: Checks (`records.md`, section 7)

    private func refusalOfAll(_ request: ProduceRequest, _ version: Int16) -> PartitionError? {
        if version < Self.oldestServed {
            return PartitionError(.unsupportedVersion, "Produce below version \(Self.oldestServed) is not served.")
        }
        guard (-1...1).contains(request.acks) else {
            return PartitionError(.invalidRequiredAcks, "acks is \(request.acks); it must be -1, 0 or 1.")
        }
        var producerID: Int64?
        for data in request.topicData.lazy.flatMap(\.partitionData) {
            guard case .bytes(let records)? = data.records, let facts = BatchFacts(records) else { continue }
            if facts.isTransactional {
                guard request.transactionalId != nil else {
                    return PartitionError(.transactionalIdAuthorizationFailed, "A transactional batch without an id.")
                }
                if let producerID, producerID != facts.producerID {
                    return PartitionError(.invalidProducerIdMapping, "One request holds batches of two producers.")
                }
                producerID = facts.producerID
            }
        }
        return nil
    }

    /// What the transaction coordinator says of the request's transactional batches.
    private func transactions(
        _ request: ProduceRequest,
        _ version: Int16
    ) async -> [TopicPartition: ProduceVerification.Verdict] {
        guard let id = request.transactionalId else { return [:] }
        var batches: [(TopicPartition, BatchFacts)] = []
        for topic in request.topicData {
            for data in topic.partitionData {
                guard case .bytes(let records)? = data.records, let facts = BatchFacts(records), facts.isTransactional
                else { continue }
                batches.append((TopicPartition(topic: topic.name, partition: data.index), facts))
            }
        }
        guard !batches.isEmpty else { return [:] }
        return await ProduceVerification(core: core, version: version).verdicts(id, batches)
    }

    private func append(
        _ data: ProduceRequest.PartitionProduceData,
        topic: String,
        _ request: ProduceRequest,
        _ version: Int16,
        _ verdict: ProduceVerification.Verdict?
    ) throws(PartitionError) -> Outcome {
        do throws(PartitionError) {
            let partition = try core.partition(topic, data.index)
            guard case .bytes(var batch)? = data.records, batch.readableBytes > 0 else {
                throw PartitionError(.invalidRecord, "The request holds no records.")
            }
            if let facts = BatchFacts(batch) {
                if facts.isZstd, version < 7 {
                    throw PartitionError(.unsupportedCompressionType, "zstd needs Produce version 7.")
                }
            }
            if TopicName.internal.contains(topic) || topic == TopicName.clusterMetadata {
                throw PartitionError(.invalidTopic, "\(topic) is written by the broker only.")
            }
            let needsAll = request.acks == -1
            _ = try partition.leaderSnapshot(currentEpoch: -1)
            if needsAll, !partition.hasEnoughInSync { throw PartitionError(.notEnoughReplicas) }
            let proof = try verdict?.get() ?? .notNeeded
            let nowMs = core.clock.nowMs
            let validated = try prepare(&batch, partition.settings.rules, nowMs)
            let appended = try partition.append(
                batch,
                origin: .client,
                needsAll: needsAll,
                proof: proof,
                nowMs: nowMs
            )
            var response = ProduceResponse.PartitionProduceResponse()
            response.index = data.index
            response.baseOffset = appended.baseOffset
            response.logAppendTimeMs = validated.logAppendTimeMs
            response.logStartOffset = appended.logStartOffset
            return Outcome(topic: topic, response: response, pending: (partition, appended))
        } catch {
            core.note(error, TopicPartition(topic: topic, partition: data.index))
            throw error
        }
    }

    private func prepare(
        _ batch: inout ByteBuffer,
        _ rules: RecordBatchRules,
        _ nowMs: Int64
    ) throws(PartitionError) -> ValidatedBatch {
        do {
            return try RecordBatchValidator.prepare(&batch, rules: rules, nowMs: nowMs)
        } catch {
            throw PartitionError(error)
        }
    }

    // MARK: Answering

    /// Waits for replicas and disks. Without `needsAll` and `flush.messages=1` everything is safe by now.
    private func waitUntilSafe(_ outcomes: inout [Outcome], needsAll: Bool, timeoutMs: Int32) async {
        let safeEnd = { (snapshot: Partition.Snapshot) in needsAll ? snapshot.highWatermark : snapshot.heldEnd }
        let waiting = outcomes.indices.filter { index in
            guard let pending = outcomes[index].pending else { return false }
            let snapshot = pending.partition.snapshot
            return safeEnd(snapshot) <= pending.appended.lastOffset
                || !snapshot.hasLed(since: pending.appended.leaderEpoch)
        }
        guard !waiting.isEmpty else { return }
        let alarm = Alarm()
        let deadline = core.realClock.schedule(afterMs: Int64(timeoutMs)) { alarm.expire() }
        defer { deadline.cancel() }
        var isInTime = true
        for index in waiting {
            guard let (partition, appended) = outcomes[index].pending else { continue }
            let offset = appended.lastOffset + 1
            var failure = partition.syncFailure(upTo: offset)
            var snapshot = partition.snapshot
            while isInTime, failure == nil, snapshot.hasLed(since: appended.leaderEpoch), safeEnd(snapshot) < offset {
                isInTime = await sleep(alarm, partition, until: offset, needsAll: needsAll)
                failure = partition.syncFailure(upTo: offset)
                snapshot = partition.snapshot
            }
            if let failure {
                core.note(PartitionError(failure), partition.topicPartition)
                outcomes[index].response.errorCode = .kafkaStorageError
                outcomes[index].response.errorMessage = failure.description
            } else if !snapshot.hasLed(since: appended.leaderEpoch) {
                outcomes[index].response.errorCode = .notLeaderOrFollower
            } else if safeEnd(snapshot) < offset {
                outcomes[index].response.errorCode = .requestTimedOut
            } else if needsAll, !partition.hasEnoughInSync {
                outcomes[index].response.errorCode = .notEnoughReplicasAfterAppend
            }
        }
    }

    /// False when the time is up.
    private func sleep(_ alarm: Alarm, _ partition: Partition, until offset: Int64, needsAll: Bool) async -> Bool {
        if needsAll {
            let ticket = partition.ring(alarm, whenHighWatermarkReaches: offset)
            defer { if let ticket { partition.forget(ticket) } }
            return await alarm.sleep()
        }
        let ticket = partition.ring(alarm, whenHeldReaches: offset)
        defer { if let ticket { partition.forgetHeld(ticket) } }
        return await alarm.sleep()
    }

    private func outcome(
        _ topic: String,
        _ index: Int32,
        _ rejection: PartitionError,
        _ version: Int16
    ) -> Outcome {
        var response = ProduceResponse.PartitionProduceResponse()
        response.index = index
        response.errorCode = rejection.code
        // Clients of that age do not know the code; both make them look for another leader.
        if version <= 3, response.errorCode == .kafkaStorageError { response.errorCode = .notLeaderOrFollower }
        response.errorMessage = rejection.message
        response.baseOffset = -1
        response.recordErrors = rejection.records.map {
            ProduceResponse.BatchIndexAndErrorMessage(batchIndex: $0.index, batchIndexErrorMessage: $0.message)
        }
        if response.errorCode == .notLeaderOrFollower, version >= 10,
            let known = core.image.topics[topic]?.partitions, known.indices.contains(Int(index))
        {
            response.currentLeader.leaderId = known[Int(index)].leader
            response.currentLeader.leaderEpoch = known[Int(index)].leaderEpoch
        }
        return Outcome(topic: topic, response: response, pending: nil)
    }

    private func response(_ outcomes: [Outcome], _ request: ProduceRequest) -> ProduceResponse {
        var response = ProduceResponse()
        var next = outcomes.startIndex
        for topic in request.topicData {
            let end = next + topic.partitionData.count
            response.responses.append(
                ProduceResponse.TopicProduceResponse(
                    name: topic.name,
                    partitionResponses: outcomes[next..<end].map(\.response)
                )
            )
            next = end
        }
        return response
    }
}
