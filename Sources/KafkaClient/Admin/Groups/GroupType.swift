/// The protocol by which the members of a group agree.
public enum GroupType: String, Hashable, Sendable, CaseIterable {
    /// A type that this client does not know, or a broker too old to tell (before Kafka 3.7).
    case unknown = "Unknown"
    /// Members assign partitions among themselves.
    case classic = "Classic"
    /// The coordinator assigns partitions (KIP-848).
    case consumer = "Consumer"
    /// Members share partitions record by record (KIP-932).
    case share = "Share"
    /// Members run the tasks of a stream topology (KIP-1071).
    case streams = "Streams"

    /// The type with this name, in any case; ``unknown`` for a name that is not known here.
    public init(name: String) {
        let name = name.lowercased()
        self = Self.allCases.first { $0.rawValue.lowercased() == name } ?? .unknown
    }
}
