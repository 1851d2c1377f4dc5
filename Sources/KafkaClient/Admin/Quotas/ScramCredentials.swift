import KafkaWire

/// How a user proves to know a password without telling it (RFC 5802); the raw values are the protocol's.
public enum ScramMechanism: Int8, Sendable, CaseIterable {
    case sha256 = 1
    case sha512 = 2

    /// The mechanism's name in SASL: `SCRAM-SHA-256`.
    public var name: String { algorithm.name }

    /// The mechanism of that name.
    public init?(name: String) {
        guard let mechanism = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = mechanism
    }

    /// How often a password may be hashed: brokers take nothing else.
    public static var iterations: ClosedRange<Int> { ScramAlgorithm.iterations }

    var algorithm: ScramAlgorithm {
        switch self {
        case .sha256: .sha256
        case .sha512: .sha512
        }
    }
}

/// That a user has a password for a mechanism.
public struct ScramCredential: Hashable, Sendable {
    /// The mechanism; `nil` when it is not known here.
    public var mechanism: ScramMechanism?
    /// How often the password was hashed.
    public var iterations: Int
}

/// A change of one user's credential.
public enum ScramChange: Hashable, Sendable {
    /// Sets or replaces it. Only what is computed from the password and a random salt is sent; the more iterations, the
    /// longer that takes here and at each login.
    case set(password: String, ScramMechanism, iterations: Int)
    case delete(ScramMechanism)
}
