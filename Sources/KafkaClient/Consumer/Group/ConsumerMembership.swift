package import KafkaMessages
package import KafkaWire

/// Membership of a group whose broker assigns partitions (KIP-848). Pure.
///
/// Everything goes by one request, the heartbeat: it tells what changed here, and brings what this member is to have. Rules:
/// - What the broker wants gone is given back first, then told, and only then does it bring what others had; so a
///   partition never has two readers.
/// - While the application gives back or takes over, heartbeats go on and tell of what it has and of what it may begin with
///   at any time: else the broker could take that for given back, and give it to somebody else.
/// - Fields are told when they changed. After an answer that did not come, all are told again, since nobody knows what
///   arrived.
/// - Errors 25 and 110 mean that the group has taken this member for dead: its partitions are lost, and it joins anew. So
///   does error 69 to a member, not to one that joins.
/// - An application that has not asked for records for the rebalance timeout leaves the group, and joins again when it
///   asks.
package struct ConsumerMembership: Sendable {
    /// What does not change.
    package struct Settings: Sendable {
        package var groupID: String
        package var memberID: String
        package var instanceID: String?
        /// How long the application may stay away, and how long the group waits for what it gives back.
        package var rebalanceTimeoutMs: Int32
        package var assignor: String?
        package var rack: String?
        package var backoff: Backoff

        package init(
            groupID: String,
            memberID: String,
            instanceID: String? = nil,
            rebalanceTimeoutMs: Int32 = 300_000,
            assignor: String? = nil,
            rack: String? = nil,
            backoff: Backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
        ) {
            self.groupID = groupID
            self.memberID = memberID
            self.instanceID = instanceID
            self.rebalanceTimeoutMs = rebalanceTimeoutMs
            self.assignor = assignor
            self.rack = rack
            self.backoff = backoff
        }
    }

    /// What is subscribed to.
    package struct Interest: Equatable, Sendable {
        package var topics: [String] = []
        /// An expression that the broker matches, `nil` for none.
        package var expression: String?
    }

    enum Phase: Equatable, Sendable {
        /// Nothing is subscribed to.
        case idle
        /// The next heartbeat joins.
        case joining
        case active
        case stopped
    }

    let settings: Settings
    private(set) var phase = Phase.idle
    private(set) var interest = Interest()
    private var memberID: String
    private var epoch: Int32 = 0
    private var intervalMs: Int64 = 5000
    private var heartbeatAtMs: Int64 = 0
    private var failures = 0
    /// What the broker wants this member to have; `nil` before it has said so.
    private var target: [KafkaUUID: Set<Int32>]?
    private var names: [KafkaUUID: String] = [:]
    private var resolveAtMs: Int64 = 0
    /// What the application has.
    package private(set) var owned: Set<TopicPartition> = []
    private var coming: Set<TopicPartition> = []
    /// What nobody else may have.
    private var claimed: Set<TopicPartition> { isHandingOver ? owned.union(coming) : owned }
    private var isHandingOver = false
    private var isLost = false
    /// What the broker was told and has acknowledged; `nil` for nothing.
    private var told: (interest: Interest, owned: Set<TopicPartition>)?
    /// What the heartbeat under way tells.
    private var telling: (interest: Interest, owned: Set<TopicPartition>)?
    private(set) var waitsForApplication = false
    /// Why the membership ended.
    package private(set) var failure: KafkaClientError?

    package init(settings: Settings) {
        self.settings = settings
        memberID = settings.memberID
    }

    /// What offsets are committed under.
    package var identity: MemberIdentity {
        epoch > 0
            ? MemberIdentity(memberID: memberID, generation: epoch, instanceID: settings.instanceID) : MemberIdentity()
    }

    /// Sets what is wanted; after the end of a membership another begins.
    package mutating func subscribe(_ topics: [String], expression: String? = nil, nowMs: Int64) {
        let new = Interest(topics: Array(Set(topics)).sorted(), expression: expression)
        if phase == .stopped {
            end()
            failure = nil
        }
        if phase == .idle {
            phase = .joining
            heartbeatAtMs = nowMs
        }
        interest = new
    }

    // MARK: What next

    /// What to do now.
    ///
    /// - Parameter absentSinceMs: since when the application has not asked for records; `nil` while it waits for some.
    package mutating func next(nowMs: Int64, absentSinceMs: Int64?) -> MembershipAction {
        if let absentSinceMs {
            if nowMs - absentSinceMs >= Int64(settings.rebalanceTimeoutMs), let action = dropOut() { return action }
        } else {
            waitsForApplication = false
        }
        switch phase {
        case .idle: return .wait(untilMs: nil)
        case .stopped: return .stopped
        case .joining, .active: break
        }
        if waitsForApplication { return .wait(untilMs: nil) }
        if !isHandingOver, let action = reconcile(nowMs: nowMs) { return action }
        if phase == .joining {
            guard !isHandingOver else { return .wait(untilMs: nil) }
            return heartbeatAtMs > nowMs ? .wait(untilMs: heartbeatAtMs) : .beat(heartbeat())
        }
        // What is being handed over is told with the regular heartbeats, and at once when that is done.
        let hasNews = told.map { $0.interest != interest || !isHandingOver && $0.owned != owned } ?? true
        let dueMs = hasNews && failures == 0 ? nowMs : heartbeatAtMs
        guard dueMs <= nowMs else {
            let limit = absentSinceMs.map { $0 + Int64(settings.rebalanceTimeoutMs) } ?? .max
            let resolve = target == nil || isHandingOver ? .max : max(resolveAtMs, nowMs + 1)
            return .wait(untilMs: min(dueMs, limit, hasUnresolved ? resolve : .max))
        }
        return .beat(heartbeat())
    }

    /// Lets the application change what it has, if the broker wants that.
    private mutating func reconcile(nowMs: Int64) -> MembershipAction? {
        if isLost {
            isLost = false
            guard !owned.isEmpty else { return nil }
            coming = []
            isHandingOver = true
            return .handOver([.lost(owned.sorted())])
        }
        guard phase == .active, let target else { return nil }
        let unresolved = Set(target.keys).subtracting(names.keys)
        if !unresolved.isEmpty, resolveAtMs <= nowMs {
            resolveAtMs = nowMs + max(100, settings.backoff.limit.milliseconds)
            return .resolve(unresolved)
        }
        var wanted: Set<TopicPartition> = []
        for (id, partitions) in target {
            guard let name = names[id] else { continue }
            for partition in partitions { wanted.insert(TopicPartition(topic: name, partition: partition)) }
        }
        guard wanted != owned else { return nil }
        coming = wanted
        isHandingOver = true
        let revoked = owned.subtracting(wanted)
        let events: [RebalanceEvent] = revoked.isEmpty ? [] : [.revoked(revoked.sorted())]
        return .handOver(events + [.assigned(wanted.subtracting(owned).sorted())])
    }

    private var hasUnresolved: Bool { target?.keys.contains { names[$0] == nil } ?? false }

    /// The application has done what was handed over.
    package mutating func handedOver(nowMs: Int64) {
        guard isHandingOver else { return }
        isHandingOver = false
        owned = coming
    }

    /// Takes in the names of topics.
    package mutating func resolved(_ found: [KafkaUUID: String]) {
        names.merge(found) { _, new in new }
    }

    // MARK: Heartbeats

    private mutating func heartbeat() -> ConsumerGroupHeartbeatRequest {
        var request = ConsumerGroupHeartbeatRequest(groupId: settings.groupID, memberId: memberID, memberEpoch: epoch)
        request.instanceId = settings.instanceID
        let isFull = epoch == 0 || told == nil
        if isFull {
            request.rackId = settings.rack
            request.rebalanceTimeoutMs = settings.rebalanceTimeoutMs
            request.serverAssignor = settings.assignor
        }
        if isFull || told?.interest.topics != interest.topics { request.subscribedTopicNames = interest.topics }
        if isFull || told?.interest.expression != interest.expression {
            request.subscribedTopicRegex = interest.expression ?? (isFull ? nil : "")
        }
        let claimed = claimed
        if isFull || told?.owned != claimed { request.topicPartitions = epoch == 0 ? [] : byID(claimed) }
        telling = (interest, claimed)
        return request
    }

    private func byID(_ partitions: Set<TopicPartition>) -> [ConsumerGroupHeartbeatRequest.TopicPartitions] {
        let ids = Dictionary(names.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
        return grouped(partitions.sorted(), by: \.topic).compactMap { topic, partitions in
            ids[topic].map { id in
                ConsumerGroupHeartbeatRequest.TopicPartitions(topicId: id, partitions: partitions.map(\.partition))
            }
        }
    }

    /// Takes in the answer to a heartbeat.
    package mutating func beaten(_ outcome: Result<ConsumerGroupHeartbeatResponse, KafkaClientError>, nowMs: Int64) {
        guard let sent = telling, phase == .joining || phase == .active else { return }
        telling = nil
        switch outcome {
        case .failure(let error):
            told = nil
            guard error.isRetriable || error.code == .connectionFailed || error.code == .timedOut else {
                return stop(explained(error))
            }
            retry(nowMs: nowMs)
        case .success(let response):
            switch response.errorCode {
            case .none: accepted(response, sent, nowMs: nowMs)
            case .unknownMemberId, .fencedMemberEpoch: forgotten(nowMs: nowMs)
            // The group is gone, or has become a classic one since this member was taken for dead.
            case .groupIdNotFound where epoch > 0: forgotten(nowMs: nowMs)
            case let code where code.isRetriable:
                told = nil
                retry(nowMs: nowMs)
            case let code:
                isLost = !owned.isEmpty
                stop(refusal(code, response.errorMessage))
            }
        }
    }

    private mutating func accepted(
        _ response: ConsumerGroupHeartbeatResponse,
        _ sent: (interest: Interest, owned: Set<TopicPartition>),
        nowMs: Int64
    ) {
        failures = 0
        phase = .active
        memberID = response.memberId ?? memberID
        epoch = response.memberEpoch
        intervalMs = Int64(max(1, response.heartbeatIntervalMs))
        heartbeatAtMs = nowMs + intervalMs
        told = sent
        guard let assignment = response.assignment else { return }
        var wanted: [KafkaUUID: Set<Int32>] = [:]
        for topic in assignment.topicPartitions {
            wanted[topic.topicId, default: []].formUnion(topic.partitions.filter { $0 >= 0 })
        }
        target = wanted
    }

    private mutating func forgotten(nowMs: Int64) {
        epoch = 0
        told = nil
        target = nil
        isLost = !owned.isEmpty || isHandingOver
        phase = .joining
        heartbeatAtMs = nowMs
    }

    /// A commit was refused because the group does not know this member.
    package mutating func commitRefused(_ code: ErrorCode, identity used: MemberIdentity, nowMs: Int64) {
        guard used == identity, epoch > 0, phase == .active else { return }
        forgotten(nowMs: nowMs)
    }

    private mutating func retry(nowMs: Int64) {
        failures += 1
        heartbeatAtMs = nowMs + max(1, settings.backoff.pause(afterFailures: failures, spread: 0.5).milliseconds)
    }

    // MARK: The end

    /// The heartbeat that ends the membership; a static member's place is kept unless it is given up. `nil` for a member
    /// that the group does not know.
    package func leave(givesUpPlace: Bool = false) -> ConsumerGroupHeartbeatRequest? {
        guard epoch > 0 else { return nil }
        var request = ConsumerGroupHeartbeatRequest(groupId: settings.groupID, memberId: memberID)
        request.memberEpoch = settings.instanceID == nil || givesUpPlace ? -1 : -2
        request.instanceId = settings.instanceID
        return request
    }

    /// Ends the membership; nothing is asked for any more until topics are subscribed to again.
    package mutating func end() {
        epoch = 0
        told = nil
        telling = nil
        target = nil
        owned = []
        coming = []
        isLost = false
        isHandingOver = false
        interest = Interest()
        phase = .idle
    }

    /// The application stays away: others get its partitions.
    private mutating func dropOut() -> MembershipAction? {
        guard !waitsForApplication, phase == .active else { return nil }
        let request = leave()
        waitsForApplication = true
        forgotten(nowMs: 0)
        return request.map { .beat($0) }
    }

    private mutating func stop(_ error: KafkaClientError) {
        failure = error
        epoch = 0
        phase = .stopped
    }

    private func explained(_ error: KafkaClientError) -> KafkaClientError {
        guard error.code == .unsupportedByBroker else { return error }
        return KafkaClientError(
            .unsupportedByBroker,
            "The broker does not know group.protocol=consumer, which came with Kafka 4.0; set group.protocol=classic. "
                + error.message,
            cause: error
        )
    }

    private func refusal(_ code: ErrorCode, _ detail: String?) -> KafkaClientError {
        switch code {
        case .unsupportedVersion:
            explained(KafkaClientError(.unsupportedByBroker, detail ?? code.message, brokerError: code))
        case .fencedInstanceId:
            KafkaClientError(
                .fenced,
                "Another member of group '\(settings.groupID)' has taken the place of '\(settings.instanceID ?? "")': "
                    + "group.instance.id must be given to one consumer only (\(code.name)).",
                brokerError: code
            )
        default:
            KafkaClientError("Group '\(settings.groupID)' refuses this member", code, detail: detail)
        }
    }
}
