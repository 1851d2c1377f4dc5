import KafkaCoordination
import KafkaMessages
import KafkaWire

@testable import KafkaClient

/// A consumer of a simulated group: our membership machine, of either protocol, and what its application is about.
struct LivingMember {
    /// A request whose answer the coordinator may hold back.
    struct Call {
        var isSync: Bool
        /// nil for a request that was lost on its way.
        var token: HeldToken?
        var timeoutAtMs: Int64
    }

    var membership: GroupMembership
    let instance: String?
    var call: Call?
    /// What the application is to carry out.
    var events: [RebalanceEvent]?
    /// The name in its last heartbeat of KIP-848.
    var name: String?
    /// Where the application reads on in each partition that it has.
    var positions: [TopicPartition: Int64] = [:]

    /// - Parameter memberID: of a member of KIP-848; chance must not choose it, or a schedule could not be repeated.
    init(
        protocol kind: GroupProtocol,
        strategies: [AssignmentStrategy],
        instance: String?,
        memberID: KafkaUUID,
        nowMs: Int64
    ) {
        var configuration = GroupConfiguration(id: GroupWorld.group)
        configuration.groupProtocol = kind
        configuration.instanceID = instance
        configuration.strategies = strategies
        configuration.sessionTimeout = .seconds(10)
        configuration.heartbeatInterval = .seconds(1)
        configuration.maxPollInterval = .seconds(20)
        self.instance = instance
        let backoff = Backoff(base: .milliseconds(100), limit: .milliseconds(400))
        membership = GroupMembership(configuration, rack: nil, backoff: backoff, memberID: memberID)
        membership.subscribe([GroupWorld.topic], expression: nil, nowMs: nowMs)
    }

    mutating func joined(_ outcome: Result<JoinGroupResponse, KafkaClientError>, _ nowMs: Int64) -> MembershipAction? {
        membership.change({ $0.joined(outcome, nowMs: nowMs) }, { _ in nil })
    }

    mutating func synced(_ outcome: Result<SyncGroupResponse, KafkaClientError>, _ nowMs: Int64) -> MembershipAction? {
        membership.change({ $0.synced(outcome, nowMs: nowMs) }, { _ in nil })
    }

    mutating func described(_ counts: [String: Int32], _ nowMs: Int64) -> MembershipAction? {
        membership.change({ $0.described(.success(TopicLayout(partitionCounts: counts)), nowMs: nowMs) }, { _ in nil })
    }
}
