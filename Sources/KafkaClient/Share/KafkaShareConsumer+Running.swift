import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import Synchronization

extension KafkaShareConsumer {
    /// The first versions that are more than a preview (Kafka 4.1).
    private static let firstVersion: Int16 = 1

    /// The background work: heartbeats, and one request for records to each broker that leads something.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in await keepMembership() }
            group.addTask { [self] in await followMetadata() }
            while !Task.isCancelled {
                let seen = room.version
                learnLeaders()
                let nowMs = MonotonicClock.nowMs
                let (work, lacksLeaders) = state.withLock { state in
                    let none: [Int32: ShareFetchRequest] = [:]
                    guard !state.isClosed else { return ((requests: none, dueMs: Int64?.none), false) }
                    return (state.core.takeRequests(nowMs: nowMs), state.core.lacksLeaders)
                }
                if lacksLeaders { cluster.requestMetadataRefresh() }
                for (node, request) in work.requests {
                    group.addTask { [self] in await fetch(request, from: node) }
                }
                _ = await room.wait(past: seen, untilMs: work.dueMs)
            }
            group.cancelAll()
        }
    }

    private func followMetadata() async {
        var seen: UInt64 = 0
        while await cluster.metadataChanged.wait(past: seen) {
            seen = cluster.metadataChanged.version
            room.notify()
        }
    }

    /// Tells the core who leads what is assigned, and the cluster what is used.
    private func learnLeaders() {
        let partitions = state.withLock { $0.core.partitions }
        let nowMs = MonotonicClock.nowMs
        let leaders = cluster.state.withLock { state in
            for topic in Set(partitions.map(\.topic)) { state.cache.use(topic, nowMs: nowMs) }
            return partitions.reduce(into: [TopicPartition: Int32]()) { leaders, partition in
                leaders[partition] = state.cache.leader(of: partition)?.node.id
            }
        }
        state.withLock { $0.core.learnLeaders { leaders[$0] } }
    }

    // MARK: Membership

    private func keepMembership() async {
        while !Task.isCancelled {
            let seen = membership.version
            let nowMs = MonotonicClock.nowMs
            switch state.withLock({ $0.membership.next(nowMs: nowMs) }) {
            case .wait(let untilMs): _ = await membership.wait(past: seen, untilMs: untilMs)
            case .beat(let request): await beat(request)
            case .resolve(let ids): await resolve(ids)
            case .stopped: return delivery.notify()
            }
        }
    }

    private func beat(_ request: ShareGroupHeartbeatRequest) async {
        let outcome = await outcome { () async throws(KafkaClientError) in
            let limit = self.cluster.configuration.request.timeout
            let response = try await self.finder.send(
                request,
                lane: self.lane,
                limit: limit,
                deadline: .after(limit + self.cluster.configuration.request.timeout)
            ) { (request, version) throws(KafkaClientError) in try Self.check(version, of: .shareGroupHeartbeat) }
            self.finder.note(response.errorCode)
            return response
        }
        guard !Task.isCancelled else { return }
        if case .failure(let error) = outcome {
            cluster.logger.debug("A share group's heartbeat failed", metadata: ["error": "\(error)"])
        }
        let nowMs = MonotonicClock.nowMs
        state.withLock { state in
            state.membership.beaten(outcome, nowMs: nowMs)
            state.core.assign(state.membership.assignment)
        }
        room.notify()
        delivery.notify()
    }

    /// Finds the names of topics that the group has assigned by id.
    private func resolve(_ ids: Set<KafkaUUID>) async {
        var names = cluster.withMetadata { cache in
            ids.reduce(into: [KafkaUUID: String]()) { names, id in names[id] = cache.name(of: id) }
        }
        if names.count < ids.count {
            let topics = state.withLock { $0.membership.topics }
            let deadline = Deadline.after(cluster.configuration.request.timeout)
            let outcome = await outcome { () async throws(KafkaClientError) in
                try await self.cluster.fetchMetadata(topics: topics, allowsTopicCreation: false, deadline: deadline)
            }
            guard case .success(let response) = outcome else { return }
            for topic in response.topics where ids.contains(topic.topicId) { names[topic.topicId] = topic.name }
        }
        let found = names
        state.withLock { state in
            state.membership.resolved(found)
            state.core.assign(state.membership.assignment)
        }
        room.notify()
    }

    /// The last heartbeat; if it is lost, the group notices later.
    func leave(_ request: ShareGroupHeartbeatRequest, _ deadline: Deadline) async {
        do throws(KafkaClientError) {
            _ = try await finder.send(request, limit: max(deadline.remaining, .seconds(1)), deadline: deadline)
        } catch {
            cluster.logger.debug("The share group could not be told of the end", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Records

    private func fetch(_ request: ShareFetchRequest, from node: Int32) async {
        let outcome = await outcome { () async throws(KafkaClientError) in
            try await self.send(
                request,
                to: node,
                limit: self.cluster.configuration.request.timeout + self.configuration.fetchMaxWait
            )
        }
        if case .failure(let error) = outcome {
            cluster.logger.debug("A fetch failed", metadata: ["node": "\(node)", "error": "\(error)"])
        }
        let nowMs = MonotonicClock.nowMs
        let effects = state.withLock { $0.core.fetched(outcome, from: node, nowMs: nowMs) }
        if case .success(let response) = outcome {
            let endpoints = response.nodeEndpoints.map {
                Node(id: $0.nodeId, host: $0.host, port: Int($0.port), rack: $0.rack)
            }
            for hint in effects.hints {
                cluster.applyHint(hint.partition, leader: hint.leader, epoch: hint.epoch, endpoints: endpoints)
            }
        }
        if effects.refreshesMetadata { cluster.requestMetadataRefresh() }
        room.notify()
        if effects.hasNews { delivery.notify() }
    }

    private func send<Request: KafkaRequest>(
        _ request: Request,
        to node: Int32,
        limit: Duration
    ) async throws(KafkaClientError) -> Request.Response {
        let deadline = Deadline.after(limit)
        let connection = try await cluster.connection(to: .node(node), lane: .fetch, deadline: deadline)
        let version = try cluster.mapping { () throws(ConnectionError) in try connection.version(of: Request.self) }
        try Self.check(version, of: Request.apiKey)
        return try await cluster.exchange(
            request,
            over: connection,
            version: version,
            limit: limit,
            deadline: deadline
        )
    }

    private static func check(_ version: Int16, of api: APIKey) throws(KafkaClientError) {
        guard version < firstVersion else { return }
        throw .withoutShareGroups("The broker knows only the preview of Kafka 4.0 of \(api.name).")
    }

    private func outcome<Response: Sendable>(
        _ body: () async throws(KafkaClientError) -> Response
    ) async -> Result<Response, KafkaClientError> {
        do throws(KafkaClientError) {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    // MARK: The end

    /// Epochs rise one by one: a session cannot be closed while a request is under way.
    func waitForFetches(_ limit: Deadline) async {
        while true {
            let seen = room.version
            guard state.withLock({ $0.core.isBusy }), await room.wait(past: seen, untilMs: limit.ms) else { return }
        }
    }

    func closeSessions(_ limit: Deadline) async {
        let requests = state.withLock { $0.core.close() }
        await withDiscardingTaskGroup { group in
            for (node, request) in requests {
                group.addTask { [self] in
                    let outcome = await outcome { () async throws(KafkaClientError) in
                        try await self.send(request, to: node, limit: max(limit.remaining, .seconds(1)))
                    }
                    state.withLock { $0.core.closed(outcome, at: node) }
                }
            }
        }
    }
}
