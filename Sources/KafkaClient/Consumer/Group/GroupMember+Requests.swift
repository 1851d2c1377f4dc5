import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import Synchronization

extension GroupMember {
    /// Does what the membership wants, and tells it the outcome.
    ///
    /// - Returns: what it wants at once after that.
    func perform(_ action: MembershipAction) async -> MembershipAction? {
        switch action {
        case .wait, .stopped:
            return nil
        case .beat(let request):
            await beat(request)
            return nil
        case .resolve(let ids):
            await resolve(ids)
            return nil
        case .handOver(let events):
            application.handOver(events)
            return nil
        case .join(let request):
            // The broker holds the request until the whole group is there, which takes the rebalance timeout at most.
            let limit = configuration.maxPollInterval + .seconds(5)
            let outcome = await ask(request, limit: limit, adapt: GroupRequests.adapt(_:version:), error: \.errorCode)
            return take(outcome) { $0.joined($1, nowMs: $2) }
        case .describe(let topics):
            let outcome = await outcome { () async throws(KafkaClientError) in try await self.layout(of: topics) }
            return take(outcome) { $0.described($1, nowMs: $2) }
        case .sync(let request):
            // The leader has all it needs and answers soon: no answer says that the coordinator is gone.
            let limit = cluster.configuration.request.timeout
            let outcome = await ask(request, limit: limit, adapt: GroupRequests.adapt(_:version:), error: \.errorCode)
            return take(outcome) { $0.synced($1, nowMs: $2) }
        case .review(let request):
            let outcome = await outcome { () async throws(KafkaClientError) in
                try await self.send(request, limit: self.cluster.configuration.request.timeout) { _, _ in }
            }
            return take(outcome) { membership, outcome, _ in
                membership.reviewed(outcome)
                return nil
            }
        case .heartbeat(let request):
            await beat(request)
            return nil
        case .leave(let request):
            _ = await outcome { () async throws(KafkaClientError) in
                try await self.send(request, limit: .seconds(5), adapt: GroupRequests.adapt(_:version:))
            }
            return nil
        }
    }

    private func beat(_ request: ConsumerGroupHeartbeatRequest) async {
        let limit = cluster.configuration.request.timeout
        let outcome = await ask(request, limit: limit, adapt: GroupRequests.adapt(_:version:), error: \.errorCode)
        guard let outcome else { return }
        if case .failure(let error) = outcome {
            cluster.logger.debug("A group request failed", metadata: ["error": "\(error)"])
        }
        let nowMs = MonotonicClock.nowMs
        membership.withLock { $0.change({ _ in }, { $0.beaten(outcome, nowMs: nowMs) }) }
        lookForMissingTopics()
    }

    /// Finds the names of topics that the broker has assigned by id.
    private func resolve(_ ids: Set<KafkaUUID>) async {
        var names = cluster.withMetadata { cache in
            ids.reduce(into: [KafkaUUID: String]()) { names, id in names[id] = cache.name(of: id) }
        }
        if names.count < ids.count {
            let topics = membership.withLock { $0.topics }
            let deadline = Deadline.after(cluster.configuration.request.timeout)
            let outcome = await outcome { () async throws(KafkaClientError) in
                try await self.cluster.fetchMetadata(
                    topics: topics.isEmpty ? nil : topics,
                    allowsTopicCreation: false,
                    deadline: deadline
                )
            }
            guard case .success(let response) = outcome else { return }
            for topic in response.topics where ids.contains(topic.topicId) {
                names[topic.topicId] = topic.name
            }
        }
        let found = names
        membership.withLock { $0.change({ _ in }, { $0.resolved(found) }) }
    }

    private func beat(_ request: HeartbeatRequest) async {
        // An answer that does not come within the session says that the coordinator is gone.
        let limit = min(configuration.sessionTimeout, cluster.configuration.request.timeout)
        let outcome = await ask(request, limit: limit, adapt: GroupRequests.adapt(_:version:), error: \.errorCode)
        _ = take(outcome) { membership, outcome, nowMs in
            membership.beaten(outcome, nowMs: nowMs)
            return nil
        }
        lookForMissingTopics()
    }

    /// Topics that somebody subscribed to and that do not exist yet are asked for again.
    private func lookForMissingTopics() {
        let topics = membership.withLock { $0.topics }
        let nowMs = MonotonicClock.nowMs
        let isMissing = cluster.state.withLock { state in
            for topic in topics { state.cache.use(topic, nowMs: nowMs) }
            return topics.contains { state.cache.topic($0) == nil }
        }
        if isMissing { cluster.requestMetadataRefresh() }
    }

    private func take<Response>(
        _ outcome: Result<Response, KafkaClientError>?,
        _ body: (inout ClassicMembership, Result<Response, KafkaClientError>, Int64) -> MembershipAction?
    ) -> MembershipAction? {
        guard let outcome else { return nil }
        if case .failure(let error) = outcome {
            cluster.logger.debug("A group request failed", metadata: ["error": "\(error)"])
        }
        let nowMs = MonotonicClock.nowMs
        return membership.withLock { $0.change({ body(&$0, outcome, nowMs) }, { _ in nil }) }
    }

    /// Sends a request, and notes what the answer says of the coordinator.
    private func ask<Request: KafkaRequest>(
        _ request: Request,
        limit: Duration,
        adapt: (inout Request, Int16) throws(KafkaClientError) -> Void,
        error: (Request.Response) -> ErrorCode
    ) async -> Result<Request.Response, KafkaClientError>? {
        await outcome { () async throws(KafkaClientError) in
            let response = try await self.send(request, limit: limit, adapt: adapt)
            self.finder.note(error(response))
            return response
        }
    }

    /// `nil` when the task was cancelled meanwhile: the member ends, and what came of the request does not matter.
    private func outcome<Response: Sendable>(
        _ body: () async throws(KafkaClientError) -> Response
    ) async -> Result<Response, KafkaClientError>? {
        let outcome: Result<Response, KafkaClientError>
        do throws(KafkaClientError) {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        return Task.isCancelled ? nil : outcome
    }

    /// Sends a request over the member's own connection.
    func send<Request: KafkaRequest>(
        _ request: Request,
        limit: Duration,
        adapt: (inout Request, Int16) throws(KafkaClientError) -> Void
    ) async throws(KafkaClientError) -> Request.Response {
        try await finder.send(
            request,
            lane: lane,
            limit: limit,
            deadline: .after(limit + cluster.configuration.request.timeout),
            adapt: adapt
        )
    }

    /// How topics are laid out; those that do not exist are left out.
    private func layout(of topics: [String]) async throws(KafkaClientError) -> TopicLayout {
        guard !topics.isEmpty else { return [:] }
        let deadline = Deadline.after(cluster.configuration.request.timeout)
        let response = try await cluster.withRetries(deadline: deadline) {
            [cluster] (_) async throws(KafkaClientError) in
            try await cluster.fetchMetadata(
                topics: topics,
                allowsTopicCreation: cluster.configuration.metadata.allowsTopicCreation,
                deadline: deadline
            )
        }
        let nowMs = MonotonicClock.nowMs
        cluster.state.withLock { state in
            state.cache.apply(response, nowMs: nowMs)
            for topic in topics { state.cache.use(topic, nowMs: nowMs) }
        }
        let nodes = response.brokers.reduce(into: [Int32: Node]()) { $0[$1.nodeId] = Node($1) }
        var layout = TopicLayout(partitionCounts: [:])
        for topic in response.topics where topic.errorCode == .none {
            guard let name = topic.name else { continue }
            layout.add(name, topic.partitions.map(PartitionMetadata.init), nodes: nodes)
        }
        return layout
    }

    /// Ends the membership, and tells the group unless its place is to be kept.
    ///
    /// - Parameter leaves: whether to leave; `nil` for what suits: a static member stays.
    func end(leaves: Bool?, reason: String) async {
        let action = membership.withLock { $0.end(reason, givesUpPlace: leaves == true) }
        if leaves ?? true {
            switch action {
            case .leave(let request): await tell(request, adapt: GroupRequests.adapt(_:version:))
            case .beat(let request): await tell(request, adapt: GroupRequests.adapt(_:version:))
            default: break
            }
        }
        cluster.pool.release(lane)
    }

    /// Sends a last request; if it is lost, the session runs out.
    private func tell<Request: KafkaRequest>(
        _ request: Request,
        adapt: (inout Request, Int16) throws(KafkaClientError) -> Void
    ) async {
        do throws(KafkaClientError) {
            _ = try await finder.send(request, limit: .seconds(5), deadline: .after(.seconds(5)), adapt: adapt)
        } catch {
            cluster.logger.debug("The group could not be told of the end", metadata: ["error": "\(error)"])
        }
    }
}
