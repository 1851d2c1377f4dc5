package import KafkaMessages
package import KafkaWire

/// Decides who leads a partition, who is in sync and who holds replicas, and says it as a record (`replication.md`,
/// section 5).
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
    /// All replicas that are wanted, those that come and go in a reassignment included.
    package var targetReplicas: [Int32]
    package var targetAdding: [Int32]
    package var targetRemoving: [Int32]
    package var targetIsRecovering: Bool
    /// The directory of a replica that comes.
    package var newDirectory: (Int32) -> KafkaUUID = { _ in .zero }

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
        targetReplicas = partition.replicas
        targetAdding = partition.addingReplicas
        targetRemoving = partition.removingReplicas
        targetIsRecovering = partition.isRecovering
        self.isActive = isActive
    }

    /// The record that brings about what is wanted, or nil when everything is so already or cannot be.
    package func record() -> PartitionChangeRecord? {
        var new = old
        new.replicas = targetReplicas
        new.addingReplicas = targetAdding
        new.removingReplicas = targetRemoving
        new.isRecovering = targetIsRecovering
        new.isr = targetISR.filter(isActive)
        // The last member is never removed: it alone is known to hold every acknowledged record.
        if new.isr.isEmpty { new.isr = lastMember(of: new.replicas) }
        completeReassignment(&new)
        new.leader = electLeader(new)
        if new.leader == Self.noLeader, election == .unclean, let survivor = new.replicas.first(where: isActive) {
            new.leader = survivor
            new.isr = [survivor]
            new.isRecovering = true
        }
        // Nobody would be left of whom anything is known.
        guard !new.isr.isEmpty else { return nil }
        // Who stops being a replica must stop writing as one, even while the leader stays.
        let losesReplica = !Set(old.replicas).isSubset(of: new.replicas)
        return record(of: new, startsEpoch: new.leader != old.leader || losesReplica)
    }

    private func record(of new: PartitionImage, startsEpoch: Bool) -> PartitionChangeRecord? {
        var record = PartitionChangeRecord()
        if startsEpoch { record.leader = new.leader }
        if new.isr != old.isr { record.isr = new.isr }
        if new.isRecovering != old.isRecovering { record.leaderRecoveryState = new.isRecovering ? 1 : 0 }
        if new.addingReplicas != old.addingReplicas { record.addingReplicas = new.addingReplicas }
        if new.removingReplicas != old.removingReplicas { record.removingReplicas = new.removingReplicas }
        if new.replicas != old.replicas {
            record.replicas = new.replicas
            let known = Dictionary(zip(old.replicas, old.directories)) { first, _ in first }
            record.directories = new.replicas.map { known[$0] ?? newDirectory($0) }
        }
        guard record != PartitionChangeRecord() else { return nil }
        record.partitionId = index
        record.topicId = topicID
        return record
    }

    /// A reassignment is over when all that come are in sync and somebody in sync stays.
    private func completeReassignment(_ new: inout PartitionImage) {
        guard !new.addingReplicas.isEmpty || !new.removingReplicas.isEmpty else { return }
        let staying = new.isr.filter { !new.removingReplicas.contains($0) }
        guard !staying.isEmpty, Set(new.addingReplicas).isSubset(of: staying) else { return }
        new.isr = staying
        new.replicas.removeAll(where: new.removingReplicas.contains)
        new.addingReplicas = []
        new.removingReplicas = []
    }

    /// The member that stays in the ISR when no other can, as long as it is one of `replicas`.
    private func lastMember(of replicas: [Int32]) -> [Int32] {
        let members = old.isr.filter(replicas.contains)
        return members.contains(old.leader) ? [old.leader] : Array(members.prefix(1))
    }

    private func electLeader(_ new: PartitionImage) -> Int32 {
        let isEligible = { (replica: Int32) in
            new.isr.contains(replica) && new.replicas.contains(replica) && isActive(replica)
        }
        if election == .preferred, let preferred = new.replicas.first, isEligible(preferred) { return preferred }
        if isEligible(old.leader) { return old.leader }
        return new.replicas.first(where: isEligible) ?? Self.noLeader
    }
}
