import KafkaWire

/// Divides partitions among members that all subscribe to the same topics, in one pass over members and partitions.
///
/// Everybody keeps what it had up to its share; the shares differ by one at most, and the greater ones go first to those
/// who have more than the smaller one. So no fewer partitions could move. Who gives away some gives of each of its topics
/// in turn.
struct EqualShares {
    private struct Topic {
        let id: KafkaUUID
        /// Places of members, by partition; nil for nobody.
        var owners: [Int?]
    }

    private var topics: [Topic]
    private let share: Int
    /// How many members may have one more.
    private var greater: Int

    /// - Parameters:
    ///   - members: places in the problem.
    ///   - topics: what all of them subscribe to, with numbers of partitions.
    static func divide(
        _ topics: [(id: KafkaUUID, count: Int32)],
        among members: [Int],
        _ problem: AssignmentProblem,
        into sets: inout [AssignedPartitions]
    ) {
        guard !members.isEmpty else { return }
        var shares = EqualShares(topics, members.count)
        var takers: [(member: Int, room: Int)] = []
        for member in members {
            let kept = shares.claim(problem.members[member].former, for: member)
            if let room = shares.cut(kept, of: member) { takers.append((member, room)) }
        }
        shares.give(to: takers)
        for topic in shares.topics {
            var owned: [Int: [Int32]] = [:]
            for (number, owner) in topic.owners.enumerated() {
                if let owner { owned[owner, default: []].append(Int32(number)) }
            }
            for (member, partitions) in owned { sets[member][topic.id] = partitions }
        }
    }

    private let places: [KafkaUUID: Int]

    private init(_ topics: [(id: KafkaUUID, count: Int32)], _ members: Int) {
        self.topics = topics.map { Topic(id: $0.id, owners: Array(repeating: nil, count: Int($0.count))) }
        places = Dictionary(
            topics.enumerated().map { ($0.element.id, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        (share, greater) = topics.reduce(0) { $0 + Int($1.count) }.quotientAndRemainder(dividingBy: members)
    }

    /// Lets a member keep what it had, exists, and was not somebody else's as well; tells the partitions of each topic.
    private mutating func claim(_ former: AssignedPartitions, for member: Int) -> [(topic: Int, partitions: [Int32])] {
        var kept: [(topic: Int, partitions: [Int32])] = []
        for (id, partitions) in former.topics {
            guard let place = places[id] else { continue }
            let valid = partitions.filter { number in
                number >= 0 && number < topics[place].owners.count && topics[place].owners[Int(number)] == nil
            }
            for number in valid { topics[place].owners[Int(number)] = member }
            if !valid.isEmpty { kept.append((place, valid)) }
        }
        return kept
    }

    /// Takes from a member what is beyond its share; tells how many it is short of the smaller share, nil when it has the
    /// greater one.
    private mutating func cut(_ kept: [(topic: Int, partitions: [Int32])], of member: Int) -> Int? {
        let count = kept.reduce(0) { $0 + $1.partitions.count }
        guard count > share else { return share - count }
        var surplus = count - share
        if greater > 0 {
            greater -= 1
            surplus -= 1
        }
        let hasGreater = surplus < count - share
        var rest = kept.sorted { $0.topic < $1.topic }
        var place = rest.count
        while surplus > 0 {
            place = (place == 0 ? rest.count : place) - 1
            guard let number = rest[place].partitions.popLast() else { continue }
            topics[rest[place].topic].owners[Int(number)] = nil
            surplus -= 1
        }
        return hasGreater ? nil : 0
    }

    /// Gives what nobody has, one to each member in turn, until all have their shares.
    private mutating func give(to members: [(member: Int, room: Int)]) {
        var takers = members
        for place in takers.indices.prefix(greater) { takers[place].room += 1 }
        takers.removeAll { $0.room == 0 }
        var turn = 0
        for topic in topics.indices {
            for number in topics[topic].owners.indices where topics[topic].owners[number] == nil {
                if turn == takers.count {
                    takers.removeAll { $0.room == 0 }
                    turn = 0
                }
                guard turn < takers.count else { return }
                topics[topic].owners[number] = takers[turn].member
                takers[turn].room -= 1
                turn += 1
            }
        }
    }
}
