import KafkaMessages

@testable import KafkaCoordination

extension ReplicationWorld {
    /// Something arrives, or fails to.
    mutating func deliver(_ message: SimulatedMessage) throws {
        let controllerID = SimulatedMessage.controller
        tell("\(message) arrives")
        touched.insert(message.to)
        let isDown = message.to != controllerID && brokers[message.to]?.isUp != true
        guard !isDown, !isCut(message.from, message.to), character.waitsForDisk || !message.leavesOnly(tainted)
        else { return lose(message) }
        switch message.body {
        case .fetch(let request, let token): serve(request, token, message)
        case .findRange(let key, let epoch): answerRange(key, epoch, message)
        case .alterPartition(let key, let proposal): try alter(key, proposal, message)
        case .heartbeat(let offset): try heartbeat(offset, message)
        case .fetched, .fetchFailed, .range, .rangeFailed, .altered:
            guard brokers[message.to]?.epoch == message.brokerEpoch else { return }
            take(message)
        }
    }

    /// The one who asks learns of it that nothing comes.
    mutating func lose(_ message: SimulatedMessage) {
        tell("\(message) is lost")
        let asker: Int32
        let body: SimulatedMessage.Body
        switch message.body {
        case .fetch(_, let token):
            (asker, body) = (message.from, .fetchFailed(isSessionLost: false, token: token))
        case .fetched(_, _, let token), .fetchFailed(_, let token):
            (asker, body) = (message.to, .fetchFailed(isSessionLost: false, token: token))
        case .findRange(let key, let epoch):
            (asker, body) = (message.from, .rangeFailed(key, leaderEpoch: epoch))
        case .range(let key, let epoch, _, _), .rangeFailed(let key, let epoch):
            (asker, body) = (message.to, .rangeFailed(key, leaderEpoch: epoch))
        case .alterPartition(let key, let proposal):
            (asker, body) = (message.from, .altered(key, proposal, .unknown))
        case .altered(let key, let proposal, _):
            (asker, body) = (message.to, .altered(key, proposal, .unknown))
        case .heartbeat: return
        }
        guard brokers[asker]?.isUp == true, brokers[asker]?.epoch == message.brokerEpoch else { return }
        let other = asker == message.from ? message.to : message.from
        take(SimulatedMessage(from: other, to: asker, brokerEpoch: message.brokerEpoch, body: body))
    }

    private mutating func answer(_ body: SimulatedMessage.Body, to message: SimulatedMessage) {
        messages.append(
            SimulatedMessage(from: message.to, to: message.from, brokerEpoch: message.brokerEpoch, body: body)
        )
    }

    // MARK: At the one who is asked

    private mutating func serve(_ request: FollowerSession.Request, _ token: Int, _ message: SimulatedMessage) {
        let nowMs = clock(message.to)
        guard
            let (body, proposals) = brokers[message.to]?.serve(
                request,
                replica: message.from,
                brokerEpoch: message.brokerEpoch,
                nowMs: nowMs,
                generator: &generator
            )
        else { return }
        for (key, proposal) in proposals {
            send(.alterPartition(key, proposal), from: message.to, to: SimulatedMessage.controller)
        }
        switch body {
        case .fetched(let answers, let session, _):
            answer(.fetched(answers, sessionID: session, token: token), to: message)
        default: answer(.fetchFailed(isSessionLost: true, token: token), to: message)
        }
    }

    private mutating func answerRange(_ key: FetchKey, _ epoch: Int32, _ message: SimulatedMessage) {
        guard let partition = brokers[message.to]?.partitions[key],
            partition.replica.refusal(currentEpoch: epoch) == nil
        else { return answer(.rangeFailed(key, leaderEpoch: epoch), to: message) }
        let log = partition.log
        answer(.range(key, leaderEpoch: epoch, start: log.start, end: log.end), to: message)
    }

    private mutating func alter(
        _ key: FetchKey,
        _ proposal: InSyncProposal,
        _ message: SimulatedMessage
    ) throws {
        let request = AlterPartitionRequest(
            brokerID: message.from,
            brokerEpoch: message.brokerEpoch,
            proposals: [(key, proposal)]
        )
        guard let response = try decide(controller.controller.alterPartition(request)) else { return lose(message) }
        answer(.altered(key, proposal, response.answer(to: key)), to: message)
    }

    private mutating func heartbeat(_ offset: Int64, _ message: SimulatedMessage) throws {
        let request = BrokerHeartbeatRequest(
            brokerId: message.from,
            brokerEpoch: message.brokerEpoch,
            currentMetadataOffset: offset
        )
        let nextOffset = Int64(controller.log.count)
        _ = try decide(controller.controller.heartbeat(request, nextOffset: nextOffset, nowMs: controller.nowMs))
    }

    // MARK: At the one who asked

    private mutating func take(_ message: SimulatedMessage) {
        let (id, peer) = (message.to, message.from)
        touched.insert(id)
        let nowMs = clock(id)
        switch message.body {
        case .fetched(let answers, let session, let token):
            guard brokers[id]?.fetchers[peer]?.token == token else { return }
            brokers[id]?.fetchers[peer]?.token = nil
            let effects =
                brokers[id]?.fetchers[peer]?.machine.received(answers, sessionID: session, nowMs: nowMs) ?? []
            for effect in effects {
                if let question = brokers[id]?.carryOut(effect, leader: peer, nowMs: nowMs) {
                    send(question, from: id, to: peer)
                }
            }
        case .fetchFailed(let isSessionLost, let token):
            guard brokers[id]?.fetchers[peer]?.token == token else { return }
            brokers[id]?.fetchers[peer]?.token = nil
            brokers[id]?.fetchers[peer]?.machine.fetchFailed(isSessionLost: isSessionLost, nowMs: nowMs)
        case .range(let key, let epoch, let start, let end):
            brokers[id]?.foundRange(key, leaderEpoch: epoch, start: start, end: end, leader: peer)
        case .rangeFailed(let key, let epoch):
            guard let log = brokers[id]?.partitions[key]?.log.followed else { return }
            brokers[id]?.fetchers[peer]?.machine.failed(key, leaderEpoch: epoch, log: log, nowMs: nowMs)
        case .altered(let key, let proposal, let answer):
            if brokers[id]?.partitions[key]?.replica.answered(proposal, answer) == .retry {
                send(.alterPartition(key, proposal), from: id, to: SimulatedMessage.controller)
            }
        case .fetch, .findRange, .alterPartition, .heartbeat: return
        }
    }
}

extension SimulatedMessage {
    /// The word of a leader that has lost power since, that its ISR is it and others who have: two losses at once.
    fileprivate func leavesOnly(_ tainted: Set<Int32>) -> Bool {
        guard case .alterPartition(_, let proposal) = body else { return false }
        return tainted.isSuperset(of: proposal.members)
    }
}
