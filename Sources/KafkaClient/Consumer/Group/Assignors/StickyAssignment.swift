/// An even assignment that moves as little as possible from the last one.
///
/// Rules:
/// - A partition that several members claim belongs to the one with the highest generation; if two claim it in the same
///   generation, one of them is wrong and neither keeps it.
/// - The outcome is balanced: of two members that could both have a partition, the one that has it holds at most one
///   partition more than the other.
/// - Where racks make a difference, as many partitions as possible without harm to the balance are read within theirs, or
///   at least no single move or exchange would add to them.
/// - Members keep what they had as far as balance and racks let them.
///
/// Steps: claims that are valid are the start; with equal subscriptions each member is cut to its share; free partitions go
/// to the least loaded member that wants them; then single partitions move from a member to one that has at least two
/// fewer, until there is no such move. Every move makes the sum of squares of the loads smaller, so it ends. Moves and
/// exchanges for the sake of racks leave that sum as it is and add to the partitions that are near, so they end too.
struct StickyAssignment {
    private let members: [MemberSubscription]
    /// Which members, by place, want a topic.
    private var subscribers: [String: [Int]] = [:]
    private var held: [Set<TopicPartition>]
    private var previous: [TopicPartition: Int] = [:]
    private let proximity: Proximity?

    /// - Parameter members: in the order of ``MemberSubscription/isInOrder(_:_:)``.
    init(_ members: [MemberSubscription], _ layout: TopicLayout) {
        let partitionCounts = layout.partitionCounts
        self.members = members
        proximity = Proximity(members, layout)
        held = Array(repeating: [], count: members.count)
        for (index, member) in members.enumerated() {
            for topic in Set(member.topics) where (partitionCounts[topic] ?? 0) > 0 {
                subscribers[topic, default: []].append(index)
            }
        }
        keepValidClaims(partitionCounts)
        if subscribers.values.allSatisfy({ $0.count == members.count }) {
            cutToShares(partitionCounts)
        }
        placeFree(partitionCounts)
        balance()
        while approach() {}
    }

    /// The partitions of each member.
    var partitions: [String: [TopicPartition]] {
        Dictionary(
            zip(members.map(\.memberID), held.map(Array.init)),
            uniquingKeysWith: { first, _ in first }
        )
    }

    private mutating func keepValidClaims(_ partitionCounts: [String: Int32]) {
        var best: [TopicPartition: (generation: Int32, member: Int?)] = [:]
        for (index, member) in members.enumerated() {
            for partition in Set(member.owned) {
                guard let known = best[partition], known.generation >= member.generation else {
                    best[partition] = (member.generation, index)
                    continue
                }
                if known.generation == member.generation { best[partition] = (known.generation, nil) }
            }
        }
        for (partition, claim) in best {
            guard
                let index = claim.member, partition.partition >= 0,
                partition.partition < partitionCounts[partition.topic] ?? 0,
                subscribers[partition.topic]?.contains(index) == true
            else { continue }
            held[index].insert(partition)
            previous[partition] = index
        }
    }

    /// With equal subscriptions the shares are known beforehand: who has more than its share keeps the larger one, as
    /// long as there are larger ones, and lets go of the rest.
    private mutating func cutToShares(_ partitionCounts: [String: Int32]) {
        let total = subscribers.keys.reduce(0) { $0 + Int(partitionCounts[$1] ?? 0) }
        guard !members.isEmpty else { return }
        let (share, larger) = total.quotientAndRemainder(dividingBy: members.count)
        var largerLeft = larger
        for index in held.indices where held[index].count > share {
            let limit = largerLeft > 0 ? share + 1 : share
            if largerLeft > 0 { largerLeft -= 1 }
            let kept = held[index].sorted { left, right in
                let isNear = (isNear(index, left), isNear(index, right))
                return isNear.0 == isNear.1 ? left < right : isNear.0
            }
            for partition in kept.dropFirst(limit) { held[index].remove(partition) }
        }
    }

    /// Gives what nobody holds to the least loaded member that wants it, hardest to place first.
    private mutating func placeFree(_ partitionCounts: [String: Int32]) {
        let taken = held.reduce(into: Set<TopicPartition>()) { $0.formUnion($1) }
        let topics = subscribers.keys.sorted { left, right in
            let counts = (subscribers[left]?.count ?? 0, subscribers[right]?.count ?? 0)
            return counts.0 == counts.1 ? left < right : counts.0 < counts.1
        }
        for topic in topics {
            for number in 0..<(partitionCounts[topic] ?? 0) {
                let partition = TopicPartition(topic: topic, partition: number)
                guard !taken.contains(partition), let index = leastLoaded(for: partition) else { continue }
                held[index].insert(partition)
            }
        }
    }

    private func isNear(_ member: Int, _ partition: TopicPartition) -> Bool {
        proximity?.isNear(member, partition) ?? false
    }

    /// Of those with the least, one that is near if there is one.
    private func leastLoaded(for partition: TopicPartition) -> Int? {
        guard let first = leastLoaded(of: partition.topic), proximity != nil else {
            return leastLoaded(of: partition.topic)
        }
        let load = held[first].count
        return subscribers[partition.topic]?.first { held[$0].count == load && isNear($0, partition) } ?? first
    }

    /// Brings one more partition near its reader, if that can be done.
    private mutating func approach() -> Bool {
        guard proximity != nil else { return false }
        for index in held.indices {
            for partition in held[index].sorted() where !isNear(index, partition) {
                for other in subscribers[partition.topic] ?? [] where isNear(other, partition) {
                    let before = (held[index], held[other])
                    if held[other].count >= held[index].count {
                        guard let back = exchange(for: partition, from: other, to: index) else { continue }
                        held[other].remove(back)
                        held[index].insert(back)
                    }
                    held[index].remove(partition)
                    held[other].insert(partition)
                    if isBalanced { return true }
                    (held[index], held[other]) = before
                }
            }
        }
        return false
    }

    /// Whether nobody could relieve anybody.
    private var isBalanced: Bool {
        held.allSatisfy { partitions in
            Set(partitions.map(\.topic)).allSatisfy { topic in
                leastLoaded(of: topic).map { held[$0].count + 1 >= partitions.count } ?? true
            }
        }
    }

    /// What `giver` could give back for a partition that it is near, without a loss of proximity.
    private func exchange(for partition: TopicPartition, from giver: Int, to taker: Int) -> TopicPartition? {
        held[giver].sorted().first { back in
            subscribers[back.topic]?.contains(taker) == true && (!isNear(giver, back) || isNear(taker, back))
        }
    }

    private func leastLoaded(of topic: String) -> Int? {
        subscribers[topic]?.min { left, right in
            held[left].count == held[right].count ? left < right : held[left].count < held[right].count
        }
    }

    private mutating func balance() {
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            let order = held.indices.sorted { left, right in
                held[left].count == held[right].count ? left < right : held[left].count > held[right].count
            }
            for index in order {
                while let (partition, target) = move(from: index) {
                    held[index].remove(partition)
                    held[target].insert(partition)
                    hasMoved = true
                }
            }
        }
    }

    /// A partition of a member that somebody with at least two fewer wants; rather one that the member did not have
    /// before, and rather back to whom it belonged.
    private func move(from index: Int) -> (partition: TopicPartition, target: Int)? {
        let load = held[index].count
        guard load >= 2 else { return nil }
        var targets: [String: Int?] = [:]
        var best: (partition: TopicPartition, target: Int, rank: Int)?
        for partition in held[index].sorted() {
            let target: Int?
            if let known = targets[partition.topic] {
                target = known
            } else {
                target = leastLoaded(of: partition.topic).flatMap { held[$0].count + 2 <= load ? $0 : nil }
                targets[partition.topic] = target
            }
            guard var target else { continue }
            var rank = previous[partition] == index ? 2 : 1
            if let owner = previous[partition], owner != index, held[owner].count + 2 <= load {
                (target, rank) = (owner, 0)
            }
            if rank < best?.rank ?? .max { best = (partition, target, rank) }
            if rank == 0 { break }
        }
        return best.map { ($0.partition, $0.target) }
    }
}
