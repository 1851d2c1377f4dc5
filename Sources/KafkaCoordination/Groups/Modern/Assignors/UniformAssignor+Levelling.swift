/// Levelling by flows.
///
/// The partitions that members have beyond the average flow to those who are below it. Who is left above the average, and
/// all whom these can reach, share more than the others whatever is done, so both parts are levelled by themselves. Once
/// nobody is above the average rounded up, the same is done for those below the average rounded down. A part is split
/// about as often as there are different loads in the end.
///
/// A flow is the greatest there is, found in rounds as by Dinic: each round goes through all subscriptions once, tells how
/// far members are from those who give, and then moves partitions along the shortest chains until none is left of that
/// length. So few partitions move on the way, and thousands of members take no longer than a few rounds.
extension UniformAssignor {
    mutating func level() {
        var count = 0
        var open = [Array(loads.indices)]
        while let part = open.popLast() {
            guard part.count > 1 else { continue }
            count += 1
            for member in part { parts[member] = count }
            open += level(part)
        }
    }

    /// Levels members; returns those parts of them that are not yet done.
    private mutating func level(_ part: [Int]) -> [[Int]] {
        let total = part.reduce(0) { $0 + loads[$1] }
        let high = (total + part.count - 1) / part.count
        flow(part, limit: high)
        let above = part.filter { loads[$0] > high }
        if !above.isEmpty {
            let rich = reach(from: above, isBackwards: false)
            let isRich = Set(rich)
            return [rich, part.filter { !isRich.contains($0) }]
        }
        flow(part, limit: high - 1)
        let below = part.filter { loads[$0] < high - 1 }
        return below.isEmpty ? [] : [reach(from: below, isBackwards: true)]
    }

    /// The members of the same part whom chains from these lead to, or with `isBackwards` from whom chains lead to these;
    /// with these themselves.
    private func reach(from start: [Int], isBackwards: Bool) -> [Int] {
        var isFound = Array(repeating: false, count: loads.count)
        var hasSeen = Array(repeating: false, count: topics.count)
        var found = start
        for member in start { isFound[member] = true }
        var next = 0
        while next < found.count {
            let member = found[next]
            next += 1
            for subscription in subscriptions[member] where !hasSeen[subscription.topic] {
                let topic = topics[subscription.topic]
                guard isBackwards || !topic.owned[subscription.place].isEmpty else { continue }
                hasSeen[subscription.topic] = true
                for (place, other) in topic.subscribers.enumerated() {
                    guard !isFound[other], parts[other] == parts[member] else { continue }
                    guard !isBackwards || !topic.owned[place].isEmpty else { continue }
                    isFound[other] = true
                    found.append(other)
                }
            }
        }
        return found.sorted()
    }

    /// Moves as much as possible from members of a part above the limit to those below it.
    private mutating func flow(_ part: [Int], limit: Int) {
        while var round = FlowRound(self, part, limit: limit) {
            for member in part {
                while loads[member] > limit, let chain = round.chain(from: member, in: self, limit: limit) {
                    move(along: chain)
                }
            }
        }
    }

    private mutating func move(along chain: [FlowRound.Step]) {
        guard let first = chain.first, let last = chain.last else { return }
        for step in chain {
            guard let partition = topics[step.topic].owned[step.giver].popLast() else { continue }
            topics[step.topic].owned[step.taker].append(partition)
        }
        loads[topics[first.topic].subscribers[first.giver]] -= 1
        loads[topics[last.topic].subscribers[last.taker]] += 1
    }
}
