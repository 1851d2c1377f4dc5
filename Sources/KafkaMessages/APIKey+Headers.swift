/// The two kinds of endpoint that offer APIs.
public enum APIListener: Hashable, Sendable {
    case broker
    case controller
}

extension APIKey {
    /// The versions that can be read and written here. What a server offers may be less.
    public var validVersions: ClosedRange<Int16> { requestType.validVersions }

    /// Whether a version has compact lengths and tagged fields (KIP-482).
    public func isFlexible(version: Int16) -> Bool { requestType.isFlexible(version: version) }

    /// The version of the `RequestHeader` before a request of `version`: 2 for flexible versions, else 1; only
    /// ControlledShutdown 0 has 0.
    public func requestHeaderVersion(for version: Int16) -> Int16 {
        if self == .controlledShutdown, version == 0 { return 0 }
        return isFlexible(version: version) ? 2 : 1
    }

    /// The version of the `ResponseHeader` before a response of `version`: 1 for flexible versions, else 0. ApiVersions
    /// always has 0, so that a client which does not yet know the server can read it (KIP-511).
    public func responseHeaderVersion(for version: Int16) -> Int16 {
        if self == .apiVersions { return 0 }
        return isFlexible(version: version) ? 1 : 0
    }
}

extension APIKey: CustomStringConvertible {
    public var description: String { name }
}
