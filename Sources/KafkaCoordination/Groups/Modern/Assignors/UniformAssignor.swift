import KafkaWire

/// Divides partitions evenly among members that may subscribe to different topics.
///
/// Members keep what they had and may still have. What nobody has goes to the subscribers with the least. Then loads are
/// levelled: single partitions move along chains from members with more to members with at least two fewer, until no chain
/// is left: that is the most even division there is. A chain exists when each member on it subscribes to a topic of which
/// the member before it has a partition.
///
/// Where members subscribe to the same topics or to none in common, equal shares come to the same in less time and with
/// the fewest moves.
struct UniformAssignor {
    struct Topic {
        let id: KafkaUUID
        /// Members in order.
        var subscribers: [Int] = []
        /// The partitions of each subscriber, by its place; the last ones were given last and so are the first to move.
        var owned: [[Int32]] = []
    }

    /// A topic that a member subscribes to, and the member's place among the subscribers.
    struct Subscription {
        let topic: Int
        let place: Int
    }

    var topics: [Topic]
    /// By member.
    private(set) var subscriptions: [[Subscription]]
    /// How many partitions each member has.
    var loads: [Int]
    /// Members of one number are levelled together.
    var parts: [Int]

    static func assign(_ problem: AssignmentProblem) -> [String: AssignedPartitions] {
        guard let crowds = problem.separateCrowds else {
            var assignor = UniformAssignor(problem)
            assignor.level()
            return assignor.result(problem)
        }
        var sets = Array(repeating: AssignedPartitions(), count: problem.members.count)
        for (topics, members) in crowds {
            let counted = topics.compactMap { topic in
                problem.partitionCounts[topic].flatMap { $0 > 0 ? (id: topic, count: $0) : nil }
            }
            EqualShares.divide(counted, among: members, problem, into: &sets)
        }
        return Dictionary(uniqueKeysWithValues: zip(problem.members.map(\.id), sets))
    }

    private init(_ problem: AssignmentProblem) {
        let known = problem.partitionCounts.filter { $0.value > 0 }.sorted { $0.key.precedes($1.key) }
        let places = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($0.element.key, $0.offset) })
        var isTaken = known.map { Array(repeating: false, count: Int($0.value)) }
        topics = known.map { Topic(id: $0.key) }
        subscriptions = Array(repeating: [], count: problem.members.count)
        loads = Array(repeating: 0, count: problem.members.count)
        parts = Array(repeating: 0, count: problem.members.count)
        for (index, member) in problem.members.enumerated() {
            for id in member.topics {
                guard let topic = places[id] else { continue }
                var kept: [Int32] = []
                for partition in member.former.isEmpty ? [] : member.former[id] {
                    let number = Int(partition)
                    guard isTaken[topic].indices.contains(number), !isTaken[topic][number] else { continue }
                    isTaken[topic][number] = true
                    kept.append(partition)
                }
                loads[index] += kept.count
                subscriptions[index].append(Subscription(topic: topic, place: topics[topic].subscribers.count))
                topics[topic].subscribers.append(index)
                topics[topic].owned.append(kept)
            }
        }
        // Topics with few subscribers first: the others can still make up for them.
        let order = topics.indices.sorted {
            (topics[$0].subscribers.count, $0) < (topics[$1].subscribers.count, $1)
        }
        for topic in order where !topics[topic].subscribers.isEmpty {
            give(isTaken[topic].indices.filter { !isTaken[topic][$0] }.map { Int32($0) }, of: topic)
        }
    }

    /// Gives partitions to the subscribers of their topic, always to one of those with the least.
    private mutating func give(_ partitions: [Int32], of topic: Int) {
        let subscribers = topics[topic].subscribers
        let precedes = { [loads] (left: Int, right: Int) in
            (loads[subscribers[left]], left) < (loads[subscribers[right]], right)
        }
        if partitions.count < 2 {
            if let partition = partitions.first, let place = subscribers.indices.min(by: precedes) {
                give(partition, of: topic, to: place)
            }
            return
        }
        let takers = subscribers.indices.sorted(by: precedes)
        var remaining = partitions[...]
        var lowest = 0
        while !remaining.isEmpty {
            // All takers before `lowest` are at the same load: raise them together.
            let level = loads[subscribers[takers[0]]]
            while lowest < takers.count, loads[subscribers[takers[lowest]]] == level { lowest += 1 }
            for taker in takers[..<lowest] {
                guard let partition = remaining.popFirst() else { return }
                give(partition, of: topic, to: taker)
            }
        }
    }

    private mutating func give(_ partition: Int32, of topic: Int, to place: Int) {
        topics[topic].owned[place].append(partition)
        loads[topics[topic].subscribers[place]] += 1
    }

    private func result(_ problem: AssignmentProblem) -> [String: AssignedPartitions] {
        var sets = Array(repeating: AssignedPartitions(), count: problem.members.count)
        for topic in topics {
            for (member, partitions) in zip(topic.subscribers, topic.owned) where !partitions.isEmpty {
                sets[member][topic.id] = partitions.sorted()
            }
        }
        return Dictionary(uniqueKeysWithValues: zip(problem.members.map(\.id), sets))
    }
}
