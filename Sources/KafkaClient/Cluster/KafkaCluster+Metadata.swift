package import KafkaMessages
import KafkaTransport
import Logging
import Synchronization

extension KafkaCluster {
    /// Asks for fresh metadata soon, without waiting: something was seen that contradicts what is known.
    package func requestMetadataRefresh() {
        ensureRefreshing()
        state.withLock { $0.schedule.becameStale() }
        refreshWanted.notify()
    }

    /// Waits for metadata that are newer than this call.
    ///
    /// - Throws: why they could not be had.
    package func refreshMetadata(deadline: Deadline) async throws(KafkaClientError) {
        ensureRefreshing()
        let ticket = state.withLock { $0.schedule.want() }
        refreshWanted.notify()
        while true {
            let seen = metadataChanged.version
            let (isDone, error, isClosed) = state.withLock { state in
                (state.schedule.completed >= ticket, state.lastRefreshError, state.isClosed)
            }
            guard !isClosed else { throw .clientClosed }
            if isDone {
                if let error { throw error }
                return
            }
            guard await metadataChanged.wait(past: seen, untilMs: deadline.ms) else {
                if Task.isCancelled { throw .wasCancelled }
                throw error ?? KafkaClientError(.timedOut, "No broker told about the cluster in time.")
            }
        }
    }

    /// A topic's description, waited for until the topic exists.
    ///
    /// - Throws: ``KafkaClientError/Code/unknownTopic`` when it does not exist by the deadline; at once for an error that
    ///   waiting does not cure.
    package func topic(_ name: String, deadline: Deadline) async throws(KafkaClientError) -> TopicMetadata {
        var attempt = 0
        var answer: KafkaClientError?
        while true {
            if let topic = knownTopic(name) { return topic }
            let nowMs = MonotonicClock.nowMs
            state.withLock { $0.cache.use(name, nowMs: nowMs) }
            var failure: KafkaClientError
            do {
                try await refreshMetadata(deadline: deadline)
                if let topic = knownTopic(name) { return topic }
                let error = withMetadata { $0.failure(of: name)?.error } ?? .unknownTopicOrPartition
                failure = KafkaClientError("Topic '\(name)' cannot be used", error)
                answer = failure
            } catch {
                // What a broker said before says more than that the last question came too late.
                failure = error.code == .timedOut ? answer ?? error : error
            }
            attempt += 1
            guard failure.isRetriable, await sleep(backoff.pause(afterFailures: attempt), deadline: deadline) else {
                throw Task.isCancelled ? .wasCancelled : failure
            }
        }
    }

    /// Asks for metadata in passing, outside of what is kept.
    ///
    /// - Parameter topics: names; `nil` for all topics of the cluster.
    package func fetchMetadata(
        topics: [String]?,
        allowsTopicCreation: Bool,
        deadline: Deadline
    ) async throws(KafkaClientError) -> MetadataResponse {
        let connection = try await anyConnection(deadline: deadline)
        guard !configuration.bootstrapsFromControllers else {
            guard topics?.isEmpty == true else {
                throw KafkaClientError(.unsupportedByBroker, "Controllers tell nothing of topics: ask a broker.")
            }
            return try await controllers(over: connection, deadline: deadline)
        }
        var request = MetadataRequest()
        request.topics = topics?.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        let version = try mapping { () throws(ConnectionError) in try connection.version(of: MetadataRequest.self) }
        // Before version 4 a broker decides alone; before version 1 an empty list stands for all topics.
        request.allowAutoTopicCreation = version < 4 ? true : allowsTopicCreation
        if version == 0, topics == nil {
            request.topics = []
        }
        let response = try await exchange(request, over: connection, version: version, deadline: deadline)
        guard response.errorCode == .none else { throw refused(response.errorCode, by: connection) }
        return response
    }

    /// What controllers say of themselves, in the form in which brokers describe a cluster (KIP-919).
    private func controllers(
        over connection: ClientConnection,
        deadline: Deadline
    ) async throws(KafkaClientError) -> MetadataResponse {
        let request = DescribeClusterRequest(endpointType: 2)
        let described = try await exchange(request, over: connection, deadline: deadline)
        guard described.errorCode != .mismatchedEndpointType else {
            throw KafkaClientError("\(connection.peer) is a broker, not a controller", described.errorCode)
        }
        guard described.errorCode == .none else { throw refused(described.errorCode, by: connection) }
        var response = MetadataResponse()
        response.clusterId = described.clusterId
        response.controllerId = described.controllerId
        response.brokers = described.brokers.map { .init(nodeId: $0.brokerId, host: $0.host, port: $0.port) }
        return response
    }

    /// A broker may send its clients back to the bootstrap list (KIP-1102).
    private func refused(_ error: ErrorCode, by connection: ClientConnection) -> KafkaClientError {
        let failure = KafkaClientError("\(connection.peer) does not describe the cluster", error)
        guard error == .rebootstrapRequired else { return failure }
        state.withLock { $0.cache.forgetNodes() }
        connection.close()
        return KafkaClientError(
            .connectionFailed,
            failure.message,
            cause: ConnectionError.closed(connection.peer, .byUs)
        )
    }

    /// Starts the refreshing if it does not run yet.
    func ensureRefreshing() {
        let starts = state.withLock { state in
            guard !state.isRefreshing, !state.isClosed else { return false }
            state.isRefreshing = true
            return true
        }
        if starts {
            tasks.start { [self] in await keepMetadataFresh() }
        }
    }

    private func keepMetadataFresh() async {
        while !Task.isCancelled {
            let seen = refreshWanted.version
            let nowMs = MonotonicClock.nowMs
            let (dueMs, isClosed) = state.withLock { ($0.schedule.dueMs(nowMs: nowMs), $0.isClosed) }
            guard !isClosed else { return }
            if let dueMs, dueMs <= nowMs {
                await refreshOnce(nowMs: nowMs)
            } else {
                _ = await refreshWanted.wait(past: seen, untilMs: dueMs)
            }
        }
    }

    private func refreshOnce(nowMs: Int64) async {
        let idleMs = configuration.metadata.maxIdle.milliseconds
        let topics = state.withLock { state in
            state.schedule.start(nowMs: nowMs)
            _ = state.cache.expire(usedBeforeMs: nowMs - idleMs)
            return state.cache.usedTopics
        }
        do {
            let response = try await fetchMetadata(
                topics: topics,
                allowsTopicCreation: configuration.metadata.allowsTopicCreation,
                deadline: .after(configuration.request.callTimeout)
            )
            let endMs = MonotonicClock.nowMs
            state.withLock { state in
                state.cache.apply(response, nowMs: endMs)
                state.schedule.succeeded(nowMs: endMs)
                state.lastRefreshError = nil
            }
        } catch {
            logger.debug("Metadata could not be refreshed", metadata: ["error": "\(error)"])
            let endMs = MonotonicClock.nowMs
            state.withLock { state in
                state.schedule.failed(nowMs: endMs, spread: Double.random(in: 0...1))
                state.lastRefreshError = error
            }
        }
        metadataChanged.notify()
    }
}
