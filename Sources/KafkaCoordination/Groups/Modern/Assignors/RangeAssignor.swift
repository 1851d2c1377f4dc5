import KafkaWire

/// Divides each topic into consecutive ranges, one for each subscriber, that differ in length by one at most.
///
/// Topics with the same subscribers and the same number of partitions are divided alike, so that a member has the same
/// partition numbers of all of them (co-partitioning). Among equal ranges a member gets the one of which it had the most;
/// where nobody had anything, ranges go by instance id or else member id.
enum RangeAssignor {
    private struct Kind: Hashable {
        let members: [Int]
        let count: Int32
    }

    static func assign(_ problem: AssignmentProblem) -> [String: AssignedPartitions] {
        var kinds: [Kind: [KafkaUUID]] = [:]
        for (topic, count, members) in problem.subscribers {
            kinds[Kind(members: members, count: count), default: []].append(topic)
        }
        var sets = Array(repeating: AssignedPartitions(), count: problem.members.count)
        for (kind, topics) in kinds {
            for (member, range) in divide(kind, topics, problem) where !range.isEmpty {
                for topic in topics { sets[member][topic] = Array(range) }
            }
        }
        return Dictionary(uniqueKeysWithValues: zip(problem.members.map(\.id), sets))
    }

    private static func divide(
        _ kind: Kind,
        _ topics: [KafkaUUID],
        _ problem: AssignmentProblem
    ) -> [(member: Int, range: Range<Int32>)] {
        let ranges = ranges(of: kind.count, for: kind.members.count)
        // Which range holds how much of what each member had.
        var shared: [(member: Int, range: Int, partitions: Int)] = []
        for member in kind.members {
            var counts: [Int: Int] = [:]
            for topic in topics {
                for partition in problem.members[member].former[topic] {
                    guard let range = index(of: partition, in: ranges) else { continue }
                    counts[range, default: 0] += 1
                }
            }
            shared += counts.map { (member: member, range: $0.key, partitions: $0.value) }
        }
        shared.sort { ($1.partitions, $0.range, $0.member) < ($0.partitions, $1.range, $1.member) }
        var rangeOf: [Int: Int] = [:]
        var isTaken = Array(repeating: false, count: ranges.count)
        for (member, range, _) in shared where rangeOf[member] == nil && !isTaken[range] {
            rangeOf[member] = range
            isTaken[range] = true
        }
        var left = isTaken.indices.filter { !isTaken[$0] }[...]
        return kind.members.compactMap { member in
            guard let range = rangeOf[member] ?? left.popFirst() else { return nil }
            return (member: member, range: ranges[range])
        }
    }

    /// As many ranges as members, the longer ones first, empty ones last.
    private static func ranges(of count: Int32, for members: Int) -> [Range<Int32>] {
        let (length, longer) = Int(count).quotientAndRemainder(dividingBy: members)
        var start: Int32 = 0
        return (0..<members).map { index in
            let end = start + Int32(length + (index < longer ? 1 : 0))
            defer { start = end }
            return start..<end
        }
    }

    private static func index(of partition: Int32, in ranges: [Range<Int32>]) -> Int? {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = low + (high - low) / 2
            if ranges[middle].upperBound <= partition { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(partition) ? low : nil
    }
}
