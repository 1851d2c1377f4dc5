import KafkaClient

/// What `consumer-groups --describe` found out about one group.
struct GroupReport: Equatable {
    var description: GroupDescription
    /// Empty unless offsets were asked for.
    var partitions: [PartitionLag] = []

    var id: String { description.id }
}

/// How far a group has read one partition.
struct PartitionLag: Equatable {
    var partition: TopicPartition
    /// nil when the group has stored no offset.
    var committed: GroupOffset?
    /// nil when the end is not known: the partition is gone or has no leader.
    var end: Int64?
    /// nil when nobody owns the partition.
    var owner: GroupMemberDescription?
    /// When the record that comes next was written, in milliseconds since 1970; nil when there is none, or nobody asked.
    var nextRecordMs: Int64?

    /// Records to read; nil when an offset is missing.
    var lag: Int64? {
        guard let committed, let end else { return nil }
        let (difference, overflow) = end.subtractingReportingOverflow(committed.offset)
        return overflow ? nil : difference
    }

    /// The age of the record that comes next, in whole seconds; 0 when everything was read, nil when it is not known.
    func lagSeconds(nowMs: Int64) -> Int64? {
        guard let lag else { return nil }
        guard lag > 0 else { return 0 }
        guard let nextRecordMs else { return nil }
        let (age, overflow) = nowMs.subtractingReportingOverflow(nextRecordMs)
        return overflow ? nil : max(0, age) / 1000
    }

    /// The rows of a group: partitions of members, the member with most first, then those that have an offset and nobody
    /// to read them; within each by topic and partition.
    static func rows(
        _ members: [GroupMemberDescription],
        committed: [TopicPartition: GroupOffset],
        ends: [TopicPartition: Int64]
    ) -> [PartitionLag] {
        var rows: [PartitionLag] = []
        var owned: Set<TopicPartition> = []
        let ordered = members.sorted { first, second in
            let counts = (first.assignment?.count ?? 0, second.assignment?.count ?? 0)
            return counts.0 == counts.1 ? first.id < second.id : counts.0 > counts.1
        }
        for member in ordered {
            for partition in (member.assignment ?? []).sorted() {
                owned.insert(partition)
                rows.append(
                    PartitionLag(
                        partition: partition,
                        committed: committed[partition],
                        end: ends[partition],
                        owner: member
                    )
                )
            }
        }
        for partition in committed.keys.filter({ !owned.contains($0) }).sorted() {
            rows.append(PartitionLag(partition: partition, committed: committed[partition], end: ends[partition]))
        }
        return rows
    }
}
