import KafkaWire

/// Divides partitions evenly among members that may subscribe to different topics.
///
/// Members keep what they had and may still have. What nobody has goes to the subscribers with the least. Then single
/// partitions move along chains from the most loaded member to one that has at least two fewer, until no chain is left:
/// that is the most even division there is. A chain exists when each member on it subscribes to a topic of which the member
/// before it has a partition.
///
/// Where members subscribe to the same topics or to none in common, equal shares come to the same in less time and with
/// the fewest moves.
struct UniformAssignor {
    private struct Topic {
        let id: KafkaUUID
        let subscribers: [Int]
        /// Partitions by owner; the last ones were given last and so are the first to move.
        var owned: [Int: [Int32]] = [:]
    }

    private var topics: [Topic] = []
    private var loads: [Int]
    /// Topics of which a member has partitions, ascending.
    private var held: [[Int]]

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
        loads = Array(repeating: 0, count: problem.members.count)
        held = Array(repeating: [], count: problem.members.count)
        var free: [[Int32]] = []
        for (id, count, members) in problem.subscribers {
            var topic = Topic(id: id, subscribers: members)
            var isTaken = Array(repeating: false, count: Int(count))
            for member in members {
                for partition in problem.members[member].former[id] {
                    guard (0..<count).contains(partition), !isTaken[Int(partition)] else { continue }
                    isTaken[Int(partition)] = true
                    topic.owned[member, default: []].append(partition)
                    loads[member] += 1
                }
            }
            topics.append(topic)
            free.append((0..<count).filter { !isTaken[Int($0)] })
        }
        // Topics with few subscribers first: the others can still make up for them.
        for index in topics.indices.sorted(by: { topics[$0].subscribers.count < topics[$1].subscribers.count }) {
            give(free[index], of: index)
        }
        for (index, topic) in topics.enumerated() {
            for member in topic.owned.keys { held[member].append(index) }
        }
    }

    /// Gives partitions to the subscribers of their topic, always to one of those with the least.
    private mutating func give(_ partitions: [Int32], of topic: Int) {
        guard !partitions.isEmpty else { return }
        let takers = topics[topic].subscribers.sorted { (loads[$0], $0) < (loads[$1], $1) }
        var remaining = partitions[...]
        var lowest = 0
        while !remaining.isEmpty {
            // All takers before `lowest` are at the same load: raise them together.
            let level = loads[takers[0]]
            while lowest < takers.count, loads[takers[lowest]] == level { lowest += 1 }
            for taker in takers[..<lowest] {
                guard let partition = remaining.popFirst() else { return }
                topics[topic].owned[taker, default: []].append(partition)
                loads[taker] += 1
            }
        }
    }

    private mutating func level() {
        var isSettled = Array(repeating: false, count: loads.count)
        while let start = loads.indices.filter({ !isSettled[$0] }).max(by: { (loads[$0], $1) < (loads[$1], $0) }) {
            let search = reach(from: start, isSettled)
            if let end = search.lightest, loads[end] + 2 <= loads[start] {
                move(along: search.steps, to: end)
            } else {
                // Nobody whom these members could relieve or burden is left outside of them.
                for member in search.members { isSettled[member] = true }
            }
        }
    }

    /// All members that chains from `start` lead to, nearest first, up to one that it can give to and that has the least
    /// of all.
    private func reach(
        from start: Int,
        _ isSettled: [Bool]
    ) -> (members: [Int], lightest: Int?, steps: [Int: (from: Int, topic: Int)]) {
        var members = [start]
        var steps: [Int: (from: Int, topic: Int)] = [:]
        var seenTopics = Array(repeating: false, count: topics.count)
        var lightest: Int?
        // Nobody has less: the search may end there.
        let least = loads.min() ?? 0
        var next = 0
        while next < members.count {
            let member = members[next]
            next += 1
            for topic in held[member] where !seenTopics[topic] {
                seenTopics[topic] = true
                for subscriber in topics[topic].subscribers
                where subscriber != start && steps[subscriber] == nil && !isSettled[subscriber] {
                    steps[subscriber] = (from: member, topic: topic)
                    members.append(subscriber)
                    if lightest.map({ loads[subscriber] < loads[$0] }) ?? true {
                        lightest = subscriber
                        if loads[subscriber] == least, loads[subscriber] + 2 <= loads[start] {
                            return (members, lightest, steps)
                        }
                    }
                }
            }
        }
        return (members, lightest, steps)
    }

    private mutating func move(along steps: [Int: (from: Int, topic: Int)], to end: Int) {
        var taker = end
        while let step = steps[taker] {
            if let partition = topics[step.topic].owned[step.from]?.popLast() {
                if topics[step.topic].owned[step.from]?.isEmpty == true {
                    topics[step.topic].owned[step.from] = nil
                    held[step.from].removeAll { $0 == step.topic }
                }
                if topics[step.topic].owned[taker] == nil {
                    held[taker].append(step.topic)
                    held[taker].sort()
                }
                topics[step.topic].owned[taker, default: []].append(partition)
                loads[step.from] -= 1
                loads[taker] += 1
            }
            taker = step.from
        }
    }

    private func result(_ problem: AssignmentProblem) -> [String: AssignedPartitions] {
        var sets = Array(repeating: AssignedPartitions(), count: problem.members.count)
        for topic in topics {
            for (member, partitions) in topic.owned { sets[member][topic.id] = partitions.sorted() }
        }
        return Dictionary(uniqueKeysWithValues: zip(problem.members.map(\.id), sets))
    }
}
