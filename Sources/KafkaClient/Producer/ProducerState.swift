import KafkaWire
import NIOCore

/// Everything of a producer that is shared between the callers, the sender and the connections. Lives under one lock;
/// nothing is resumed, logged or awaited inside.
struct ProducerState: ~Copyable {
    typealias Promise = @Sendable (Result<RecordMetadata, KafkaClientError>) -> Void

    /// Somebody who cannot go on yet.
    struct Waiter {
        enum Reason: Equatable {
            /// Memory; the ticket is the place in line.
            case memory(ticket: UInt64)
            /// The topic's description.
            case topic(String)
        }

        let reason: Reason
        let deadlineMs: Int64
        let wake: @Sendable (Result<Void, KafkaClientError>) -> Void
    }

    /// What an append came to.
    enum Outcome {
        /// It is laid. `wakesSender`: the sender has something to do.
        case laid(wakesSender: Bool)
        /// The topic, or a partition of it, is not known yet.
        case needsTopic(minimumPartitions: Int32)
        /// So many bytes have to become free.
        case needsMemory(Int)
        case failed(KafkaClientError)
    }

    var accumulator: RecordAccumulator<Promise>
    private(set) var routes: [TopicRoute] = []
    private var routeIndex: [String: Int] = [:]
    private var waiters: [UInt64: Waiter] = [:]
    private var nextWaiter: UInt64 = 0
    var flushWaiters: [UInt64: @Sendable () -> Void] = [:]
    /// Why nothing can be sent any more.
    private(set) var failure: KafkaClientError?
    private let partitionerSettings: PartitionerSettings
    private let maxBlock: Duration
    private var chance: SplitMix64

    init(configuration: ProducerConfiguration, backoff: Backoff, seed: UInt64) {
        accumulator = RecordAccumulator(settings: configuration.accumulatorSettings(backoff: backoff), seed: seed)
        partitionerSettings = configuration.partitionerSettings
        maxBlock = configuration.maxBlock
        chance = SplitMix64(state: ~seed)
    }

    // MARK: Topics

    /// The topics in use.
    var topics: [String] { routes.map(\.name) }

    /// Takes in the description of a topic that is used here or that somebody waits for.
    mutating func learn(_ topic: TopicMetadata, nowMs: Int64) {
        let index = routeIndex[topic.name] ?? routes.count
        if index == routes.count {
            routes.append(TopicRoute(name: topic.name, settings: partitionerSettings, nowMs: nowMs))
            routeIndex[topic.name] = index
        }
        routes[index].learn(topic, into: &accumulator)
    }

    /// Notes that a topic is in use.
    ///
    /// - Returns: whether the cluster should be told, which is needed now and then only.
    mutating func marksUse(of topic: String, nowMs: Int64) -> Bool {
        guard let index = routeIndex[topic], nowMs - routes[index].usedMs > 30_000 else { return false }
        routes[index].usedMs = nowMs
        return true
    }

    /// Tells the partitioners how long the queues are.
    mutating func reportQueues() {
        for index in routes.indices {
            routes[index].reportQueues(of: accumulator)
        }
    }

    // MARK: Appending

    /// The route of a topic that can be used, or why it cannot.
    private func route(_ topic: String, minimumPartitions: Int32) -> Result<Int, Refusal> {
        if let failure { return .failure(Refusal(.failed(failure))) }
        guard !accumulator.isClosing else { return .failure(Refusal(.failed(.producerClosed))) }
        guard let index = routeIndex[topic], routes[index].partitionCount >= minimumPartitions else {
            return .failure(Refusal(.needsTopic(minimumPartitions: minimumPartitions)))
        }
        return .success(index)
    }

    private struct Refusal: Error {
        let outcome: Outcome

        init(_ outcome: Outcome) {
            self.outcome = outcome
        }
    }

    /// Lays one record.
    mutating func append(
        topic: String,
        partition: Int32?,
        key: UnsafeRawBufferPointer?,
        value: UnsafeRawBufferPointer?,
        headers: [RecordHeader],
        timestampMs: Int64,
        promise: Promise?,
        ticket: UInt64?,
        nowMs: Int64
    ) -> Outcome {
        if let partition, partition < 0 {
            return .failed(KafkaClientError(.invalidArgument, "A partition's number cannot be \(partition)."))
        }
        let index: Int
        switch route(topic, minimumPartitions: (partition ?? 0) + 1) {
        case .success(let found): index = found
        case .failure(let refusal): return refusal.outcome
        }
        let chosen = routes[index].partitioner.partition(given: partition, key: key, using: &chance)
        if let refusal = refusal(TopicPartition(topic: topic, partition: chosen)) { return .failed(refusal) }
        let slot = routes[index].slot(of: chosen, in: &accumulator)
        let before = accumulator.memoryUsed
        let verdict = accumulator.append(
            key: key,
            value: value,
            headers: headers,
            timestampMs: timestampMs,
            promise: promise,
            to: slot,
            ticket: ticket,
            nowMs: nowMs
        )
        switch verdict {
        case .laid(let wakesSender):
            if partition == nil, !routes[index].partitioner.isKeyed(key) {
                routes[index].partitioner.didAppend(
                    bytes: accumulator.memoryUsed - before,
                    to: chosen,
                    isBatchReady: accumulator.isOpenBatchFull(slot),
                    using: &chance
                )
            }
            return .laid(wakesSender: wakesSender)
        case .noMemory:
            let size = accumulator.settings.sizeBound(keyCount: key?.count, valueCount: value?.count, headers: headers)
            return .needsMemory(size + RecordBatchHeader.size)
        case .tooLarge(let size):
            return .failed(tooLarge(size, topic: topic))
        }
    }

    /// Why the transaction takes no record for a partition; `nil` when it does, or there are no transactions.
    private mutating func refusal(_ partition: TopicPartition) -> KafkaClientError? {
        do throws(KafkaClientError) {
            try accumulator.transaction?.want(partition)
            return nil
        } catch {
            return error
        }
    }

    private func tooLarge(_ size: Int, topic: String) -> KafkaClientError {
        let settings = accumulator.settings
        let limit =
            size > settings.maxRequestSize
            ? "\(settings.maxRequestSize) that a request may have; raise max.request.size"
            : "\(settings.bufferMemory) of the buffer; raise buffer.memory"
        return KafkaClientError(
            .recordTooLarge,
            "A record for topic '\(topic)' takes \(size) bytes, more than the \(limit)."
        )
    }

    /// Lays records of a block, from the front of `spans`, and takes them off there.
    mutating func append(
        _ spans: inout ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer,
        topic: String,
        timestampMs: Int64,
        ticket: UInt64?,
        nowMs: Int64
    ) -> Outcome {
        let index: Int
        switch route(topic, minimumPartitions: 1) {
        case .success(let found): index = found
        case .failure(let refusal): return refusal.outcome
        }
        let count = spans.count
        var ticket = ticket
        var wakesSender = false
        while let span = spans.first {
            let outcome =
                routes[index].partitioner.isKeyed(span.key(in: block))
                ? append(
                    topic: topic,
                    partition: nil,
                    key: span.key(in: block),
                    value: span.value(in: block),
                    headers: [],
                    timestampMs: timestampMs,
                    promise: nil,
                    ticket: ticket,
                    nowMs: nowMs
                )
                : appendRun(&spans, in: block, route: index, timestampMs: timestampMs, ticket: ticket, nowMs: nowMs)
            switch outcome {
            case .laid(let wakes):
                wakesSender = wakes || wakesSender
                if routes[index].partitioner.isKeyed(span.key(in: block)) { spans.removeFirst() }
            case .needsTopic, .needsMemory, .failed:
                // A place in line is good for one turn: who got something and wants more gets in line again.
                if let ticket, spans.count < count { accumulator.leaveMemoryQueue(ticket) }
                return outcome
            }
            if let held = ticket {
                // Whoever was called has had its turn; the next in line may be waiting.
                accumulator.leaveMemoryQueue(held)
                ticket = nil
            }
        }
        return .laid(wakesSender: wakesSender)
    }

    /// Lays records without key into one partition until its batch is full.
    private mutating func appendRun(
        _ spans: inout ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer,
        route index: Int,
        timestampMs: Int64,
        ticket: UInt64?,
        nowMs: Int64
    ) -> Outcome {
        let partition = routes[index].partitioner.partition(key: nil, using: &chance)
        if let refusal = refusal(TopicPartition(topic: routes[index].name, partition: partition)) {
            return .failed(refusal)
        }
        let slot = routes[index].slot(of: partition, in: &accumulator)
        let before = accumulator.memoryUsed
        let verdict = accumulator.append(
            &spans,
            in: block,
            timestampMs: timestampMs,
            byteLimit: routes[index].partitionCount == 1 ? .max : accumulator.settings.batchSize,
            to: slot,
            ticket: ticket,
            nowMs: nowMs
        )
        routes[index].partitioner.didAppend(
            bytes: accumulator.memoryUsed - before,
            to: partition,
            isBatchReady: accumulator.isOpenBatchFull(slot),
            using: &chance
        )
        switch verdict {
        case .laid(let wakesSender):
            return .laid(wakesSender: wakesSender)
        case .noMemory:
            return .needsMemory((spans.first?.sizeBound ?? 0) + RecordBatchHeader.size)
        case .tooLarge(let size):
            return .failed(tooLarge(size, topic: routes[index].name))
        }
    }

    // MARK: Waiting

    private static let lookUpGraceMs: Int64 = 1000

    /// Lets somebody wait for a topic's description.
    mutating func wait(
        forTopic topic: String,
        deadlineMs: Int64,
        wake: @escaping @Sendable (Result<Void, KafkaClientError>) -> Void
    ) -> UInt64 {
        // The look-up ends by the same deadline and says more about what is wrong; this is for one that does not.
        add(Waiter(reason: .topic(topic), deadlineMs: deadlineMs + Self.lookUpGraceMs, wake: wake))
    }

    /// Lets somebody wait for memory. A ticket that is given back keeps its place.
    mutating func wait(
        forMemory size: Int,
        ticket: UInt64?,
        deadlineMs: Int64,
        wake: @escaping @Sendable (Result<Void, KafkaClientError>) -> Void
    ) -> (waiter: UInt64, ticket: UInt64) {
        let place: UInt64
        if let ticket {
            accumulator.askAgainForMemory(ticket, size: size)
            place = ticket
        } else {
            place = accumulator.enqueueForMemory(size)
        }
        return (add(Waiter(reason: .memory(ticket: place), deadlineMs: deadlineMs, wake: wake)), place)
    }

    private mutating func add(_ waiter: Waiter) -> UInt64 {
        nextWaiter += 1
        waiters[nextWaiter] = waiter
        return nextWaiter
    }

    /// Takes out a waiter who does not want to wait any longer.
    mutating func remove(waiter id: UInt64) -> Waiter? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        if case .memory(let ticket) = waiter.reason { accumulator.leaveMemoryQueue(ticket) }
        return waiter
    }

    /// Takes out those who wait for a topic.
    mutating func takeWaiters(forTopic topic: String) -> [Waiter] {
        takeWaiters { $0.reason == .topic(topic) }
    }

    /// Takes out whoever can go on, or has waited long enough.
    mutating func takeWokenWaiters(nowMs: Int64) -> [(Waiter, Result<Void, KafkaClientError>)] {
        guard !waiters.isEmpty else { return [] }
        var woken: [(Waiter, Result<Void, KafkaClientError>)] = []
        if let reason = failure ?? (accumulator.isClosing ? .producerClosed : nil) {
            let all = waiters.keys.compactMap { remove(waiter: $0) }
            return all.map { ($0, .failure(reason)) }
        }
        let late = waiters.filter { $0.value.deadlineMs <= nowMs }
        for id in late.keys.sorted() {
            guard let waiter = remove(waiter: id) else { continue }
            woken.append((waiter, .failure(tooLate(waiter))))
        }
        if let ticket = accumulator.callTicket() {
            for waiter in takeWaiters(where: { $0.reason == .memory(ticket: ticket) }) {
                woken.append((waiter, .success(())))
            }
        }
        return woken
    }

    private mutating func takeWaiters(where isWanted: (Waiter) -> Bool) -> [Waiter] {
        let ids = waiters.filter { isWanted($0.value) }.keys.sorted()
        return ids.compactMap { waiters.removeValue(forKey: $0) }
    }

    /// When the first waiter has waited long enough.
    var waitersDeadlineMs: Int64? {
        waiters.values.lazy.map(\.deadlineMs).min()
    }

    private func tooLate(_ waiter: Waiter) -> KafkaClientError {
        switch waiter.reason {
        case .memory:
            KafkaClientError(
                .bufferFull,
                "\(accumulator.settings.bufferMemory) bytes of records wait for delivery (buffer.memory), and none became "
                    + "free within \(maxBlock) (max.block.ms). The cluster takes records more slowly than they come."
            )
        case .topic(let name):
            KafkaClientError(
                .unknownTopic,
                "Topic '\(name)' was not described by any broker within \(maxBlock) (max.block.ms)."
            )
        }
    }

    // MARK: The end

    /// Nothing can be sent any more.
    mutating func fail(_ error: KafkaClientError) {
        guard failure == nil else { return }
        failure = error
        accumulator.abandonAll(error)
    }

    /// Batches of a transaction that has failed need not be sent.
    mutating func dropSpoiltBatches() {
        guard let transaction = accumulator.transaction, let failure = transaction.failure,
            transaction.phase == .abortable || transaction.phase == .failed, accumulator.incompleteBatches > 0
        else { return }
        accumulator.abandonAll(failure)
    }

    mutating func takeFinishedFlushes() -> [@Sendable () -> Void] {
        accumulator.takeFinishedFlushes().compactMap { flushWaiters.removeValue(forKey: $0) }
    }
}

extension KafkaClientError {
    static let producerClosed = KafkaClientError(.closed, "The producer has been closed.")
}
