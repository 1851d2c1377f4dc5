import KafkaClient

/// Where a replica is that a plan wants in a certain log directory of its broker.
enum DirectoryMove: Equatable {
    /// No live directory of the broker has it.
    case missing
    case done
    /// It lies elsewhere, and nothing moves it.
    case idle(current: String)
    case active(current: String, future: String)

    /// - Parameter directories: of the replica's broker.
    init(of partition: TopicPartition, to target: String, directories: [LogDirectory]) {
        var current: String?
        var future: String?
        for directory in directories {
            guard let replica = directory.replicas[partition] else { continue }
            if replica.isFuture { future = directory.path } else { current = directory.path }
        }
        switch (current, future) {
        case (nil, _): self = .missing
        case (let current?, let future?): self = .active(current: current, future: future)
        case (let current?, nil): self = current == target ? .done : .idle(current: current)
        }
    }

    var isOngoing: Bool {
        if case .active = self { true } else { false }
    }

    func line(_ replica: ReplicaName, target: String) -> String {
        let (partition, broker) = (replica.partition, replica.broker)
        return switch self {
        case .missing: "Partition \(partition) cannot be found in any live log directory on broker \(broker)."
        case .done: "Reassignment of replica \(replica) completed successfully."
        case .idle(let current):
            "Partition \(partition) on broker \(broker) is not being moved from log dir \(current) to \(target)."
        case .active(_, let future) where future == target: "Reassignment of replica \(replica) is still in progress."
        case .active(_, let future):
            "Partition \(partition) on broker \(broker) is being moved to log dir \(future) instead of \(target)."
        }
    }
}
