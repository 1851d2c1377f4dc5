package import KafkaMessages
package import KafkaWire

/// What a share group's membership asks of its driver.
package enum ShareMembershipAction: Equatable, Sendable {
    /// Nothing until this time; without limit for `nil`.
    case wait(untilMs: Int64?)
    /// Send this, and report the answer to ``ShareMembership/beaten(_:nowMs:)``.
    case beat(ShareGroupHeartbeatRequest)
    /// Find the names of topics, and report them to ``ShareMembership/resolved(_:)``.
    case resolve(Set<KafkaUUID>)
    /// The membership is over: see ``ShareMembership/failure``.
    case stopped
}

/// Membership of a share group (KIP-932): the heartbeat, and the partitions that the group lets this member read. Pure.
///
/// Rules:
/// - The member makes up its id, and keeps it. Epoch 0 joins, epoch -1 leaves.
/// - Topics are told when joining and when they change; after an answer that did not come they are told again.
/// - Partitions need not be given back: several members may read one, and the broker sees to it that no record is with two.
/// - Errors 25 and 110 mean that the group has taken this member for dead: it joins anew, without partitions until then.
package struct ShareMembership: Sendable {
    /// What does not change.
    package struct Settings: Sendable {
        package var groupID: String
        package var memberID: String
        package var rack: String?
        package var backoff: Backoff

        package init(
            groupID: String,
            memberID: String,
            rack: String? = nil,
            backoff: Backoff = Backoff(base: .milliseconds(100), limit: .seconds(1))
        ) {
            self.groupID = groupID
            self.memberID = memberID
            self.rack = rack
            self.backoff = backoff
        }
    }

    private enum Phase: Equatable, Sendable {
        /// Nothing is subscribed to.
        case idle
        /// The next heartbeat joins.
        case joining
        case active
        case stopped
    }

    private let settings: Settings
    private var phase = Phase.idle
    private(set) var topics: [String] = []
    /// 0 for a member that the group does not know.
    package private(set) var epoch: Int32 = 0
    private var intervalMs: Int64 = 5000
    private var heartbeatAtMs: Int64 = 0
    private var failures = 0
    private var told: [String]?
    private var telling: [String]?
    private var target: [KafkaUUID: Set<Int32>] = [:]
    private var names: [KafkaUUID: String] = [:]
    private var resolveAtMs: Int64 = 0
    /// Whether the group has said which partitions this member may read.
    package private(set) var isAssigned = false
    /// Why the membership ended.
    package private(set) var failure: KafkaClientError?

    package init(settings: Settings) { self.settings = settings }

    package var memberID: String { settings.memberID }

    /// The partitions that this member may read, as far as the names of their topics are known.
    package var assignment: [SharePlace: TopicPartition] {
        var assignment: [SharePlace: TopicPartition] = [:]
        for (id, partitions) in target {
            guard let name = names[id] else { continue }
            for partition in partitions {
                assignment[SharePlace(topicID: id, partition: partition)] = TopicPartition(
                    topic: name,
                    partition: partition
                )
            }
        }
        return assignment
    }

    /// Sets the topics that are wanted, at least one.
    package mutating func subscribe(_ topics: [String], nowMs: Int64) {
        self.topics = Set(topics).sorted()
        guard phase == .idle else { return }
        phase = .joining
        heartbeatAtMs = nowMs
    }

    /// What to do now.
    package mutating func next(nowMs: Int64) -> ShareMembershipAction {
        switch phase {
        case .idle: return .wait(untilMs: nil)
        case .stopped: return .stopped
        case .joining, .active: break
        }
        // One heartbeat at a time.
        guard telling == nil else { return .wait(untilMs: nil) }
        let unknown = Set(target.keys).subtracting(names.keys)
        if !unknown.isEmpty, resolveAtMs <= nowMs {
            resolveAtMs = nowMs + max(100, settings.backoff.limit.milliseconds)
            return .resolve(unknown)
        }
        let hasNews = phase == .active && told != topics && failures == 0
        guard hasNews || heartbeatAtMs <= nowMs else {
            return .wait(untilMs: unknown.isEmpty ? heartbeatAtMs : min(heartbeatAtMs, resolveAtMs))
        }
        telling = topics
        return .beat(
            ShareGroupHeartbeatRequest(
                groupId: settings.groupID,
                memberId: settings.memberID,
                memberEpoch: epoch,
                rackId: epoch == 0 ? settings.rack : nil,
                subscribedTopicNames: epoch == 0 || told != topics ? topics : nil
            )
        )
    }

    /// Takes in the names of topics.
    package mutating func resolved(_ found: [KafkaUUID: String]) {
        names.merge(found) { _, new in new }
    }

    /// Takes in the answer to a heartbeat.
    package mutating func beaten(_ outcome: Result<ShareGroupHeartbeatResponse, KafkaClientError>, nowMs: Int64) {
        guard let sent = telling else { return }
        telling = nil
        guard phase == .joining || phase == .active else { return }
        switch outcome {
        case .failure(let error):
            told = nil
            guard error.isRetriable || error.code == .connectionFailed || error.code == .timedOut else {
                return stop(error.code == .unsupportedByBroker ? .withoutShareGroups(error.message, error) : error)
            }
            retry(nowMs: nowMs)
        case .success(let response):
            switch response.errorCode {
            case .none: accepted(response, sent, nowMs: nowMs)
            case .unknownMemberId, .fencedMemberEpoch: forgotten(nowMs: nowMs)
            case .unsupportedVersion:
                let error = KafkaClientError(
                    "Group '\(settings.groupID)' cannot be joined",
                    response.errorCode,
                    detail: response.errorMessage
                )
                stop(.withoutShareGroups(error.message, error))
            case let code where code.isRetriable:
                told = nil
                retry(nowMs: nowMs)
            case let code:
                stop(
                    KafkaClientError(
                        "Share group '\(settings.groupID)' refuses this member",
                        code,
                        detail: response.errorMessage
                    )
                )
            }
        }
    }

    private mutating func accepted(_ response: ShareGroupHeartbeatResponse, _ sent: [String], nowMs: Int64) {
        failures = 0
        phase = .active
        epoch = max(0, response.memberEpoch)
        intervalMs = Int64(max(1, response.heartbeatIntervalMs))
        heartbeatAtMs = nowMs + intervalMs
        told = sent
        guard let assignment = response.assignment else { return }
        isAssigned = true
        target = [:]
        for topic in assignment.topicPartitions {
            target[topic.topicId, default: []].formUnion(topic.partitions.filter { $0 >= 0 })
        }
    }

    private mutating func forgotten(nowMs: Int64) {
        // A group that does not even let it join shall not be asked without end.
        if phase == .joining { return retry(nowMs: nowMs) }
        epoch = 0
        told = nil
        target = [:]
        isAssigned = false
        phase = .joining
        heartbeatAtMs = nowMs
    }

    private mutating func retry(nowMs: Int64) {
        failures += 1
        heartbeatAtMs = nowMs + max(1, settings.backoff.pause(afterFailures: failures, spread: 0.5).milliseconds)
    }

    private mutating func stop(_ error: KafkaClientError) {
        failure = error
        epoch = 0
        target = [:]
        phase = .stopped
    }

    /// Ends the membership.
    ///
    /// - Returns: the heartbeat that tells the group; `nil` for a member that the group does not know.
    package mutating func leave() -> ShareGroupHeartbeatRequest? {
        let isKnown = epoch > 0
        phase = .stopped
        epoch = 0
        guard isKnown else { return nil }
        return ShareGroupHeartbeatRequest(groupId: settings.groupID, memberId: settings.memberID, memberEpoch: -1)
    }
}

extension KafkaClientError {
    private static let noShareGroups = "The cluster does not offer share groups (KIP-932)."

    /// The brokers know nothing of share groups, or have them switched off.
    package static func withoutShareGroups(_ detail: String, _ cause: KafkaClientError? = nil) -> KafkaClientError {
        // Said once is enough.
        if let cause, cause.message.hasPrefix(noShareGroups) { return cause }
        return KafkaClientError(
            .unsupportedByBroker,
            "\(noShareGroups) \(detail)",
            brokerError: cause?.brokerError,
            cause: cause
        )
    }
}
