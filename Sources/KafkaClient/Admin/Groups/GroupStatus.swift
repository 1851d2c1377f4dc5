/// What a group is doing, as its coordinator tells it.
public enum GroupStatus: String, Hashable, Sendable, CaseIterable {
    /// A state that this client does not know, or a broker too old to tell (before Kafka 2.6).
    case unknown = "Unknown"
    /// A classic group waits for its members to join.
    case preparingRebalance = "PreparingRebalance"
    /// A classic group waits for its leader's assignment.
    case completingRebalance = "CompletingRebalance"
    /// Every member has what it shall have.
    case stable = "Stable"
    /// The group is gone or going.
    case dead = "Dead"
    /// The group has no members; offsets may be left.
    case empty = "Empty"
    /// The coordinator works out an assignment (KIP-848).
    case assigning = "Assigning"
    /// Members move towards the assignment (KIP-848).
    case reconciling = "Reconciling"
    /// A streams group lacks something that it needs (KIP-1071).
    case notReady = "NotReady"

    /// The state with this name, in any case; ``unknown`` for a name that is not known here.
    public init(name: String) {
        let name = name.lowercased()
        self = Self.allCases.first { $0.rawValue.lowercased() == name } ?? .unknown
    }
}
