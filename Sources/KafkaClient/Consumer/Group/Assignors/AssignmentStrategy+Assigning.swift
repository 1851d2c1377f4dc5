extension AssignmentStrategy {
    /// Spreads the partitions of the subscribed topics over the members.
    ///
    /// The outcome depends on nothing but the arguments, whatever their order. Each partition of a topic that somebody
    /// subscribes to has exactly one owner, except with ``cooperativeSticky``, where a partition that is to move has none
    /// until its old owner has given it back.
    ///
    /// Where members and replicas tell their racks, a member rather gets what it can read within its own (KIP-881), as far
    /// as the shares allow; not with ``roundRobin``, which asks for nothing but the order.
    ///
    /// - Parameter layout: the topics that exist.
    /// - Returns: the sorted partitions of each member; every member is there.
    package func assign(_ members: [MemberSubscription], to layout: TopicLayout) -> [String: [TopicPartition]] {
        let sorted = members.sorted(by: MemberSubscription.isInOrder)
        let partitionCounts = layout.partitionCounts
        var assignment: [String: [TopicPartition]]
        switch self {
        case .range:
            if let proximity = Proximity(sorted, layout) {
                let shares = RangeShares.assign(sorted, partitionCounts, proximity)
                assignment = Dictionary(zip(sorted.map(\.memberID), shares), uniquingKeysWith: { first, _ in first })
            } else {
                assignment = Self.assignRanges(sorted, partitionCounts)
            }
        case .roundRobin:
            assignment = Self.dealInTurn(sorted, partitionCounts)
        case .sticky:
            assignment = StickyAssignment(sorted, layout).partitions
        case .cooperativeSticky:
            assignment = StickyAssignment(sorted, layout).partitions
            Self.holdBackMoving(&assignment, members: sorted)
        }
        for member in sorted {
            assignment[member.memberID, default: []].sort()
        }
        return assignment
    }

    /// For each topic: as many consecutive partitions for each subscriber, one more for the first ones.
    private static func assignRanges(
        _ members: [MemberSubscription],
        _ partitionCounts: [String: Int32]
    ) -> [String: [TopicPartition]] {
        var assignment: [String: [TopicPartition]] = [:]
        for (topic, count) in partitionCounts where count > 0 {
            let subscribers = members.filter { $0.topics.contains(topic) }
            guard !subscribers.isEmpty else { continue }
            let (share, rest) = Int(count).quotientAndRemainder(dividingBy: subscribers.count)
            var next: Int32 = 0
            for (index, member) in subscribers.enumerated() {
                let end = next + Int32(share + (index < rest ? 1 : 0))
                for partition in next..<end {
                    assignment[member.memberID, default: []].append(TopicPartition(topic: topic, partition: partition))
                }
                next = end
            }
        }
        return assignment
    }

    /// Partition after partition to member after member, those left out that do not want the topic.
    private static func dealInTurn(
        _ members: [MemberSubscription],
        _ partitionCounts: [String: Int32]
    ) -> [String: [TopicPartition]] {
        var assignment: [String: [TopicPartition]] = [:]
        let wanted = members.map { Set($0.topics) }
        var turn = 0
        for (topic, count) in partitionCounts.sorted(by: { $0.key < $1.key }) {
            guard count > 0, wanted.contains(where: { $0.contains(topic) }) else { continue }
            for partition in 0..<count {
                while !wanted[turn].contains(topic) {
                    turn = (turn + 1) % members.count
                }
                assignment[members[turn].memberID, default: []].append(
                    TopicPartition(topic: topic, partition: partition)
                )
                turn = (turn + 1) % members.count
            }
        }
        return assignment
    }

    /// Takes out what another member still holds: it is given in the rebalance after that member has let go (KIP-429).
    private static func holdBackMoving(
        _ assignment: inout [String: [TopicPartition]],
        members: [MemberSubscription]
    ) {
        var revoked: Set<TopicPartition> = []
        for member in members {
            revoked.formUnion(Set(member.owned).subtracting(assignment[member.memberID] ?? []))
        }
        guard !revoked.isEmpty else { return }
        for member in members {
            let owned = Set(member.owned)
            assignment[member.memberID]?.removeAll { revoked.contains($0) && !owned.contains($0) }
        }
    }
}
