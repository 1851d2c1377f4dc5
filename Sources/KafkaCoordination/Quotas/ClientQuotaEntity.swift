import KafkaMessages

/// Whom client quotas are for: users, client ids, both together, or addresses (KIP-546).
package struct ClientQuotaEntity: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case user
        case clientID = "client-id"
        case ip
    }

    /// A part without a name stands for all that have no quota of their own.
    package enum Name: Hashable, Sendable {
        case named(String)
        case others

        init(_ name: String?) { self = name.map { .named($0) } ?? .others }

        package var text: String? {
            if case .named(let name) = self { name } else { nil }
        }
    }

    package private(set) var parts: [Kind: Name]

    package init(parts: [Kind: Name]) { self.parts = parts }

    /// The entity of a record; nil when it has parts that are not known here.
    init?(_ data: [ClientQuotaRecord.EntityData]) {
        parts = [:]
        for part in data {
            guard let kind = Kind(rawValue: part.entityType) else { return nil }
            parts[kind] = Name(part.entityName)
        }
    }

    /// The parts in the order of their kinds.
    package var sortedParts: [(kind: Kind, name: Name)] {
        Kind.allCases.compactMap { kind in parts[kind].map { (kind, $0) } }
    }

    /// Sorts entities: fewer kinds first, those without a name before others.
    package var sortKey: [String] {
        Kind.allCases.map { kind in
            switch parts[kind] {
            case nil: ""
            case .others: "0"
            case .named(let name): "1" + name
            }
        }
    }
}

/// The quotas that there are.
package enum ClientQuotaKey: String, Sendable, CaseIterable {
    case producerByteRate = "producer_byte_rate"
    case consumerByteRate = "consumer_byte_rate"
    case requestPercentage = "request_percentage"
    case controllerMutationRate = "controller_mutation_rate"
    case connectionCreationRate = "connection_creation_rate"

    /// Why `value` cannot be the quota, nil when it can.
    func problem(with value: Double) -> String? {
        guard value > 0 else { return "Quota \(rawValue) must be greater than 0" }
        switch self {
        case .requestPercentage, .controllerMutationRate: return value.isFinite ? nil : "\(rawValue) must be finite"
        case .producerByteRate, .consumerByteRate:
            return Int64(exactly: value) == nil ? "\(rawValue) must be a Long value" : nil
        case .connectionCreationRate:
            return Int32(exactly: value) == nil ? "\(rawValue) must be an Int value" : nil
        }
    }

    /// Whether it can limit what an entity of these kinds does.
    func applies(to kinds: Set<ClientQuotaEntity.Kind>) -> Bool {
        (self == .connectionCreationRate) == kinds.contains(.ip)
    }
}
