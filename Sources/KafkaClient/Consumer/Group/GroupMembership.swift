import KafkaMessages
import KafkaWire

/// Membership by either protocol.
enum GroupMembership: Sendable {
    case classic(ClassicMembership)
    case consumer(ConsumerMembership)

    /// - Parameter memberID: the name of a member that chooses its own.
    init(
        _ configuration: GroupConfiguration,
        rack: String?,
        backoff: Backoff,
        memberID: KafkaUUID = KafkaUUID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    ) {
        switch configuration.groupProtocol {
        case .classic:
            self = .classic(
                ClassicMembership(
                    settings: ClassicMembership.Settings(
                        groupID: configuration.id,
                        instanceID: configuration.instanceID,
                        sessionTimeoutMs: configuration.sessionTimeout.milliseconds32,
                        rebalanceTimeoutMs: configuration.maxPollInterval.milliseconds32,
                        heartbeatIntervalMs: configuration.heartbeatInterval.milliseconds,
                        strategies: configuration.strategies,
                        rack: rack,
                        backoff: backoff
                    )
                )
            )
        case .consumer:
            self = .consumer(
                ConsumerMembership(
                    settings: ConsumerMembership.Settings(
                        groupID: configuration.id,
                        memberID: memberID.description,
                        instanceID: configuration.instanceID,
                        rebalanceTimeoutMs: configuration.maxPollInterval.milliseconds32,
                        assignor: configuration.remoteAssignor,
                        rack: rack,
                        backoff: backoff
                    )
                )
            )
        }
    }

    var identity: MemberIdentity {
        switch self {
        case .classic(let membership): membership.identity
        case .consumer(let membership): membership.identity
        }
    }

    var owned: Set<TopicPartition> {
        switch self {
        case .classic(let membership): membership.owned
        case .consumer(let membership): membership.owned
        }
    }

    var failure: KafkaClientError? {
        switch self {
        case .classic(let membership): membership.failure
        case .consumer(let membership): membership.failure
        }
    }

    var waitsForApplication: Bool {
        switch self {
        case .classic(let membership): membership.waitsForApplication
        case .consumer(let membership): membership.waitsForApplication
        }
    }

    /// The topics that this member wants.
    var topics: [String] {
        switch self {
        case .classic(let membership): membership.topics
        case .consumer(let membership): membership.interest.topics
        }
    }

    /// The topics that somebody in the group wants, as far as this member has to know.
    var groupTopics: Set<String> {
        switch self {
        case .classic(let membership): Set(membership.topics).union(membership.groupTopics.keys)
        case .consumer(let membership): Set(membership.interest.topics)
        }
    }

    mutating func next(nowMs: Int64, absentSinceMs: Int64?) -> MembershipAction {
        change(
            { $0.next(nowMs: nowMs, absentSinceMs: absentSinceMs) },
            { $0.next(nowMs: nowMs, absentSinceMs: absentSinceMs) }
        )
    }

    mutating func subscribe(_ topics: [String], expression: String?, nowMs: Int64) {
        change(
            { $0.subscribe(topics, nowMs: nowMs) },
            { $0.subscribe(topics, expression: expression, nowMs: nowMs) }
        )
    }

    mutating func handedOver(nowMs: Int64) {
        change({ $0.handedOver(nowMs: nowMs) }, { $0.handedOver(nowMs: nowMs) })
    }

    /// Whether the racks of the group's topics are of interest.
    var watchesRacks: Bool {
        switch self {
        case .classic(let membership): membership.watchesRacks
        case .consumer: false
        }
    }

    mutating func topicsChanged(_ layout: TopicLayout) {
        change({ $0.topicsChanged(layout) }, { _ in })
    }

    mutating func commitRefused(_ code: ErrorCode, identity: MemberIdentity, nowMs: Int64) {
        change(
            { $0.commitRefused(code, identity: identity) },
            { $0.commitRefused(code, identity: identity, nowMs: nowMs) }
        )
    }

    /// Ends the membership.
    ///
    /// - Returns: what tells the group, if it should be told.
    mutating func end(_ reason: String, givesUpPlace: Bool) -> MembershipAction? {
        change(
            { membership in
                defer { membership.end() }
                return membership.leave(reason, givesUpPlace: givesUpPlace).map { .leave($0) }
            },
            { membership in
                defer { membership.end() }
                return membership.leave(givesUpPlace: givesUpPlace).map { .beat($0) }
            }
        )
    }

    mutating func change<Result>(
        _ classic: (inout ClassicMembership) -> Result,
        _ consumer: (inout ConsumerMembership) -> Result
    ) -> Result {
        switch consume self {
        case .classic(var membership):
            let result = classic(&membership)
            self = .classic(membership)
            return result
        case .consumer(var membership):
            let result = consumer(&membership)
            self = .consumer(membership)
            return result
        }
    }
}
