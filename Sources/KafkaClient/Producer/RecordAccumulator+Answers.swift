import KafkaMessages
import KafkaWire
import NIOCore

/// How an attempt to send a batch ended.
enum BatchAnswer: Sendable {
    /// The broker has it.
    case written(WrittenBatch)
    /// The broker does not take it. `hasNewLeader`: the answer told who leads the partition now.
    case refused(ErrorCode, message: String?, hasNewLeader: Bool)
    /// It went out and no answer came.
    case lost(KafkaClientError)
    /// It did not go out.
    case unsent(KafkaClientError)
    /// It cannot be sent at all: compressing or encoding it failed.
    case impossible(KafkaClientError)
}

extension RecordAccumulator {
    // MARK: Nodes

    /// A connection to the node is there.
    mutating func connected(_ node: Int32) {
        nodes[node]?.link = .ready
        nodes[node]?.failure = nil
    }

    /// The node could not be reached, or the connection to it is lost.
    mutating func disconnected(_ node: Int32, notBeforeMs: Int64, failure: KafkaClientError?) {
        nodes[node]?.link = .absent(notBeforeMs: notBeforeMs)
        nodes[node]?.failure = failure
    }

    /// A request to the node was answered, or will not be; its batches are reported one by one.
    mutating func requestEnded(_ node: Int32) {
        nodes[node]?.requestsUnderWay -= 1
    }

    /// The broker asks for a pause.
    mutating func throttle(_ node: Int32, untilMs: Int64) {
        guard let known = nodes[node] else { return }
        nodes[node]?.throttledUntilMs = max(known.throttledUntilMs, untilMs)
    }

    // MARK: Batches

    /// An attempt to send a batch has ended.
    ///
    /// - Parameter bytes: the batch as it was sealed, to be sent again if need be.
    mutating func answered(_ id: BatchID, _ answer: BatchAnswer, bytes: BatchContents, nowMs: Int64) {
        guard let flight = flights.removeValue(forKey: id) else { return }
        let slot = flight.slot
        var batch = flight.batch
        partitions[slot].underWay -= 1
        partitions[slot].flying.removeAll { $0 == id }
        batch.contents = bytes
        if case .sealed(let buffer) = bytes { batch.size = buffer.readableBytes }
        switch answer {
        case .written(let place):
            partitions[slot].ledger?.succeeded(batch.id)
            finish(batch, of: slot, outcome: .success(place))
        case .refused(let code, let message, let hasNewLeader):
            let error = refusal(code, message: message, partition: partitions[slot].name)
            react(to: code, error: error, hasNewLeader: hasNewLeader, batch: batch, slot: slot, nowMs: nowMs)
        case .lost(let error):
            batch.mayBeWritten = true
            staleTopics.insert(partitions[slot].name.topic)
            sendAgain(batch, of: slot, error: error, nowMs: nowMs)
        case .unsent(let error):
            staleTopics.insert(partitions[slot].name.topic)
            sendAgain(batch, of: slot, error: error, nowMs: nowMs)
        case .impossible(let error):
            giveUp(batch, of: slot, error: error, mayBeWritten: false)
        }
        settle(slot)
    }

    private mutating func react(
        to code: ErrorCode,
        error: KafkaClientError,
        hasNewLeader: Bool,
        batch: Batch,
        slot: Int,
        nowMs: Int64
    ) {
        var batch = batch
        let reaction = ProduceReaction(code, recordCount: batch.recordCount, isIdempotent: batch.stamp != nil)
        switch reaction {
        case .delivered:
            partitions[slot].ledger?.succeeded(batch.id)
            finish(batch, of: slot, outcome: .success(WrittenBatch(baseOffset: -1, logAppendTimeMs: -1)))
        case .sendAgain(let refreshes, let mayBeWritten):
            if refreshes, !hasNewLeader { staleTopics.insert(partitions[slot].name.topic) }
            batch.mayBeWritten = batch.mayBeWritten || mayBeWritten
            sendAgain(batch, of: slot, error: error, nowMs: nowMs, atOnce: hasNewLeader)
        case .outOfSequence:
            switch partitions[slot].ledger?.foundOutOfSequence(batch.id) {
            case .alreadyWritten:
                partitions[slot].ledger?.succeeded(batch.id)
                return finish(batch, of: slot, outcome: .success(WrittenBatch(baseOffset: -1, logAppendTimeMs: -1)))
            case .startsAfresh where transaction != nil:
                return giveUp(batch, of: slot, error: error, mayBeWritten: false)
            case .startsAfresh:
                batch.mayBeWritten = false
            case .sendAgain, nil:
                break
            }
            sendAgain(batch, of: slot, error: error, nowMs: nowMs, atOnce: true)
        case .outdated where transaction != nil:
            giveUp(batch, of: slot, error: error, mayBeWritten: false)
        case .outdated:
            partitions[slot].ledger?.foundOutdated(batch.id)
            giveUp(batch, of: slot, error: error, mayBeWritten: false)
            giveUpUncertain(of: slot, error: error)
        case .split:
            split(batch, of: slot, error: error)
        case .fail(let mayBeWritten):
            giveUp(batch, of: slot, error: error, mayBeWritten: mayBeWritten)
        }
    }

    /// Puts a batch back to its place in the queue, unless it has had its chances.
    private mutating func sendAgain(
        _ batch: Batch,
        of slot: Int,
        error: KafkaClientError,
        nowMs: Int64,
        atOnce: Bool = false
    ) {
        var batch = batch
        batch.lastFailure = error
        guard !batch.isAbandoned, batch.attempts <= settings.retries else {
            return giveUp(batch, of: slot, error: error, mayBeWritten: false)
        }
        // Should the broker insist, pauses keep the circle from turning too fast.
        batch.retryAtMs = atOnce && batch.attempts < 3 ? nowMs : nowMs + pauseMs(afterAttempts: batch.attempts)
        requeue(batch, of: slot)
    }

    private mutating func requeue(_ batch: Batch, of slot: Int) {
        let queue = partitions[slot].waiting
        let place = queue.firstIndex { batch.id < $0.id } ?? queue.endIndex
        partitions[slot].waiting.insert(batch, at: place)
        partitions[slot].queuedBytes += batch.memory
    }

    /// Reports a batch as failed.
    ///
    /// - Parameter mayBeWritten: whether this failure leaves that open; earlier attempts count too.
    mutating func giveUp(_ batch: Batch, of slot: Int, error: KafkaClientError, mayBeWritten: Bool) {
        if batch.stamp != nil {
            partitions[slot].ledger?.gaveUp(batch.id, mayBeWritten: mayBeWritten || batch.mayBeWritten)
        }
        spoilTransaction(error, raisesEpoch: batch.stamp != nil)
        finish(batch, of: slot, outcome: .failure(error))
    }

    /// A transaction is written as a whole or not at all.
    mutating func spoilTransaction(_ error: KafkaClientError, raisesEpoch: Bool) {
        guard transaction != nil else { return }
        if TransactionManager.batchSpoils(error) {
            transaction?.spoil(error, raisesEpoch: raisesEpoch)
        } else {
            transaction?.fail(error)
        }
    }

    /// Under a new producer id a broker could not tell a repetition of these from new records.
    private mutating func giveUpUncertain(of slot: Int, error: KafkaClientError) {
        let uncertain = partitions[slot].waiting.filter(\.mayBeWritten)
        guard !uncertain.isEmpty else { return }
        partitions[slot].waiting.removeAll(where: \.mayBeWritten)
        for batch in uncertain {
            partitions[slot].queuedBytes -= batch.memory
            giveUp(batch, of: slot, error: error, mayBeWritten: true)
        }
    }

    /// Begins a new epoch in the partition, if one is due and nothing is under way.
    mutating func settle(_ slot: Int) {
        // Epochs of transactional producers are the coordinator's to give.
        guard transaction == nil else { return }
        let underWay = partitions[slot].underWay
        guard let renumbering = partitions[slot].ledger?.settle(requestsUnderWay: underWay) else { return }
        apply(renumbering, to: slot)
        if partitions[slot].ledger?.awaitsIdentity == true, !needsIdentity { askForIdentity() }
    }

    // MARK: Splitting

    private mutating func split(_ batch: Batch, of slot: Int, error: KafkaClientError) {
        guard !batch.isAbandoned, let parts = cut(batch) else {
            return giveUp(batch, of: slot, error: error, mayBeWritten: false)
        }
        let limit = partitions[slot].batchLimit
        partitions[slot].batchLimit = max(min(limit, batch.size / 2), 1024)
        if batch.stamp != nil {
            let renumbering =
                partitions[slot].ledger?.split(batch.id, into: parts.map { ($0.id, $0.recordCount) }) ?? []
            for part in parts { requeue(part, of: slot) }
            apply(renumbering, to: slot)
        } else {
            for part in parts { requeue(part, of: slot) }
        }
        countParts(parts.count, of: batch.id)
    }

    /// Two batches with the records of one; `nil` if its bytes cannot be read.
    private func cut(_ batch: Batch) -> [Batch]? {
        guard case .sealed(let bytes)? = batch.contents, let view = try? RecordBatchView(bytes) else { return nil }
        let half = batch.recordCount / 2
        var builders = [settings.makeBuilder(), settings.makeBuilder()]
        var index: Int32 = 0
        do {
            try view.forEachRecord { record in
                let part = index < half ? 0 : 1
                index += 1
                return builders[part].append(record)
            }
        } catch {
            return nil
        }
        guard index == batch.recordCount, builders.reduce(0, { $0 + $1.recordCount }) == index else { return nil }
        let firstMemory = batch.memory / 2
        return [0, 1].map { part in
            let from = part == 0 ? 0 : half
            var promises = batch.promises.filter { ($0.index < half) == (part == 0) }
            for place in promises.indices { promises[place].index -= from }
            var result = Batch(
                id: BatchID(birth: batch.id.birth, firstRecord: batch.id.firstRecord + from),
                createdMs: batch.createdMs,
                recordCount: builders[part].recordCount,
                memory: part == 0 ? firstMemory : batch.memory - firstMemory,
                promises: promises,
                contents: builders[part]
            )
            result.attempts = 1
            return result
        }
    }

    private func refusal(_ code: ErrorCode, message: String?, partition: TopicPartition) -> KafkaClientError {
        let detail = message.map { " The broker says: \($0)" } ?? ""
        guard code != .producerFenced else {
            return KafkaClientError(
                .fenced,
                "The broker refused records for \(partition): another producer with the same transactional.id has taken "
                    + "over; this one can only be closed (\(code.name)).\(detail)",
                brokerError: code
            )
        }
        return KafkaClientError(
            code == .messageTooLarge || code == .recordListTooLarge ? .recordTooLarge : .broker,
            "The broker refused records for \(partition): \(code.message) (\(code.name)).\(detail)",
            brokerError: code
        )
    }

    // MARK: The end

    /// Whoever waits for a batch is to be told, after those who wait for the batches before it: a batch whose answer was
    /// lost may be found written after the next one was acknowledged.
    mutating func report(_ batch: Batch, of slot: Int, outcome: Result<WrittenBatch, KafkaClientError>) {
        let delivery = Delivery(
            partition: partitions[slot].name,
            recordCount: batch.recordCount,
            timestampsMs: batch.timestampsMs,
            outcome: outcome,
            promises: batch.promises
        )
        if let oldest = partitions[slot].oldest, oldest < batch.id {
            let place = partitions[slot].held.firstIndex { batch.id < $0.id } ?? partitions[slot].held.endIndex
            return partitions[slot].held.insert((batch.id, delivery), at: place)
        }
        deliveries.append(delivery)
        while let next = partitions[slot].held.first, partitions[slot].oldest.map({ next.id < $0 }) ?? true {
            deliveries.append(partitions[slot].held.removeFirst().delivery)
        }
    }

    /// Reports a batch that is under way as failed; its answer will be of no interest.
    mutating func abandon(_ id: BatchID, error: KafkaClientError) {
        guard let (slot, batch) = flights[id], !batch.isAbandoned else { return }
        flights[id]?.batch.isAbandoned = true
        partitions[slot].flying.removeAll { $0 == id }
        spoilTransaction(error, raisesEpoch: true)
        report(batch, of: slot, outcome: .failure(error))
    }

    /// Gives up everything that is not under way: the producer ends, or cannot go on.
    mutating func abandonAll(_ error: KafkaClientError) {
        for slot in partitions.indices {
            closeOpenBatch(of: slot)
            while let batch = partitions[slot].waiting.popFirst() {
                partitions[slot].queuedBytes -= batch.memory
                giveUp(batch, of: slot, error: error, mayBeWritten: false)
            }
        }
        for id in flights.keys { abandon(id, error: error) }
    }
}
