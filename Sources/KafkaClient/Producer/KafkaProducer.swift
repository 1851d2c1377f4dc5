public import KafkaWire
import NIOCore
import Synchronization

/// Writes records to topics: in batches, in order, and by default exactly once per record and partition.
///
/// ```swift
/// try await KafkaProducer.withProducer(cluster) { producer in
///     let written = try await producer.send(ProducerRecord(topic: "greetings", value: "hello"))
///     print(written.offset)
/// }
/// ```
///
/// Records of a partition keep the order in which they were appended. A producer that is idempotent (the default) has
/// its repetitions recognised by brokers. ``close(within:)`` must be called at the end: it sends what is left.
///
/// There are two ways in. ``send(_:)`` suits tasks: it waits for the broker's answer. The `append` methods suit threads
/// that feed records as fast as they can: they return as soon as records are laid into batches, block the thread when
/// memory is short, and leave results to the report closure.
public final class KafkaProducer: Sendable {
    /// How this producer was set up.
    public let configuration: ProducerConfiguration
    let sender: Sender

    /// A producer that uses a cluster's connections and metadata.
    ///
    /// - Parameters:
    ///   - cluster: must be closed after the producer.
    ///   - report: called for every batch when it is done, in order per partition, on a thread of the producer; it must
    ///     not block. Records whose append threw an error are not reported.
    /// - Throws: ``KafkaClientError/Code/invalidConfiguration`` when settings contradict each other.
    public init(
        cluster: KafkaCluster,
        configuration: ProducerConfiguration = ProducerConfiguration(),
        report: (@Sendable (DeliveryReport) -> Void)? = nil
    ) throws(KafkaClientError) {
        try configuration.validate(requestTimeout: cluster.configuration.request.timeout)
        self.configuration = configuration
        let sender = Sender(cluster: cluster, configuration: configuration, report: report)
        self.sender = sender
        sender.tasks.start { await sender.run() }
        sender.tasks.start { await sender.followMetadata() }
    }

    /// Runs a closure with a producer, and closes it afterwards, whatever happens.
    public static func withProducer<Result>(
        _ cluster: KafkaCluster,
        configuration: ProducerConfiguration = ProducerConfiguration(),
        report: (@Sendable (DeliveryReport) -> Void)? = nil,
        _ body: (KafkaProducer) async throws -> Result
    ) async throws -> Result {
        let producer = try KafkaProducer(cluster: cluster, configuration: configuration, report: report)
        do {
            let result = try await body(producer)
            await producer.close()
            return result
        } catch {
            await producer.close()
            throw error
        }
    }

    // MARK: Sending

    /// Sends a record and waits until brokers have it, as far as `acks` asks for.
    ///
    /// A task that is cancelled stops waiting for room in the buffer, but once the record is laid it waits for the answer.
    ///
    /// - Returns: where it was written.
    /// - Throws: why it was not.
    public func send(_ record: ProducerRecord) async throws(KafkaClientError) -> RecordMetadata {
        try await enqueue(record).value
    }

    /// Lays a record into a batch, waiting for room where needed, and returns a handle on its delivery.
    ///
    /// Calls made one after the other keep their order, which tasks that call ``send(_:)`` side by side do not.
    public func enqueue(_ record: ProducerRecord) async throws(KafkaClientError) -> PendingDelivery {
        let deadlineMs = Deadline.after(configuration.maxBlock).ms
        let pending = PendingDelivery()
        var ticket: UInt64?
        while true {
            switch attempt(record, ticket: ticket, promise: { pending.fulfil($0) }) {
            case .done:
                return pending
            case .failed(let error):
                throw error
            case .wait(let need):
                ticket = try await wait(for: need, ticket: ticket, deadlineMs: deadlineMs)
            }
        }
    }

    /// Lays a record into a batch. Blocks the calling thread while its topic is unknown or memory is short, so this is for
    /// threads, not for tasks.
    ///
    /// - Throws: when it could not be laid within `max.block.ms`, or never can.
    public func append(_ record: ProducerRecord) throws(KafkaClientError) {
        let deadlineMs = Deadline.after(configuration.maxBlock).ms
        var ticket: UInt64?
        while true {
            switch attempt(record, ticket: ticket, promise: nil) {
            case .done: return
            case .failed(let error): throw error
            case .wait(let need): ticket = try block(for: need, ticket: ticket, deadlineMs: deadlineMs)
            }
        }
    }

    /// Lays many records of one block of bytes into batches, in their order. Blocks the calling thread while the topic is
    /// unknown or memory is short.
    ///
    /// - Parameters:
    ///   - spans: where the records lie in the block. Those that were taken are removed from the front; when an error is
    ///     thrown, the first one left is the one that could not be taken.
    ///   - timestampMs: the time of all of them in ms since 1970; `nil` for now.
    /// - Throws: when a record could not be laid within `max.block.ms`, or never can.
    public func append(
        _ spans: inout ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer,
        to topic: String,
        timestampMs: Int64? = nil
    ) throws(KafkaClientError) {
        try check(spans, in: block)
        let timestampMs = timestampMs ?? WallClock.nowMs
        var deadlineMs = Deadline.after(configuration.maxBlock).ms
        var ticket: UInt64?
        while !spans.isEmpty {
            let before = spans.count
            switch attempt(&spans, in: block, to: topic, timestampMs: timestampMs, ticket: ticket) {
            case .done: return
            case .failed(let error): throw error
            case .wait(let need):
                // The limit is for one record: progress starts it afresh.
                if spans.count < before {
                    deadlineMs = Deadline.after(configuration.maxBlock).ms
                    ticket = nil
                }
                ticket = try self.block(for: need, ticket: ticket, deadlineMs: deadlineMs)
            }
        }
    }

    /// Sends everything that was appended so far without waiting for more, and waits until it is delivered or has failed.
    public func flush() async {
        await withCheckedContinuation { continuation in
            let isIdle = sender.state.withLock { state in
                guard let token = state.accumulator.flush() else { return true }
                state.flushWaiters[token] = { continuation.resume() }
                return false
            }
            if isIdle { continuation.resume() } else { sender.signal.notify() }
        }
    }

    /// Sends what is left, waits until all of it is delivered or has failed, and ends all tasks. Appends fail from now on.
    /// A transaction that is still open is aborted.
    ///
    /// - Parameter limit: how long to wait at most; what is left then fails. `nil`: each record has until its
    ///   `delivery.timeout.ms`.
    public func close(within limit: Duration? = nil) async {
        await abortWhatIsOpen(within: limit)
        sender.state.withLock { $0.accumulator.beginClosing() }
        sender.signal.notify()
        let timer = limit.map { limit in
            sender.cluster.group.any().scheduleTask(in: .milliseconds(limit.milliseconds)) { [sender] in
                sender.state.withLock { $0.fail(.closedBeforeDelivery) }
                sender.signal.notify()
                sender.closeConnections()
            }
        }
        await sender.ended.value
        timer?.cancel()
        await sender.tasks.close()
    }

    // MARK: Attempts

    private enum Need {
        case topic(String, minimumPartitions: Int32)
        case memory(Int)
    }

    private enum Attempt {
        case done
        case wait(Need)
        case failed(KafkaClientError)
    }

    private func attempt(
        _ record: ProducerRecord,
        ticket: UInt64?,
        promise: ProducerState.Promise?
    ) -> Attempt {
        let nowMs = MonotonicClock.nowMs
        let timestampMs = record.timestampMs ?? WallClock.nowMs
        return withBytes(of: record.key) { key in
            withBytes(of: record.value) { value in
                settle(topic: record.topic, ticket: ticket, nowMs: nowMs) { state in
                    state.append(
                        topic: record.topic,
                        partition: record.partition,
                        key: key,
                        value: value,
                        headers: record.headers,
                        timestampMs: timestampMs,
                        promise: promise,
                        ticket: ticket,
                        nowMs: nowMs
                    )
                }
            }
        }
    }

    private func attempt(
        _ spans: inout ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer,
        to topic: String,
        timestampMs: Int64,
        ticket: UInt64?
    ) -> Attempt {
        let nowMs = MonotonicClock.nowMs
        return settle(topic: topic, ticket: ticket, nowMs: nowMs) { state in
            state.append(
                &spans,
                in: block,
                topic: topic,
                timestampMs: timestampMs,
                ticket: ticket,
                nowMs: nowMs
            )
        }
    }

    /// Makes an attempt under the lock, and does afterwards what it calls for.
    private func settle(
        topic: String,
        ticket: UInt64?,
        nowMs: Int64,
        _ append: (inout ProducerState) -> ProducerState.Outcome
    ) -> Attempt {
        let (outcome, marksUse) = sender.state.withLock { state in
            let outcome = append(&state)
            if let ticket {
                switch outcome {
                case .needsMemory: break
                case .laid, .needsTopic, .failed: state.accumulator.leaveMemoryQueue(ticket)
                }
            }
            return (outcome, state.marksUse(of: topic, nowMs: nowMs))
        }
        if marksUse { _ = sender.cluster.knownTopic(topic) }
        switch outcome {
        case .laid(let wakesSender):
            if wakesSender || ticket != nil { sender.signal.notify() }
            return .done
        case .needsTopic(let minimum):
            return .wait(.topic(topic, minimumPartitions: minimum))
        case .needsMemory(let size):
            return .wait(.memory(size))
        case .failed(let error):
            sender.signal.notify()
            return .failed(error)
        }
    }

    private func withBytes<Value>(
        of buffer: ByteBuffer?,
        _ body: (UnsafeRawBufferPointer?) -> Value
    ) -> Value {
        guard let buffer else { return body(nil) }
        return buffer.withUnsafeReadableBytes { body($0) }
    }

    private func check(
        _ spans: ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer
    ) throws(KafkaClientError) {
        let size = Int64(block.count)
        for span in spans {
            let isInside =
                (span.keyLength < 0 || span.keyOffset >= 0 && Int64(span.keyOffset) + Int64(span.keyLength) <= size)
                && (span.valueLength < 0
                    || span.valueOffset >= 0 && Int64(span.valueOffset) + Int64(span.valueLength) <= size)
            guard isInside else {
                throw KafkaClientError(.invalidArgument, "A record's span reaches beyond its block of \(size) bytes.")
            }
        }
    }

    // MARK: Waiting

    /// Registers a waiter; what it waits for may be there already, and then it is woken at once.
    private func register(
        _ need: Need,
        ticket: UInt64?,
        deadlineMs: Int64,
        wake: @escaping @Sendable (Result<Void, KafkaClientError>) -> Void
    ) -> (waiter: UInt64, ticket: UInt64?) {
        let places: (waiter: UInt64, ticket: UInt64?) = sender.state.withLock { state in
            switch need {
            case .topic(let name, _):
                return (state.wait(forTopic: name, deadlineMs: deadlineMs, wake: wake), nil)
            case .memory(let size):
                let places = state.wait(forMemory: size, ticket: ticket, deadlineMs: deadlineMs, wake: wake)
                return (places.waiter, places.ticket)
            }
        }
        if case .topic(let name, let minimum) = need {
            sender.lookUp(name, minimumPartitions: minimum)
        }
        sender.signal.notify()
        return places
    }

    /// Blocks the calling thread.
    private func block(for need: Need, ticket: UInt64?, deadlineMs: Int64) throws(KafkaClientError) -> UInt64? {
        let gate = ThreadGate<Result<Void, KafkaClientError>>()
        let places = register(need, ticket: ticket, deadlineMs: deadlineMs) { gate.open($0) }
        try gate.wait().get()
        return places.ticket
    }

    /// Suspends the calling task.
    private func wait(for need: Need, ticket: UInt64?, deadlineMs: Int64) async throws(KafkaClientError) -> UInt64? {
        let pending = OneShot<Result<Void, KafkaClientError>>()
        let places = register(need, ticket: ticket, deadlineMs: deadlineMs) { pending.open($0) }
        let result = await withTaskCancellationHandler {
            await pending.value
        } onCancel: {
            let waiter = sender.state.withLock { $0.remove(waiter: places.waiter) }
            waiter?.wake(.failure(.wasCancelled))
        }
        try result.get()
        return places.ticket
    }
}

extension KafkaClientError {
    static let closedBeforeDelivery = KafkaClientError(
        .closed,
        "The producer was closed before the broker had acknowledged the records."
    )
}
