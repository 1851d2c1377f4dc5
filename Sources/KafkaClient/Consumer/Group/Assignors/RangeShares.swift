/// Ranges of partitions for each topic, with regard to racks (KIP-881).
///
/// Everybody's share of a topic is as large as without racks. First, topics that the same members subscribe to and that
/// have the same number of partitions are given out together, a number at a time, to a member that is near all its
/// partitions, so that what belongs together stays together. Then each topic by itself: to each member, in order, what is
/// near; and at last, to each in order, what is left.
struct RangeShares {
    private struct Topic {
        let name: String
        /// Places of members, in order.
        let subscribers: [Int]
        let share: Int
        /// How many may have one more.
        var larger: Int
        var owners: [Int?]
        var counts: [Int: Int] = [:]

        init(_ name: String, _ count: Int32, _ subscribers: [Int]) {
            self.name = name
            self.subscribers = subscribers
            (share, larger) = Int(count).quotientAndRemainder(dividingBy: subscribers.count)
            owners = Array(repeating: nil, count: Int(count))
        }

        func room(of member: Int) -> Int { max(0, share + (larger > 0 ? 1 : 0) - counts[member, default: 0]) }

        mutating func give(_ number: Int, to member: Int) {
            owners[number] = member
            counts[member, default: 0] += 1
            if counts[member, default: 0] == share + 1 { larger -= 1 }
        }

        func partition(_ number: Int) -> TopicPartition { TopicPartition(topic: name, partition: Int32(number)) }
    }

    private struct Kind: Hashable {
        let subscribers: [Int]
        let count: Int
    }

    private let proximity: Proximity
    private var topics: [Topic] = []

    /// The partitions of each member, by place.
    static func assign(
        _ members: [MemberSubscription],
        _ partitionCounts: [String: Int32],
        _ proximity: Proximity
    ) -> [[TopicPartition]] {
        var shares = RangeShares(proximity: proximity)
        for (name, count) in partitionCounts.sorted(by: { $0.key < $1.key }) where count > 0 {
            let subscribers = members.indices.filter { members[$0].topics.contains(name) }
            if !subscribers.isEmpty { shares.topics.append(Topic(name, count, subscribers)) }
        }
        shares.giveTogether()
        for index in shares.topics.indices {
            shares.give(index, onlyNear: true)
            shares.give(index, onlyNear: false)
        }
        var result = Array(repeating: [TopicPartition](), count: members.count)
        for topic in shares.topics {
            for (number, owner) in topic.owners.enumerated() {
                if let owner { result[owner].append(topic.partition(number)) }
            }
        }
        return result
    }

    private init(proximity: Proximity) { self.proximity = proximity }

    private mutating func giveTogether() {
        let kinds = Dictionary(grouping: topics.indices) {
            Kind(subscribers: topics[$0].subscribers, count: topics[$0].owners.count)
        }
        for (kind, places) in kinds where places.count > 1 {
            for number in 0..<kind.count {
                let taker = kind.subscribers.first { member in
                    places.allSatisfy { place in
                        topics[place].room(of: member) > 0
                            && proximity.isNear(member, topics[place].partition(number))
                    }
                }
                guard let taker else { continue }
                for place in places { topics[place].give(number, to: taker) }
            }
        }
    }

    private mutating func give(_ index: Int, onlyNear: Bool) {
        for member in topics[index].subscribers {
            var room = topics[index].room(of: member)
            for number in topics[index].owners.indices where room > 0 && topics[index].owners[number] == nil {
                if onlyNear, !proximity.isNear(member, topics[index].partition(number)) { continue }
                topics[index].give(number, to: member)
                room -= 1
            }
        }
    }
}
