import KafkaMessages
import KafkaWire

/// What a member shall own in the end, and who stands in its way.
struct ReconciliationGoal {
    /// Of the target.
    var epoch: Int32
    var target: AssignedPartitions
    /// What the member says it owns; nil when it did not say.
    var reported: AssignedPartitions?
    /// Who owns a partition now; nil for nobody.
    var owner: (KafkaUUID, Int32) -> String?
}

extension ModernMember {
    /// The member one step nearer to the target.
    ///
    /// First it gives back what the target lacks and stays in its epoch until it says that it has done so; then it moves
    /// to the target's epoch and gets what is free; what others still own follows when they have given it back.
    func reconciled(with goal: ReconciliationGoal) throws(CoordinatorError) -> ModernMember {
        switch progress {
        case .stable:
            return epoch == goal.epoch ? self : next(goal, epoch: epoch)
        case .unrevoked:
            guard !reports(revoking, goal) else { return self }
            // One epoch on, so that the time for giving back more begins anew.
            return next(goal, epoch: epoch.next)
        case .unreleased:
            return next(goal, epoch: epoch)
        case .unknown:
            guard let reported = goal.reported, reported.isEmpty else {
                let words = "The consumer group member is in a unknown state. "
                throw CoordinatorError(
                    .fencedMemberEpoch,
                    words + "The member must abandon all its partitions and rejoin."
                )
            }
            return next(goal, epoch: goal.epoch)
        }
    }

    /// Whether the member may still have one of these. One that does not say may have them all.
    private func reports(_ partitions: AssignedPartitions, _ goal: ReconciliationGoal) -> Bool {
        guard let reported = goal.reported else { return true }
        return !reported.isDisjoint(with: partitions)
    }

    private func next(_ goal: ReconciliationGoal, epoch current: Int32) -> ModernMember {
        let kept = assigned.intersection(goal.target)
        let surplus = assigned.subtracting(kept)
        let missing = goal.target.subtracting(kept)
        // What this member itself was giving back it has given back by now.
        let free = missing.filter { topic, partition in
            let owner = goal.owner(topic, partition)
            return owner == nil || owner == id
        }
        var member = self
        member.previousEpoch = epoch
        if !surplus.isEmpty, reports(surplus, goal) {
            member.progress = .unrevoked
            member.epoch = current
            member.assigned = kept
            member.revoking = surplus
        } else {
            member.progress = free.count == missing.count ? .stable : .unreleased
            member.epoch = goal.epoch
            member.assigned = kept.union(free)
            member.revoking = AssignedPartitions()
        }
        return member == unchangedButPrevious(member) ? self : member
    }

    /// A step that leads nowhere must not look like one: a record for every heartbeat would be the price.
    private func unchangedButPrevious(_ member: ModernMember) -> ModernMember {
        var same = self
        same.previousEpoch = member.previousEpoch
        return same
    }
}
