/// How the coordinator divides partitions among the members of a consumer group, by the name that members may ask for
/// (`ServerAssignor` of the heartbeat) and that `group.consumer.assignors` lists.
package enum ServerAssignor: String, CaseIterable, Sendable {
    /// Evenly, with as few moves as that takes.
    case uniform
    /// Each topic in consecutive ranges, the same range of all topics that look alike.
    case range

    /// By name, or by the class that does the same in Kafka.
    package init?(configured name: String) {
        let prefix = "org.apache.kafka.coordinator.group.assignor."
        switch name {
        case prefix + "UniformAssignor": self = .uniform
        case prefix + "RangeAssignor": self = .range
        default: self.init(rawValue: name)
        }
    }

    /// The whole new target; it depends on nothing but the problem, and not on the order of its members.
    package func assign(_ problem: AssignmentProblem) -> [String: AssignedPartitions] {
        switch self {
        case .uniform: UniformAssignor.assign(problem)
        case .range: RangeAssignor.assign(problem)
        }
    }
}
