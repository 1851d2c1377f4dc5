import KafkaMessages
import KafkaTransport
import Logging
import Synchronization

extension KafkaConsumer {
    /// Keeps one fetch going to a broker, as long as there is a partition to fetch from it.
    func fetch(from node: Int32) async {
        var session = FetchSession(isEnabled: configuration.usesFetchSessions)
        while !Task.isCancelled {
            let seen = room.version
            let nowMs = MonotonicClock.nowMs
            switch state.withLock({ $0.nextFetch(node: node, nowMs: nowMs) }) {
            case .fetch(let pending):
                await perform(pending, session: &session)
            case .wait(let untilMs):
                _ = await room.wait(past: seen, untilMs: untilMs)
            case .leave:
                return
            }
        }
    }

    private func perform(_ pending: ConsumerCore<FetchedRecords>.PendingFetch, session: inout FetchSession) async {
        do {
            let deadline = Deadline.after(cluster.configuration.request.timeout)
            let connection = try await cluster.connection(to: .node(pending.node), lane: .fetch, deadline: deadline)
            let version = try cluster.mapping { () throws(ConnectionError) in
                try connection.version(of: FetchRequest.self)
            }
            if version < FetchExchange.firstVersionWithSessions {
                session = FetchSession(isEnabled: false)
            }
            let part = session.next(
                pending.plan.targets,
                offersTopicIDs: version >= FetchExchange.firstVersionWithTopicIDs
            )
            // Topics without an id can only be asked for by name, with an older version.
            let spoken = part.usesTopicIDs ? version : min(version, FetchExchange.firstVersionWithTopicIDs - 1)
            let request = FetchExchange.request(
                part,
                plan: pending.plan,
                version: spoken,
                isolationLevel: configuration.isolationLevel,
                rack: cluster.configuration.rack
            )
            let response = try await cluster.exchange(
                request,
                over: connection,
                version: spoken,
                deadline: .after(cluster.configuration.request.timeout + configuration.fetchMaxWait)
            )
            take(response, to: pending, part: part, session: &session)
        } catch {
            session.lost()
            lost(pending, error)
        }
    }

    private func take(
        _ response: FetchResponse,
        to pending: ConsumerCore<FetchedRecords>.PendingFetch,
        part: FetchSession.Request,
        session: inout FetchSession
    ) {
        guard session.received(error: response.errorCode, sessionID: response.sessionId) == .accept else {
            logger.debug("Fetch session restarts", metadata: ["error": "\(response.errorCode)"])
            if response.errorCode.isRetriable {
                state.withLock { $0.core.fetchRestarted(pending) }
            } else {
                lost(pending, KafkaClientError("Broker \(pending.node) refuses a fetch", response.errorCode))
            }
            return
        }
        let (answers, hints) = FetchExchange.answers(response, session: session, usesTopicIDs: part.usesTopicIDs)
        if !hints.isEmpty {
            let endpoints = response.nodeEndpoints.map { node in
                Node(id: node.nodeId, host: node.host, port: Int(node.port), rack: node.rack)
            }
            for hint in hints {
                cluster.applyHint(hint.partition, leader: hint.leader, epoch: hint.epoch, endpoints: endpoints)
            }
        }
        let nowMs = MonotonicClock.nowMs
        let wallClockMs = WallClock.nowMs
        let effects = state.withLock { state in
            state.core.fetchAnswered(pending, answers, nowMs: nowMs, wallClockMs: wallClockMs)
        }
        act(on: effects)
    }

    private func lost(_ pending: ConsumerCore<FetchedRecords>.PendingFetch, _ error: KafkaClientError) {
        guard error.code != .cancelled, error.code != .closed else { return }
        logger.debug("A fetch failed", metadata: ["node": "\(pending.node)", "error": "\(error)"])
        let nowMs = MonotonicClock.nowMs
        let isFinal = !error.isRetriable
        let effects = state.withLock { state in
            let effects = state.core.fetchLost(pending, nowMs: nowMs)
            if isFinal {
                for target in pending.plan.targets {
                    state.core.rest(target.partition)
                }
                state.core.report(error)
            }
            return effects
        }
        act(on: effects)
        if isFinal {
            delivery.notify()
        }
    }
}

extension KafkaConsumer.State {
    enum NextFetch {
        case fetch(ConsumerCore<FetchedRecords>.PendingFetch)
        /// Nothing to ask now; look again after a change, or at a time.
        case wait(untilMs: Int64?)
        /// No partition is fetched from this broker any more.
        case leave
    }

    mutating func nextFetch(node: Int32, nowMs: Int64) -> NextFetch {
        if let pending = core.planFetch(node: node, nowMs: nowMs) { return .fetch(pending) }
        guard core.hasSource(node, nowMs: nowMs) else {
            fetchingNodes.remove(node)
            return .leave
        }
        return .wait(untilMs: core.nextDueMs(nowMs: nowMs))
    }
}
