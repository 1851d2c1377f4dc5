import KafkaMessages
import KafkaWire
import NIOCore

/// A member of a classic group, as it passes over to the other protocol.
struct ClassicMemberState: Equatable, Sendable {
    var id: String
    var instanceID: String?
    var clientID: String
    var clientHost: String
    var rebalanceTimeoutMs: Int32
    var sessionTimeoutMs: Int32
    /// Name and metadata of each protocol, best first.
    var protocols: [ConsumerGroupMemberMetadataValue.ClassicProtocol]
    var assignment: ByteBuffer
}

extension ModernDraft {
    /// A consumer group in place of a classic one: the members keep their generation as epoch, and what they were
    /// assigned is both their own and their target. What a member said it had when it joined, and was assigned to nobody,
    /// it may still be giving back, as cooperative members do after they were told: nobody else gets it before the member
    /// joins again. (Kafka takes it for free.)
    ///
    /// - Throws: GROUP_ID_NOT_FOUND when what a member said cannot be read.
    init(
        upgrading id: String,
        generation: Int32,
        members: [ClassicMemberState],
        _ image: MetadataImage
    ) throws(CoordinatorError) {
        self.init(ModernGroup(id: id))
        write(.group(.init(group: id), nil))
        var taken = AssignedPartitions()
        var claimed: [AssignedPartitions] = []
        var upgraded: [ModernMember] = []
        for state in members {
            guard let first = state.protocols.first,
                let subscription = try? ConsumerProtocolSubscription(versioned: first.metadata, acceptingNewer: true),
                let assignment = state.assignment.readableBytes == 0
                    ? ConsumerProtocolAssignment()
                    : try? ConsumerProtocolAssignment(versioned: state.assignment, acceptingNewer: true)
            else {
                let words = "Cannot upgrade the classic group \(id) to consumer group because the embedded consumer "
                throw CoordinatorError(.groupIdNotFound, words + "protocol is malformed.")
            }
            var member = ModernMember(id: state.id)
            member.epoch = generation
            member.previousEpoch = generation
            member.instanceID = state.instanceID
            member.rackID = subscription.rackId
            member.rebalanceTimeoutMs = state.rebalanceTimeoutMs
            member.clientID = state.clientID
            member.clientHost = state.clientHost
            member.topics = ModernMember.normalized(subscription.topics)
            // A leader may have given a partition twice; here the first has it.
            member.assigned = image.partitions(assignment.assignedPartitions).subtracting(taken)
            taken = taken.union(member.assigned)
            member.classic = .init(
                sessionTimeoutMs: state.sessionTimeoutMs,
                supportedProtocols: state.protocols
            )
            claimed.append(image.partitions(subscription.ownedPartitions))
            upgraded.append(member)
        }
        for (index, partitions) in claimed.enumerated() {
            let left = partitions.subtracting(taken)
            guard !left.isEmpty else { continue }
            upgraded[index].progress = .unrevoked
            upgraded[index].revoking = left
            taken = taken.union(left)
        }
        for member in upgraded { writeSubscription(member) }
        write(epoch: generation, hash: 0)
        for member in upgraded { writeTarget(member.id, member.assigned) }
        write(targetEpoch: generation)
        for member in upgraded { writeAssignment(member) }
    }
}

extension ModernGroup {
    /// The records with which a classic group takes the place of this one. `remaining` is this group without the member
    /// that left or with the one that came: members of the classic protocol only.
    func downgradeRecords(
        to remaining: ModernGroup,
        _ image: MetadataImage,
        nowMs: Int64
    ) -> [GroupRecord] {
        var draft = ModernDraft(self)
        draft.removeGroup()
        let name = remaining.commonProtocol
        var value = GroupMetadataValue(protocolType: ModernGroups.protocolType, generation: remaining.epoch)
        value.protocol = name
        value.currentStateTimestamp = nowMs
        value.members = remaining.members.values.sorted { $0.id < $1.id }.compactMap { member in
            guard let classic = member.classic else { return nil }
            let metadata = classic.supportedProtocols.first { $0.name == name }?.metadata ?? ByteBuffer()
            // What it may still read, not what it is to have: another upgrade before it joins again must not give that away.
            let held = member.assigned.union(member.revoking)
            return GroupMetadataValue.MemberMetadata(
                memberId: member.id,
                groupInstanceId: member.instanceID,
                clientId: member.clientID,
                clientHost: member.clientHost,
                rebalanceTimeout: member.rebalanceTimeoutMs,
                sessionTimeout: classic.sessionTimeoutMs,
                subscription: metadata,
                assignment: (try? image.assignment(held).versioned(classic.assignmentVersion)) ?? ByteBuffer()
            )
        }
        // Without a leader: whoever reads this must see that the group is still to be divided anew.
        return draft.records + [.group(.init(group: id), value)]
    }

    /// Of the protocols that all classic members support, the one that most name first.
    private var commonProtocol: String? {
        var votes: [String: Int] = [:]
        for member in members.values.lazy.compactMap(\.classic) {
            if let choice = member.supportedProtocols.first(where: { census.isCommon($0.name) }) {
                votes[choice.name, default: 0] += 1
            }
        }
        return votes.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key
    }

    /// Tombstones for everything that is known of the group.
    var tombstones: [GroupRecord] {
        var draft = ModernDraft(self)
        draft.removeGroup()
        return draft.records
    }
}
