/// A token that stands for a principal who has logged in (KIP-48).
public struct DelegationToken: Hashable, Sendable {
    /// What names the token; the user name of who logs in with it.
    public var id: String
    /// What proves it; the password, in base64, of who logs in with it.
    public var hmac: [UInt8]
    /// For whom it stands: `User:alice`.
    public var owner: String
    /// Who asked for it, which may be somebody else (KIP-373).
    public var requester: String
    /// Who may make it live longer, besides the owner.
    public var renewers: [String]
    /// In milliseconds since 1970.
    public var issuedMs: Int64
    /// In milliseconds since 1970; it can be moved up to `latestMs`.
    public var expiresMs: Int64
    /// In milliseconds since 1970.
    public var latestMs: Int64
}

/// A principal by type and name: `User:alice`.
public struct Principal: Hashable, Sendable, CustomStringConvertible {
    public var type: String
    public var name: String

    /// By type and name.
    public init(type: String, name: String) {
        self.type = type
        self.name = name
    }

    /// `User:alice`; nil without a type or a name.
    public init?(_ text: String) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else { return nil }
        self.init(type: String(halves[0]), name: String(halves[1]))
    }

    public var description: String { "\(type):\(name)" }
}
