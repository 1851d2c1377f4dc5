/// Which members are in the rack of which partitions, where that makes a difference (KIP-881).
///
/// It makes none when no member is in the rack of any replica, or when every partition has a replica in every rack: then
/// there is no such thing as a proximity.
struct Proximity {
    private let racks: [TopicPartition: Set<String>]
    /// The rack of each member, by place.
    private let members: [String?]

    init?(_ members: [MemberSubscription], _ layout: TopicLayout) {
        let wanted = Set(members.flatMap(\.topics))
        let racks = layout.racks.filter { wanted.contains($0.key.topic) && !$0.value.isEmpty }
        let all = racks.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        guard members.contains(where: { $0.rack.map(all.contains) ?? false }),
            racks.values.contains(where: { $0 != all })
        else { return nil }
        self.racks = racks
        self.members = members.map(\.rack)
    }

    /// Whether a member can read a partition within its rack.
    func isNear(_ member: Int, _ partition: TopicPartition) -> Bool {
        guard let rack = members[member] else { return false }
        return racks[partition]?.contains(rack) ?? false
    }
}
