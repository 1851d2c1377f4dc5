import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import Synchronization

/// The active side of a producer: takes from the accumulator what is to be sent, seals it, hands it to connections, and
/// brings back the answers. Works on events only: an append, an answer, new metadata, a time that has come.
final class Sender: Sendable {
    let cluster: KafkaCluster
    let configuration: ProducerConfiguration
    let state: Mutex<ProducerState>
    /// Notified whenever there may be something to do.
    let signal: ChangeSignal
    let tasks = TaskScope()
    /// Opened when ``run()`` has ended.
    let ended = OneShot<Void>()
    private let connections = Mutex<[Int32: ClientConnection]>([:])
    private let lookUps = Mutex<Set<String>>([])
    let identityIsAskedFor = Mutex(false)
    /// The way to the coordinator of transactions.
    let coordinator: CoordinatorFinder?
    /// Whether the open transaction is one of `transaction.version` 2.
    let addsImplicitly = Atomic(false)
    private let report: (@Sendable (DeliveryReport) -> Void)?
    let backoff: Backoff

    init(
        cluster: KafkaCluster,
        configuration: ProducerConfiguration,
        report: (@Sendable (DeliveryReport) -> Void)?
    ) {
        self.cluster = cluster
        self.configuration = configuration
        self.report = report
        coordinator = configuration.transactionalID.map { id in
            CoordinatorFinder(cluster: cluster, key: CoordinatorKey(.transaction, id))
        }
        backoff = Backoff(cluster.configuration.retry)
        signal = ChangeSignal(eventLoop: cluster.group.any())
        state = Mutex(
            ProducerState(configuration: configuration, backoff: backoff, seed: .random(in: 0...UInt64.max))
        )
    }

    /// One look at the state: what the shell has to do after it.
    private struct Round {
        var work: SenderWork
        var deliveries: [BatchDelivery<ProducerState.Promise>]
        var woken: [(ProducerState.Waiter, Result<Void, KafkaClientError>)]
        var flushed: [@Sendable () -> Void]
        var staleTopics: Set<String>
        var asksForIdentity: Bool
        /// Partitions that the coordinator has to be told of.
        var addsPartitions: [TopicPartition]
        var isFinished: Bool
    }

    // MARK: Loops

    /// Runs until the producer is closed and every batch is answered.
    func run() async {
        while true {
            let seen = signal.version
            let round = takeRound()
            perform(round)
            if round.isFinished { return ended.open(()) }
            _ = await signal.wait(past: seen, untilMs: round.work.deadlineMs)
        }
    }

    /// Passes on what becomes known about the topics in use.
    func followMetadata() async {
        var seenVersion: UInt64 = 0
        while !Task.isCancelled {
            let seen = cluster.metadataChanged.version
            let topics = state.withLock { $0.topics }
            let known = seenVersion
            let (version, news) = cluster.withMetadata { cache in
                (cache.version, cache.version == known ? [] : topics.compactMap { cache.topic($0) })
            }
            seenVersion = version
            if !news.isEmpty { learn(news) }
            guard await cluster.metadataChanged.wait(past: seen) else { return }
        }
    }

    private func takeRound() -> Round {
        let nowMs = MonotonicClock.nowMs
        return state.withLock { state in
            state.reportQueues()
            state.dropSpoiltBatches()
            var work = state.accumulator.poll(nowMs: nowMs)
            let deliveries = state.accumulator.deliveries
            state.accumulator.deliveries = []
            let stale = state.accumulator.staleTopics
            state.accumulator.staleTopics = []
            let woken = state.takeWokenWaiters(nowMs: nowMs)
            if let waiters = state.waitersDeadlineMs {
                work.deadlineMs = min(work.deadlineMs ?? .max, waiters)
            }
            return Round(
                work: work,
                deliveries: deliveries,
                woken: woken,
                flushed: state.takeFinishedFlushes(),
                staleTopics: stale,
                asksForIdentity: state.accumulator.needsIdentity && state.failure == nil && !state.topics.isEmpty,
                addsPartitions: state.accumulator.transaction?.takeWantedPartitions() ?? [],
                isFinished: state.accumulator.isClosing && state.accumulator.incompleteBatches == 0
            )
        }
    }

    private func perform(_ round: Round) {
        for request in round.work.requests { send(request) }
        for node in round.work.connects {
            tasks.start { await self.connect(to: node) }
        }
        if round.asksForIdentity { askForIdentity() }
        if !round.addsPartitions.isEmpty {
            tasks.start { await self.add(round.addsPartitions) }
        }
        for topic in round.staleTopics {
            if cluster.knownTopic(topic) == nil {
                lookUp(topic, minimumPartitions: 1)
            } else {
                cluster.requestMetadataRefresh()
            }
        }
        for delivery in round.deliveries { deliver(delivery) }
        for (waiter, result) in round.woken { waiter.wake(result) }
        for wake in round.flushed { wake() }
    }

    private func deliver(_ delivery: BatchDelivery<ProducerState.Promise>) {
        report?(
            DeliveryReport(
                topic: delivery.partition.topic,
                partition: delivery.partition.partition,
                recordCount: Int(delivery.recordCount),
                timestampsMs: delivery.timestampsMs,
                baseOffset: delivery.outcome.map(\.baseOffset)
            )
        )
        for promise in delivery.promises {
            promise.promise(
                delivery.outcome.map { written in
                    RecordMetadata(
                        topic: delivery.partition.topic,
                        partition: delivery.partition.partition,
                        offset: written.baseOffset < 0 ? -1 : written.baseOffset + Int64(promise.index),
                        timestampMs: written.logAppendTimeMs >= 0 ? written.logAppendTimeMs : promise.timestampMs
                    )
                }
            )
        }
    }

    // MARK: Topics

    private func learn(_ topics: [TopicMetadata]) {
        let nowMs = MonotonicClock.nowMs
        state.withLock { state in
            for topic in topics { state.learn(topic, nowMs: nowMs) }
        }
        signal.notify()
    }

    /// Asks about a topic on behalf of those who wait for it, unless that is under way.
    func lookUp(_ topic: String, minimumPartitions: Int32) {
        guard lookUps.withLock({ $0.insert(topic).inserted }) else { return }
        tasks.start {
            let result = await self.find(topic, minimumPartitions: minimumPartitions)
            _ = self.lookUps.withLock { $0.remove(topic) }
            if case .success(let metadata) = result { self.learn([metadata]) }
            let waiters = self.state.withLock { $0.takeWaiters(forTopic: topic) }
            for waiter in waiters { waiter.wake(result.map { _ in }) }
        }
    }

    private func find(_ topic: String, minimumPartitions: Int32) async -> Result<TopicMetadata, KafkaClientError> {
        let deadline = Deadline.after(configuration.maxBlock)
        var attempt = 0
        /// How many partitions the topic had, if there were too few of them.
        var known: Int?
        while true {
            let failure: KafkaClientError
            do throws(KafkaClientError) {
                if attempt > 0 { try await cluster.refreshMetadata(deadline: deadline) }
                let found = try await cluster.topic(topic, deadline: deadline)
                if found.partitions.count >= Int(minimumPartitions) { return .success(found) }
                known = found.partitions.count
                attempt += 1
                // The first look may have found old knowledge; after that, partitions may be in the making.
                if attempt == 1 { continue }
                if await cluster.sleep(backoff.pause(afterFailures: attempt), deadline: deadline) { continue }
                failure = .wasCancelled
            } catch {
                failure = error
            }
            guard let known else { return .failure(failure) }
            return .failure(
                KafkaClientError(
                    .unknownPartition,
                    "Topic '\(topic)' has no partition \(minimumPartitions - 1): it has \(known), numbered from 0.",
                    cause: failure
                )
            )
        }
    }

    // MARK: Nodes

    private func connect(to node: Int32) async {
        let deadline = Deadline.after(cluster.configuration.connection.setupTimeout)
        do throws(KafkaClientError) {
            let connection = try await cluster.connection(to: node, lane: .produce, deadline: deadline)
            connections.withLock { $0[node] = connection }
            state.withLock { $0.accumulator.connected(node) }
            connection.whenClosed { _ in self.lost(node, connection) }
        } catch {
            cluster.logger.debug("A broker cannot be reached", metadata: ["broker": "\(node)", "error": "\(error)"])
            let notBeforeMs =
                MonotonicClock.nowMs + cluster.configuration.connection.reconnectBackoff.milliseconds
            state.withLock { $0.accumulator.disconnected(node, notBeforeMs: notBeforeMs, failure: error) }
            cluster.requestMetadataRefresh()
        }
        signal.notify()
    }

    private func lost(_ node: Int32, _ connection: ClientConnection) {
        let isCurrent = connections.withLock { connections in
            guard connections[node] === connection else { return false }
            connections[node] = nil
            return true
        }
        guard isCurrent else { return }
        let nowMs = MonotonicClock.nowMs
        state.withLock { $0.accumulator.disconnected(node, notBeforeMs: nowMs, failure: nil) }
        signal.notify()
    }

    // MARK: Requests

    /// Seals the batches of a request and hands it to the node's connection.
    private func send(_ request: OutgoingRequest) {
        var sealed: [OutgoingBatch] = []
        sealed.reserveCapacity(request.batches.count)
        for var batch in request.batches {
            do throws(RecordError) {
                try batch.seal()
                sealed.append(batch)
            } catch {
                let reason = KafkaClientError(
                    .invalidArgument,
                    "A batch for \(batch.partition) could not be made: \(error).",
                    cause: error
                )
                ended(batch, .impossible(reason))
            }
        }
        guard !sealed.isEmpty else { return endRequest(to: request.node) }
        guard let connection = connections.withLock({ $0[request.node] }) else {
            return fail(sealed, of: request.node) { .unsent(.connectionLost(request.node)) }
        }
        let batches = sealed
        do throws(ConnectionError) {
            let produce = ProduceRequest(
                batches,
                transactionalID: configuration.transactionalID,
                acks: configuration.acks,
                timeout: cluster.configuration.request.timeout
            )
            // From version 13 on topics go by id; names serve up to 12, and nothing else is new there.
            // Version 12 adds partitions to the transaction, which has to be agreed on.
            let isOlder = configuration.transactionalID != nil && !addsImplicitly.load(ordering: .relaxed)
            let version = try connection.version(of: ProduceRequest.self, atMost: isOlder ? 11 : 12)
            try connection.submit(
                connection.prepare(
                    produce,
                    version: version,
                    expectsResponse: configuration.acks != .none,
                    capacity: 256 + batches.count * 64
                ) { result in
                    self.answered(result, batches, node: request.node)
                }
            )
        } catch {
            let reason = KafkaClientError(error)
            fail(batches, of: request.node) { error.isRetriable ? .unsent(reason) : .impossible(reason) }
        }
    }

    /// Runs on the connection's event loop.
    private func answered(
        _ result: Result<ProduceResponse?, ConnectionError>,
        _ batches: [OutgoingBatch],
        node: Int32
    ) {
        switch result {
        case .success(nil):
            let nowhere = WrittenBatch(baseOffset: -1, logAppendTimeMs: -1)
            fail(batches, of: node) { .written(nowhere) }
        case .success(let response?):
            take(response, batches, node: node)
        case .failure(let error):
            let reason = KafkaClientError(error)
            fail(batches, of: node) { .lost(reason) }
        }
    }

    private func take(_ response: ProduceResponse, _ batches: [OutgoingBatch], node: Int32) {
        let answers = batches.map { batch in (batch, response.answer(to: batch, from: node)) }
        applyHints(response, node: node)
        let nowMs = MonotonicClock.nowMs
        state.withLock { state in
            state.accumulator.requestEnded(node)
            if response.throttleTimeMs > 0 {
                state.accumulator.throttle(node, untilMs: nowMs + Int64(response.throttleTimeMs))
            }
            for (batch, answer) in answers {
                state.accumulator.answered(batch.id, answer, bytes: batch.contents, nowMs: nowMs)
            }
        }
        signal.notify()
    }

    /// KIP-951: errors about leadership tell who leads now.
    private func applyHints(_ response: ProduceResponse, node: Int32) {
        for topic in response.responses {
            for partition in topic.partitionResponses where partition.currentLeader.leaderId >= 0 {
                cluster.applyHint(
                    TopicPartition(topic: topic.name, partition: partition.index),
                    leader: partition.currentLeader.leaderId,
                    epoch: partition.currentLeader.leaderEpoch,
                    endpoints: response.nodeEndpoints.map {
                        Node(id: $0.nodeId, host: $0.host, port: Int($0.port), rack: $0.rack)
                    }
                )
            }
        }
    }

    private func fail(_ batches: [OutgoingBatch], of node: Int32, _ answer: () -> BatchAnswer) {
        for batch in batches { ended(batch, answer()) }
        endRequest(to: node)
    }

    private func ended(_ batch: OutgoingBatch, _ answer: BatchAnswer) {
        let nowMs = MonotonicClock.nowMs
        state.withLock { $0.accumulator.answered(batch.id, answer, bytes: batch.contents, nowMs: nowMs) }
    }

    private func endRequest(to node: Int32) {
        state.withLock { $0.accumulator.requestEnded(node) }
        signal.notify()
    }

    /// Ends everything that is still under way, for a producer that does not want to wait for it.
    func closeConnections() {
        let open = connections.withLock { Array($0.values) }
        for connection in open { connection.close() }
    }
}
