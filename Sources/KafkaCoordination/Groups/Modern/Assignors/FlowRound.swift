/// One round of a flow: the shortest chains from members above a limit to members below it.
struct FlowRound {
    /// A partition of a topic goes from one subscriber to another, by their places.
    struct Step {
        let topic: Int
        let giver: Int
        let taker: Int
    }

    /// How many steps members are away from the nearest one above the limit; -1 for out of reach.
    private var distances: [Int]
    /// The distance of those who may give of a topic.
    private var topicDistances: [Int]
    /// Up to where a member's subscriptions and a topic's subscribers are known to lead nowhere.
    private var triedTopics: [Int]
    private var triedTakers: [Int]

    /// nil when there is no chain.
    init?(_ assignor: UniformAssignor, _ part: [Int], limit: Int) {
        distances = Array(repeating: -1, count: assignor.loads.count)
        topicDistances = Array(repeating: -1, count: assignor.topics.count)
        triedTopics = Array(repeating: 0, count: assignor.loads.count)
        triedTakers = Array(repeating: 0, count: assignor.topics.count)
        var found = part.filter { assignor.loads[$0] > limit }
        for member in found { distances[member] = 0 }
        var length = Int.max
        var next = 0
        while next < found.count {
            let member = found[next]
            let distance = distances[member]
            next += 1
            guard distance < length else { break }
            for subscription in assignor.subscriptions[member] where topicDistances[subscription.topic] < 0 {
                guard !assignor.topics[subscription.topic].owned[subscription.place].isEmpty else { continue }
                topicDistances[subscription.topic] = distance
                for other in assignor.topics[subscription.topic].subscribers
                where distances[other] < 0 && assignor.parts[other] == assignor.parts[member] {
                    distances[other] = distance + 1
                    if assignor.loads[other] < limit { length = distance + 1 }
                    found.append(other)
                }
            }
        }
        if length == .max { return nil }
    }

    /// A chain from a member above the limit to one below it; nil when this round has none left.
    mutating func chain(from start: Int, in assignor: UniformAssignor, limit: Int) -> [Step]? {
        var chain: [Step] = []
        var member = start
        while assignor.loads[member] >= limit {
            if let step = step(from: member, in: assignor) {
                chain.append(step)
                member = assignor.topics[step.topic].subscribers[step.taker]
            } else if let last = chain.popLast() {
                triedTakers[last.topic] += 1
                member = assignor.topics[last.topic].subscribers[last.giver]
            } else {
                return nil
            }
        }
        return chain
    }

    private mutating func step(from member: Int, in assignor: UniformAssignor) -> Step? {
        let subscriptions = assignor.subscriptions[member]
        let distance = distances[member]
        while triedTopics[member] < subscriptions.count {
            let (topic, giver) = (subscriptions[triedTopics[member]].topic, subscriptions[triedTopics[member]].place)
            if topicDistances[topic] == distance, !assignor.topics[topic].owned[giver].isEmpty {
                let takers = assignor.topics[topic].subscribers
                while triedTakers[topic] < takers.count {
                    let taker = takers[triedTakers[topic]]
                    if distances[taker] == distance + 1, assignor.parts[taker] == assignor.parts[member] {
                        return Step(topic: topic, giver: giver, taker: triedTakers[topic])
                    }
                    triedTakers[topic] += 1
                }
            }
            triedTopics[member] += 1
        }
        return nil
    }
}
