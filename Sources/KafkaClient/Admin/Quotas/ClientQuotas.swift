/// Whom quotas are for: users, client ids, both together, or addresses (KIP-546).
public struct ClientQuotaEntity: Hashable, Sendable, CustomStringConvertible {
    /// What a part of an entity names; the raw values are the protocol's.
    public enum Kind: String, Sendable, CaseIterable {
        case user
        case clientID = "client-id"
        case ip
    }

    /// Who of the kind.
    public enum Name: Hashable, Sendable {
        case named(String)
        /// All that have no quota of their own.
        case others
    }

    /// Who it is, by kind.
    public var parts: [Kind: Name]

    /// Names whom quotas are for.
    public init(_ parts: [Kind: Name]) { self.parts = parts }

    /// `user 'alice', client-id 'app'`, for messages.
    public var description: String {
        Kind.allCases.compactMap { kind in
            switch parts[kind] {
            case nil: nil
            case .others: "the default \(kind.rawValue)"
            case .named(let name): "\(kind.rawValue) '\(name)'"
            }
        }.joined(separator: ", ")
    }
}

/// Which entities' quotas to tell.
public struct ClientQuotaFilter: Hashable, Sendable {
    /// Which names of a kind.
    public enum Match: Hashable, Sendable {
        case name(ClientQuotaEntity.Name)
        /// Named ones, and the default.
        case any
    }

    /// The kinds that an entity must have, and their names.
    public var parts: [ClientQuotaEntity.Kind: Match]
    /// Whether entities with other kinds besides are left out.
    public var isExact: Bool

    /// Chooses entities; without parts and not exact, all of them.
    public init(_ parts: [ClientQuotaEntity.Kind: Match] = [:], isExact: Bool = false) {
        self.parts = parts
        self.isExact = isExact
    }
}

/// The quotas of one entity.
public struct ClientQuotas: Hashable, Sendable {
    /// Whose they are.
    public var entity: ClientQuotaEntity
    /// By their names: `producer_byte_rate` and `consumer_byte_rate` in bytes a second, `request_percentage` of a
    /// thread's time, `controller_mutation_rate` in partitions a second, `connection_creation_rate` in connections a
    /// second.
    public var values: [String: Double]
}
