/// The replicas of a topic whose copying is limited: a value of `leader.replication.throttled.replicas` or
/// `follower.replication.throttled.replicas`.
package enum ThrottledReplicas: Sendable, Equatable {
    case all
    /// Brokers by partition.
    case some([Int32: Set<Int32>])

    package static let none = ThrottledReplicas.some([:])

    /// - Parameter items: `*`, or `partition:broker` pairs; anything else is passed over.
    package init(_ items: [String]) {
        guard items != ["*"] else {
            self = .all
            return
        }
        var brokers: [Int32: Set<Int32>] = [:]
        for item in items {
            let parts = item.split(separator: ":").compactMap { Int32($0) }
            if parts.count == 2 { brokers[parts[0], default: []].insert(parts[1]) }
        }
        self = .some(brokers)
    }

    package func contains(partition: Int32, broker: Int32) -> Bool {
        switch self {
        case .all: true
        case .some(let brokers): brokers[partition]?.contains(broker) ?? false
        }
    }
}
