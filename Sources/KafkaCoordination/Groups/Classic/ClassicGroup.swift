import KafkaMessages
import NIOCore

/// A group of the classic protocol: its members, its generation, and how far a rebalance has come.
///
/// Members, generation, protocol, leader and assignments are in the log and change in `apply`; who waits, who is
/// pending and what a rebalance has collected is not.
package struct ClassicGroup: Equatable, Sendable {
    package enum State: String, Equatable, Sendable {
        case empty = "Empty"
        case preparingRebalance = "PreparingRebalance"
        case completingRebalance = "CompletingRebalance"
        case stable = "Stable"
    }

    /// The protocol type of consumers, whose subscriptions and assignments can be read here.
    package static let consumerType = "consumer"

    package let id: String
    package internal(set) var state = State.empty
    package internal(set) var generation: Int32 = 0
    /// nil for a group that only holds offsets.
    package internal(set) var protocolType: String?
    package internal(set) var protocolName: String?
    package internal(set) var leaderID: String?
    package internal(set) var members: [String: ClassicMember] = [:]
    /// Member ids by instance id.
    package internal(set) var staticMembers: [String: String] = [:]
    /// Ids that were given out and have not come back.
    var pendingMembers: Set<String> = []
    /// Members that have not asked for the assignment of this generation.
    var pendingSync: Set<String> = []
    /// Since when the group is in its state, as the log has it; nil if it does not tell.
    var stateTimestampMs: Int64?
    /// Topics that the members of a consumer group read; nil when it cannot be told.
    var subscribedTopics: Set<String>?
    /// The rebalance that is being prepared is the first of a group that was empty.
    var isInitialRebalance = false
    /// Somebody joined since the last look during the first rebalance.
    var hasNewMember = false
    /// Milliseconds that the first rebalance may still be put off.
    var initialDelayLeftMs: Int64 = 0
    /// Members whose JoinGroup waits.
    private(set) var waitingToJoin = 0
    /// How many members speak each protocol.
    private var protocolCounts: [String: Int] = [:]

    package init(id: String) { self.id = id }

    package var usesConsumerProtocol: Bool { protocolType == Self.consumerType }

    /// Nothing of it is worth keeping.
    var isUnused: Bool { state == .empty && members.isEmpty && pendingMembers.isEmpty }

    var hasAllJoined: Bool { waitingToJoin == members.count && pendingMembers.isEmpty }

    /// The longest that a member asks for.
    var rebalanceTimeoutMs: Int64 { Int64(members.values.map(\.rebalanceTimeoutMs).max() ?? 0) }

    var canRebalance: Bool { state != .preparingRebalance }

    // MARK: Members

    mutating func add(_ member: ClassicMember, protocolType: String) {
        if members.isEmpty { self.protocolType = protocolType }
        if leaderID == nil { leaderID = member.id }
        if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
        pendingMembers.remove(member.id)
        if member.joinToken != nil { waitingToJoin += 1 }
        count(member.protocols, 1)
        members[member.id] = member
    }

    /// Takes the member out; its requests must have been answered.
    mutating func remove(_ memberID: String) {
        pendingMembers.remove(memberID)
        pendingSync.remove(memberID)
        guard let member = members.removeValue(forKey: memberID) else { return }
        if let instanceID = member.instanceID, staticMembers[instanceID] == memberID { staticMembers[instanceID] = nil }
        if member.joinToken != nil { waitingToJoin -= 1 }
        count(member.protocols, -1)
        if leaderID == memberID { leaderID = members.keys.min() }
    }

    mutating func update(_ memberID: String, _ request: JoinGroupRequest, token: HeldToken) {
        guard let member = members[memberID] else { return }
        if member.joinToken == nil { waitingToJoin += 1 }
        count(member.protocols, -1)
        let protocols = request.detachedProtocols
        count(protocols, 1)
        members[memberID]?.protocols = protocols
        members[memberID]?.sessionTimeoutMs = request.sessionTimeoutMs
        members[memberID]?.rebalanceTimeoutMs = request.effectiveRebalanceTimeoutMs
        members[memberID]?.joinToken = token
    }

    /// Lets a member that has been started anew take the place of the one before (KIP-345).
    mutating func replace(_ oldID: String, by newID: String) {
        guard var member = members[oldID] else { return }
        let wasLeader = leaderID == oldID
        members[oldID]?.instanceID = nil
        remove(oldID)
        member.id = newID
        member.joinToken = nil
        member.syncToken = nil
        if let instanceID = member.instanceID { staticMembers[instanceID] = newID }
        count(member.protocols, 1)
        members[newID] = member
        if wasLeader { leaderID = newID }
    }

    mutating func takeJoinToken(_ memberID: String) -> HeldToken? {
        guard let token = members[memberID]?.joinToken else { return nil }
        members[memberID]?.joinToken = nil
        members[memberID]?.isNew = false
        waitingToJoin -= 1
        return token
    }

    mutating func takeSyncToken(_ memberID: String) -> HeldToken? {
        guard let token = members[memberID]?.syncToken else { return nil }
        members[memberID]?.syncToken = nil
        return token
    }

    private mutating func count(_ protocols: [JoinGroupRequest.JoinGroupRequestProtocol], _ change: Int) {
        for name in Set(protocols.map(\.name)) {
            let count = protocolCounts[name, default: 0] + change
            protocolCounts[name] = count == 0 ? nil : count
        }
    }

    // MARK: Protocols

    /// Whether a member that speaks these protocols can be in the group.
    func supports(_ type: String, _ protocols: [JoinGroupRequest.JoinGroupRequestProtocol]) -> Bool {
        if members.isEmpty { return !type.isEmpty && !protocols.isEmpty }
        return type == protocolType && protocols.contains { protocolCounts[$0.name] == members.count }
    }

    /// The protocol with the most votes: each member votes for the first of its own that all members speak.
    func selectedProtocol() -> String? {
        var votes: [String: Int] = [:]
        for member in members.values {
            guard let vote = member.protocols.first(where: { protocolCounts[$0.name] == members.count }) else {
                continue
            }
            votes[vote.name, default: 0] += 1
        }
        return votes.max { $0.value == $1.value ? $0.key > $1.key : $0.value < $1.value }?.key
    }

    /// Topics in the subscriptions of all members; nil for other protocols and when one cannot be read.
    func computedSubscription() -> Set<String>? {
        guard usesConsumerProtocol else { return nil }
        if members.isEmpty { return [] }
        guard let protocolName else { return nil }
        var topics: Set<String> = []
        for member in members.values {
            guard
                let subscription = try? ConsumerProtocolSubscription(
                    versioned: member.metadata(of: protocolName),
                    acceptingNewer: true
                )
            else { return nil }
            topics.formUnion(subscription.topics)
        }
        return topics
    }

    func isSubscribed(to topic: String) -> Bool {
        guard let subscribedTopics else { return usesConsumerProtocol }
        return subscribedTopics.contains(topic)
    }

    // MARK: The log

    /// The group as the log holds it, with the assignments that the leader gives.
    func value(
        assignments: [String: ByteBuffer],
        stateTimestampMs: Int64
    ) -> GroupMetadataValue {
        GroupMetadataValue(
            protocolType: protocolType ?? "",
            generation: generation,
            protocol: protocolName,
            leader: leaderID,
            currentStateTimestamp: stateTimestampMs,
            members: members.values.sorted { $0.id < $1.id }.map { member in
                GroupMetadataValue.MemberMetadata(
                    memberId: member.id,
                    groupInstanceId: member.instanceID,
                    clientId: member.clientID,
                    clientHost: member.clientHost,
                    rebalanceTimeout: member.rebalanceTimeoutMs,
                    sessionTimeout: member.sessionTimeoutMs,
                    subscription: member.metadata(of: protocolName),
                    assignment: assignments[member.id] ?? ByteBuffer()
                )
            }
        )
    }

    /// Takes over what the log says: members that are known keep what they wait for.
    mutating func apply(_ value: GroupMetadataValue) {
        let named = Set(value.members.map(\.memberId))
        for id in members.keys where !named.contains(id) { remove(id) }
        protocolType = value.protocolType.isEmpty ? nil : value.protocolType
        protocolName = value.protocol
        generation = value.generation
        for record in value.members {
            // A member that is here knows more protocols than the log; one of an earlier record may know others.
            let isKnown = members[record.memberId]?.protocols.contains {
                $0.name == value.protocol ?? "" && $0.metadata == record.subscription
            }
            if isKnown != true {
                remove(record.memberId)
                add(ClassicMember(record, protocolName: value.protocol ?? ""), protocolType: value.protocolType)
            }
            members[record.memberId]?.assignment = record.assignment.detached()
        }
        leaderID = value.leader
        state = value.members.isEmpty ? .empty : .stable
        stateTimestampMs = value.currentStateTimestamp == -1 ? nil : value.currentStateTimestamp
        subscribedTopics = computedSubscription()
    }
}

extension ClassicMember {
    fileprivate init(_ record: GroupMetadataValue.MemberMetadata, protocolName: String) {
        self.init(
            id: record.memberId,
            instanceID: record.groupInstanceId,
            clientID: record.clientId,
            clientHost: record.clientHost,
            rebalanceTimeoutMs: record.rebalanceTimeout == -1 ? record.sessionTimeout : record.rebalanceTimeout,
            sessionTimeoutMs: record.sessionTimeout,
            protocols: [.init(name: protocolName, metadata: record.subscription.detached())]
        )
    }
}

extension JoinGroupRequest {
    /// Members of version 0 do not tell.
    var effectiveRebalanceTimeoutMs: Int32 { rebalanceTimeoutMs == -1 ? sessionTimeoutMs : rebalanceTimeoutMs }

    var detachedProtocols: [JoinGroupRequestProtocol] {
        protocols.map { JoinGroupRequestProtocol(name: $0.name, metadata: $0.metadata.detached()) }
    }
}
