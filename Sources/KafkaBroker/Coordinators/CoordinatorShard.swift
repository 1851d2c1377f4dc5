import KafkaCoordination
import KafkaMessages
import KafkaWire
import Logging
import Synchronization

/// Drives the state machine of one partition while this broker leads it in one epoch.
///
/// One decision at a time: decide, append, replay, unlock, wait until all that was written is committed, hand out the
/// answers. The lock is held for one write and never while something is awaited. Who is held waits for the machine to
/// answer its token; nobody polls.
final class CoordinatorShard<Machine: Coordinator>: Sendable {
    typealias Decision<Answer: Sendable> = CoordinatorResult<Answer, Machine.Reply>
    /// What is done after unlocking.
    typealias Delivery = @Sendable () -> Void

    enum Phase {
        case loading(hasBegun: Bool)
        case active
        case closed(CoordinatorError)
    }

    /// Answers that wait for the high watermark.
    struct Deferred {
        let offset: Int64
        let deadlineMs: Int64
        let deliver: @Sendable (CoordinatorError?) -> Void
    }

    struct State {
        var machine: Machine
        var phase = Phase.loading(hasBegun: false)
        var nextToken: UInt64 = 0
        var held: [HeldToken: AnswerSlot<Machine.Reply>] = [:]
        /// The offset after the last record that was written here.
        var writtenOffset: Int64 = 0
        var deferred: [Deferred] = []
        var timer: (deadlineMs: Int64, call: any ScheduledCall)?
        /// What the machine is still to be told: the cluster as it is, and what was deleted.
        var newImage: MetadataImage?
        var removedTopics: [RemovedTopic] = []
        /// When it may be told again what could not be written the last time; nil where nothing failed.
        var retryDueMs: Int64?
        var isAttended = false
    }

    /// Events that are worked off without letting anybody else in between.
    private static var eventsAtOnce: Int { 256 }
    /// Milliseconds until what could not be written is decided again.
    private static var retryMs: Int64 { 1000 }

    let log: CoordinatorLog
    let topicID: KafkaUUID
    let clock: any BrokerClock
    let logger: Logger
    /// Milliseconds that answers wait for the high watermark.
    private let commitTimeoutMs: Int64
    /// Rung when `work` has something to do.
    let alarm: Alarm
    let state: Mutex<State>

    init(
        _ machine: Machine,
        log: CoordinatorLog,
        topicID: KafkaUUID,
        commitTimeoutMs: Int64,
        clock: any BrokerClock,
        alarm: Alarm,
        logger: Logger
    ) {
        self.log = log
        self.topicID = topicID
        self.commitTimeoutMs = commitTimeoutMs
        self.clock = clock
        self.alarm = alarm
        self.logger = logger
        state = Mutex(State(machine: machine))
    }

    var leaderEpoch: Int32 { log.leaderEpoch }

    // MARK: Requests

    /// Lets the machine decide; the answer comes when it cannot be lost any more.
    func perform<Answer: Sendable>(
        _ decide: (inout Machine, Int64) -> Decision<Answer>
    ) async throws(CoordinatorError) -> Answer {
        let slot = AnswerSlot<Answer>()
        let deliveries = try state.withLock { state throws(CoordinatorError) -> [Delivery] in
            try Self.requireActive(state)
            let nowMs = clock.nowMs
            let earlier = tellNews(&state, nowMs)
            let decision = decide(&state.machine, nowMs)
            let answer = decision.answer
            return earlier + run(decision, &state, nowMs) { slot.fill($0.map { .failure($0) } ?? .success(answer)) }
        }
        for deliver in deliveries { deliver() }
        return try await slot.wait()
    }

    /// Lets the machine decide about a request that it may hold: the answer is the reply to the token.
    func hold(
        _ decide: (inout Machine, HeldToken, Int64) -> Decision<Void>
    ) async throws(CoordinatorError) -> Machine.Reply {
        let slot = AnswerSlot<Machine.Reply>()
        let deliveries = try state.withLock { state throws(CoordinatorError) -> [Delivery] in
            try Self.requireActive(state)
            let nowMs = clock.nowMs
            let earlier = tellNews(&state, nowMs)
            let token = HeldToken(state.nextToken)
            state.nextToken += 1
            state.held[token] = slot
            let decision = decide(&state.machine, token, nowMs)
            return earlier + run(decision, &state, nowMs) { if let error = $0 { slot.fill(.failure(error)) } }
        }
        for deliver in deliveries { deliver() }
        return try await slot.wait()
    }

    /// Writes the marker that ends a producer's transaction in this partition, and lets the machine carry it out.
    func endTransaction(_ marker: EndTransactionMarker, of producer: TransactionalProducer) async throws(PartitionError)
    {
        let slot = AnswerSlot<Void>()
        let deliveries = try state.withLock { state throws(PartitionError) -> [Delivery] in
            do throws(CoordinatorError) {
                try Self.requireActive(state)
            } catch {
                throw PartitionError(error.code, error.message)
            }
            let nowMs = clock.nowMs
            let earlier = tellNews(&state, nowMs)
            do throws(PartitionError) {
                state.writtenOffset = try log.append(marker, producer: producer, nowMs: nowMs)
            } catch {
                return earlier + [{ slot.fill(.failure(CoordinatorError(error.code, error.message))) }]
            }
            state.machine.endTransaction(producerID: producer.id, isCommit: marker.isCommit)
            return earlier + settle(&state, nowMs) { slot.fill($0.map { .failure($0) } ?? .success(())) }
        }
        for deliver in deliveries { deliver() }
        do throws(CoordinatorError) {
            try await slot.wait()
        } catch {
            throw PartitionError(error.code, error.message)
        }
    }

    private static func requireActive(_ state: borrowing State) throws(CoordinatorError) {
        switch state.phase {
        case .loading: throw CoordinatorError(.coordinatorLoadInProgress)
        case .active: return
        case .closed(let error): throw error
        }
    }

    // MARK: Carrying out

    /// Appends and replays what was decided. Returns what to call after unlocking.
    ///
    /// - Parameter finish: tells the requester that it may have its answer, or why not.
    func run<Answer: Sendable>(
        _ decision: Decision<Answer>,
        _ state: inout State,
        _ nowMs: Int64,
        finish: @escaping @Sendable (CoordinatorError?) -> Void
    ) -> [Delivery] {
        if !decision.records.isEmpty {
            do throws(PartitionError) {
                state.writtenOffset = try log.append(
                    decision.records,
                    producer: decision.producer,
                    isAtomic: decision.isAtomic,
                    nowMs: nowMs
                ) { written throws(PartitionError) in
                    for record in written { try replay(record, decision.producer, &state.machine) }
                }
            } catch {
                return fail(error, decision, &state, nowMs, finish)
            }
        }
        let replies = take(decision.replies, &state)
        return settle(&state, nowMs) { error in
            for (slot, reply) in replies { slot.fill(error.map { .failure($0) } ?? .success(reply)) }
            finish(error)
        }
    }

    private func replay(
        _ record: CoordinatorRecord,
        _ producer: TransactionalProducer?,
        _ machine: inout Machine
    ) throws(PartitionError) {
        do {
            try machine.replay(record, producerID: producer?.id)
        } catch {
            // The machine's own record does not fit its own state: a programming error.
            logger.critical("Coordinator record cannot be applied", metadata: metadata("\(error)"))
            throw PartitionError(.unknownServerError, "\(error)")
        }
    }

    /// The machine says what those are told who wait for the write; whoever else the decision would have answered is
    /// told of the error.
    private func fail<Answer: Sendable>(
        _ error: PartitionError,
        _ decision: Decision<Answer>,
        _ state: inout State,
        _ nowMs: Int64,
        _ finish: @escaping @Sendable (CoordinatorError?) -> Void
    ) -> [Delivery] {
        logger.error("Coordinator cannot write", metadata: metadata(error.message ?? error.code.name))
        let refusal = CoordinatorError(error)
        let answered = decision.subject.map { state.machine.writeFailed($0, code: refusal.code, nowMs: nowMs) }
        let replies = take(answered ?? [], &state)
        let refused = take(decision.replies, &state).map(\.0)
        schedule(&state, nowMs)
        return [
            {
                for (slot, reply) in replies { slot.fill(.success(reply)) }
                for slot in refused { slot.fill(.failure(refusal)) }
                finish(refusal)
            }
        ]
    }

    private func take(
        _ replies: [HeldReply<Machine.Reply>],
        _ state: inout State
    ) -> [(AnswerSlot<Machine.Reply>, Machine.Reply)] {
        replies.compactMap { reply in state.held.removeValue(forKey: reply.token).map { ($0, reply.reply) } }
    }

    /// Sets the timer, and hands out answers now or when all that was written is committed.
    private func settle(
        _ state: inout State,
        _ nowMs: Int64,
        _ deliver: @escaping @Sendable (CoordinatorError?) -> Void
    ) -> [Delivery] {
        let offset = state.writtenOffset
        if state.deferred.isEmpty, log.isCommitted(offset) {
            schedule(&state, nowMs)
            return [{ deliver(nil) }]
        }
        state.deferred.append(Deferred(offset: offset, deadlineMs: nowMs + commitTimeoutMs, deliver: deliver))
        schedule(&state, nowMs)
        let (partition, alarm) = (log.partition, alarm)
        return [{ _ = partition.ring(alarm, whenHighWatermarkReaches: offset) }]
    }

    private func schedule(_ state: inout State, _ nowMs: Int64) {
        let deadlines = [state.machine.nextDeadlineMs, state.deferred.first?.deadlineMs, state.retryDueMs]
        guard let next = deadlines.compactMap(\.self).min() else { return }
        if let timer = state.timer, timer.deadlineMs <= next { return }
        state.timer?.call.cancel()
        let call = clock.schedule(afterMs: next - nowMs) { [alarm] in alarm.ring() }
        state.timer = (next, call)
    }

    func metadata(_ error: String) -> Logger.Metadata {
        ["partition": "\(log.partition.topicPartition)", "error": "\(error)"]
    }

    // MARK: Work that nobody asked for

    /// The cluster changed; the machine is told with the next input, whatever it is.
    func noteMetadata(_ image: MetadataImage, removedTopics: [RemovedTopic]) {
        state.withLock { state in
            state.newImage = image
            state.removedTopics += removedTopics
            state.retryDueMs = nil
        }
    }

    /// Tells the machine of changes in the cluster, before anything else is decided: what a request has seen of the
    /// cluster, the machine knows as well.
    func tellNews(_ state: inout State, _ nowMs: Int64) -> [Delivery] {
        guard let image = state.newImage, nowMs >= state.retryDueMs ?? nowMs else { return [] }
        let removed = state.removedTopics
        state.newImage = nil
        state.removedTopics = []
        state.retryDueMs = nil
        let decision = state.machine.metadataChanged(image, removedTopics: removed, nowMs: nowMs)
        let end = state.writtenOffset
        let deliveries = run(decision, &state, nowMs) { _ in }
        if !decision.records.isEmpty, state.writtenOffset == end {
            // Nothing of it was written, on a full disk perhaps.
            state.newImage = image
            state.removedTopics = removed
            state.retryDueMs = nowMs + Self.retryMs
            schedule(&state, nowMs)
        }
        return deliveries
    }

    /// Does what is due, tells the machine of changes in the cluster, hands out answers whose records are committed.
    func work() {
        let nowMs = clock.nowMs
        let deliveries = state.withLock { state -> [Delivery] in
            guard case .active = state.phase else { return [] }
            if let timer = state.timer, timer.deadlineMs <= nowMs { state.timer = nil }
            var deliveries = tellNews(&state, nowMs)
            // When thousands of members are due at once, others get a turn in between.
            for _ in 0..<Self.eventsAtOnce {
                guard let deadlineMs = state.machine.nextDeadlineMs, deadlineMs <= nowMs else { break }
                deliveries += run(state.machine.advance(nowMs: nowMs), &state, nowMs) { _ in }
            }
            deliveries += takeCommitted(&state, nowMs)
            schedule(&state, nowMs)
            return deliveries
        }
        for deliver in deliveries { deliver() }
    }

    private func takeCommitted(_ state: inout State, _ nowMs: Int64) -> [Delivery] {
        guard !state.deferred.isEmpty else { return [] }
        let committed = state.deferred.prefix { log.isCommitted($0.offset) }.count
        let late = state.deferred.dropFirst(committed).prefix { $0.deadlineMs <= nowMs }.count
        let ready = state.deferred.prefix(committed + late)
        state.deferred.removeFirst(ready.count)
        return ready.enumerated().map { index, item in
            // The records may still be committed; the client cannot know, and asks again.
            { item.deliver(index < committed ? nil : CoordinatorError(.coordinatorNotAvailable)) }
        }
    }

    /// Nothing comes of this shard any more.
    var isClosed: Bool {
        state.withLock { state in
            if case .closed = state.phase { return true }
            return false
        }
    }

    /// Another broker leads, the topic is gone, or the broker stops: everybody who waits is told `error`.
    func close(_ error: CoordinatorError) {
        let (held, deferred) = state.withLock { state in
            state.phase = .closed(error)
            state.timer?.call.cancel()
            state.timer = nil
            let ended = (state.held.values.map(\.self), state.deferred)
            state.held = [:]
            state.deferred = []
            return ended
        }
        for slot in held { slot.fill(.failure(error)) }
        for item in deferred { item.deliver(error) }
    }
}
