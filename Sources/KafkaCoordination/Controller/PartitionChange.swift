package import KafkaMessages
package import KafkaWire

/// Decides who leads a partition and who is in sync, and says it as a record (`replication.md`, section 5).
package struct PartitionChange {
    /// In a PartitionChangeRecord: the leader stays (and so does the leader epoch).
    package static let unchangedLeader: Int32 = -2
    package static let noLeader: Int32 = -1

    package enum Election: Sendable {
        /// Keep the leader where possible, otherwise the first replica that is in sync and active.
        case online
        /// The first replica of the assignment, if it is in sync and active; otherwise as `online`.
        case preferred
        /// As `online`, but a replica that is not in sync may lead when no other is left.
        case unclean
    }

    private let topicID: KafkaUUID
    private let index: Int32
    private let old: PartitionImage
    private let isActive: (Int32) -> Bool
    package var election = Election.online
    /// The ISR that is wanted, before members that are not active are taken out.
    package var targetISR: [Int32]

    package init(
        topicID: KafkaUUID,
        index: Int32,
        partition: PartitionImage,
        isActive: @escaping (Int32) -> Bool
    ) {
        self.topicID = topicID
        self.index = index
        old = partition
        targetISR = partition.isr
        self.isActive = isActive
    }

    /// The record that brings about what is wanted, or nil when everything is so already.
    package func record() -> PartitionChangeRecord? {
        var isr = targetISR.filter(isActive)
        // The last member is never removed: it alone is known to hold every acknowledged record.
        if isr.isEmpty { isr = lastMember.map { [$0] } ?? old.isr }
        var leader = electLeader(isr: isr)
        var isRecovering = old.isRecovering
        if leader == Self.noLeader, election == .unclean, let survivor = old.replicas.first(where: isActive) {
            leader = survivor
            isr = [survivor]
            isRecovering = true
        }
        guard leader != old.leader || isr != old.isr || isRecovering != old.isRecovering else { return nil }
        var record = PartitionChangeRecord()
        record.partitionId = index
        record.topicId = topicID
        if leader != old.leader { record.leader = leader }
        if isr != old.isr { record.isr = isr }
        if isRecovering != old.isRecovering { record.leaderRecoveryState = isRecovering ? 1 : 0 }
        return record
    }

    private var lastMember: Int32? {
        old.isr.contains(old.leader) ? old.leader : old.isr.first
    }

    private func electLeader(isr: [Int32]) -> Int32 {
        let isEligible = { (replica: Int32) in isr.contains(replica) && isActive(replica) }
        if election == .preferred, let preferred = old.replicas.first, isEligible(preferred) { return preferred }
        if isEligible(old.leader) { return old.leader }
        return old.replicas.first(where: isEligible) ?? Self.noLeader
    }
}
