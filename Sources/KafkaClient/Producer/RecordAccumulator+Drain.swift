import KafkaWire
import NIOCore

/// A batch that goes out now.
struct OutgoingBatch: Sendable {
    let id: BatchID
    let partition: TopicPartition
    let recordCount: Int32
    var contents: BatchContents
    /// What to write into the batch's header; `nil` for a producer that is not idempotent.
    let stamp: SequenceStamp?
    var isTransactional = false
}

/// What goes to one node in one request.
struct OutgoingRequest: Sendable {
    let node: Int32
    /// At most one batch of a partition.
    var batches: [OutgoingBatch]
}

/// What the sender is to do.
struct SenderWork: Sendable {
    /// To be sent in this order.
    var requests: [OutgoingRequest] = []
    /// Nodes to connect to.
    var connects: [Int32] = []
    /// When to look again if nothing happens before; `nil` when only an event can bring work.
    var deadlineMs: Int64?
}

extension RecordAccumulator {
    /// Takes out what is to be sent now, and gives up what has waited too long.
    mutating func poll(nowMs: Int64) -> SenderWork {
        var work = SenderWork()
        expire(nowMs: nowMs)
        for id in nodes.keys.sorted() {
            observe(node: id, nowMs: nowMs)
            drain(node: id, nowMs: nowMs, into: &work)
        }
        work.deadlineMs = nextDeadline(nowMs: nowMs)
        return work
    }

    /// Keeps count of which nodes leave batches waiting, where the partitioner wants to know.
    private mutating func observe(node id: Int32, nowMs: Int64) {
        guard settings.availabilityTimeoutMs > 0, let node = nodes[id],
            node.slots.contains(where: { isReady($0, nowMs: nowMs) })
        else { return }
        let couldDrain = node.link == .ready && node.requestsUnderWay < settings.maxInFlight
        availability.batchesWereReady(for: id, couldDrain: couldDrain, nowMs: nowMs)
    }

    private mutating func drain(node id: Int32, nowMs: Int64, into work: inout SenderWork) {
        while let node = nodes[id], node.requestsUnderWay < settings.maxInFlight, node.throttledUntilMs <= nowMs {
            switch node.link {
            case .ready:
                let batches = takeBatches(of: id, nowMs: nowMs)
                guard !batches.isEmpty else { return }
                nodes[id]?.requestsUnderWay += 1
                work.requests.append(OutgoingRequest(node: id, batches: batches))
            case .absent(let notBeforeMs):
                if nowMs >= notBeforeMs, node.slots.contains(where: { isReady($0, nowMs: nowMs) }) {
                    nodes[id]?.link = .connecting
                    work.connects.append(id)
                }
                return
            case .connecting:
                return
            }
        }
    }

    /// One batch of each partition that has one ready, in turn, as many as a request may carry.
    private mutating func takeBatches(of id: Int32, nowMs: Int64) -> [OutgoingBatch] {
        guard let node = nodes[id], !node.slots.isEmpty else { return [] }
        var batches: [OutgoingBatch] = []
        var total = 0
        var cursor = node.cursor % node.slots.count
        for _ in node.slots.indices {
            let slot = node.slots[cursor]
            if isReady(slot, nowMs: nowMs) {
                let size = frontSize(of: slot)
                if !batches.isEmpty, total + size > settings.maxRequestSize { break }
                if let batch = takeFront(of: slot) {
                    batches.append(batch)
                    total += size
                }
            }
            cursor = (cursor + 1) % node.slots.count
        }
        nodes[id]?.cursor = cursor
        return batches
    }

    /// Whether the partition's next batch may and should be sent now, as far as the partition itself is concerned.
    func isReady(_ slot: Int, nowMs: Int64) -> Bool {
        let partition = partitions[slot]
        if settings.maxInFlight == 1, partition.underWay > 0 { return false }
        if transaction?.admits(partition.name) == false { return false }
        if let front = partition.waiting.first {
            if front.attempts > 0 {
                guard nowMs >= front.retryAtMs else { return false }
                guard let ledger = partition.ledger, front.stamp != nil else { return true }
                return ledger.acceptsRepetition(of: front.id)
            }
            return partition.ledger?.acceptsNewBatch ?? true
        }
        guard let open = partition.open, partition.ledger?.acceptsNewBatch ?? true else { return false }
        return open.memory >= settings.batchSize || nowMs - open.createdMs >= settings.lingerMs || isMemoryShort
            || isFlushing || isClosing
    }

    private func frontSize(of slot: Int) -> Int {
        partitions[slot].waiting.first?.size ?? partitions[slot].open?.memory ?? 0
    }

    private mutating func takeFront(of slot: Int) -> OutgoingBatch? {
        if partitions[slot].waiting.isEmpty { closeOpenBatch(of: slot) }
        guard var batch = partitions[slot].waiting.popFirst(), let contents = batch.contents.take() else { return nil }
        batch.attempts += 1
        if batch.stamp == nil {
            batch.stamp = partitions[slot].ledger?.assign(batch: batch.id, recordCount: batch.recordCount)
        }
        partitions[slot].underWay += 1
        let place = partitions[slot].flying.firstIndex { batch.id < $0 } ?? partitions[slot].flying.endIndex
        partitions[slot].flying.insert(batch.id, at: place)
        partitions[slot].queuedBytes -= batch.memory
        flights[batch.id] = (slot, batch)
        return OutgoingBatch(
            id: batch.id,
            partition: partitions[slot].name,
            recordCount: batch.recordCount,
            contents: contents,
            stamp: batch.stamp,
            isTransactional: transaction != nil
        )
    }

    // MARK: Time

    /// Gives up batches that have waited for the delivery timeout.
    private mutating func expire(nowMs: Int64) {
        let born = nowMs - settings.deliveryTimeoutMs
        for slot in partitions.indices {
            while let front = partitions[slot].waiting.first, front.createdMs <= born {
                partitions[slot].waiting.removeFirst()
                partitions[slot].queuedBytes -= front.memory
                giveUp(front, of: slot, error: timedOut(front, of: slot), mayBeWritten: false)
                settle(slot)
            }
            if let open = partitions[slot].open, open.createdMs <= born, partitions[slot].waiting.isEmpty {
                closeOpenBatch(of: slot)
                guard let batch = partitions[slot].waiting.popFirst() else { continue }
                partitions[slot].queuedBytes -= batch.memory
                giveUp(batch, of: slot, error: timedOut(batch, of: slot), mayBeWritten: false)
            }
        }
        for (id, flight) in flights where flight.batch.createdMs <= born && !flight.batch.isAbandoned {
            abandon(id, error: timedOut(flight.batch, of: flight.slot))
        }
    }

    private func timedOut(_ batch: Batch, of slot: Int) -> KafkaClientError {
        let partition = partitions[slot]
        let reason: String
        if let failure = batch.lastFailure ?? partition.leader.flatMap({ nodes[$0]?.failure }) {
            reason = "the last attempt failed: \(failure.message)"
        } else if let leader = partition.leader {
            reason = batch.attempts > 0 ? "broker \(leader) has not answered." : "broker \(leader) takes no more yet."
        } else {
            reason = "no broker is known to lead the partition."
        }
        return KafkaClientError(
            .deliveryTimedOut,
            "\(batch.recordCount) record(s) for \(partition.name) were not delivered within "
                + "\(settings.deliveryTimeoutMs) ms (delivery.timeout.ms); \(reason)",
            brokerError: batch.lastFailure?.brokerError,
            cause: batch.lastFailure
        )
    }

    /// When something becomes due by time alone.
    private func nextDeadline(nowMs: Int64) -> Int64? {
        var deadline = Int64.max
        for (id, node) in nodes {
            if case .absent(let notBeforeMs) = node.link, notBeforeMs > nowMs, hasWaiting(node: id) {
                deadline = min(deadline, notBeforeMs)
            }
            if node.throttledUntilMs > nowMs, hasWaiting(node: id) {
                deadline = min(deadline, node.throttledUntilMs)
            }
        }
        for partition in partitions {
            if let front = partition.waiting.first {
                deadline = min(deadline, front.createdMs + settings.deliveryTimeoutMs)
                if front.attempts > 0, front.retryAtMs > nowMs { deadline = min(deadline, front.retryAtMs) }
            } else if let open = partition.open {
                let lingered = open.createdMs + settings.lingerMs
                deadline = min(deadline, lingered > nowMs ? lingered : open.createdMs + settings.deliveryTimeoutMs)
            }
        }
        for (_, batch) in flights.values where !batch.isAbandoned {
            deadline = min(deadline, batch.createdMs + settings.deliveryTimeoutMs)
        }
        return deadline == .max ? nil : deadline
    }

    private func hasWaiting(node id: Int32) -> Bool {
        nodes[id]?.slots.contains { !partitions[$0].waiting.isEmpty || partitions[$0].open != nil } ?? false
    }
}
