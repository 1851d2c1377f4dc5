/// What an access rule is about (KIP-11, KIP-290). Raw values are those of the protocol.
public enum AclResourceType: Int8, Sendable, CaseIterable {
    /// In filters: whatever it is.
    case any = 1
    case topic = 2
    case group = 3
    case cluster = 4
    case transactionalID = 5
    case delegationToken = 6
    case user = 7
}

/// How the name of a rule's resource is meant (KIP-290).
public enum AclPatternType: Int8, Sendable, CaseIterable {
    /// In filters: rules of any pattern with this very name.
    case any = 1
    /// In filters: rules of any pattern that decide about this name.
    case match = 2
    /// The name itself; `*` is every name.
    case literal = 3
    /// Every name that begins so.
    case prefixed = 4
}

/// What a rule allows or denies.
public enum AclOperation: Int8, Sendable, CaseIterable {
    /// In filters: whatever it is.
    case any = 1
    /// Every operation.
    case all = 2
    case read = 3
    case write = 4
    case create = 5
    case delete = 6
    case alter = 7
    case describe = 8
    case clusterAction = 9
    case describeConfigs = 10
    case alterConfigs = 11
    case idempotentWrite = 12
    case createTokens = 13
    case describeTokens = 14
}

/// Whether a rule allows or denies.
public enum AclPermission: Int8, Sendable, CaseIterable {
    /// In filters: whatever it is.
    case any = 1
    case deny = 2
    case allow = 3
}

/// Which resources a rule is about.
public struct AclResource: Hashable, Sendable {
    public var type: AclResourceType
    /// A name, a beginning, or `*`, as `pattern` says; always `kafka-cluster` for the cluster.
    public var name: String
    public var pattern: AclPatternType

    /// The resources that a name or a beginning of names stands for.
    public init(_ type: AclResourceType, _ name: String, _ pattern: AclPatternType = .literal) {
        self.type = type
        self.name = name
        self.pattern = pattern
    }
}

/// One access rule: who may, or may not, do what to which resources from where.
public struct AclBinding: Hashable, Sendable {
    public var resource: AclResource
    /// Type and name, as in `User:alice`; `User:*` is everybody.
    public var principal: String
    /// An address, or `*` for all.
    public var host: String
    public var operation: AclOperation
    public var permission: AclPermission

    /// A rule with all its parts.
    public init(
        _ resource: AclResource,
        principal: String,
        host: String,
        operation: AclOperation,
        permission: AclPermission
    ) {
        self.resource = resource
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }
}

/// Chooses rules: a part that is nil or `any` chooses all.
public struct AclFilter: Hashable, Sendable {
    public var type: AclResourceType
    public var name: String?
    public var pattern: AclPatternType
    public var principal: String?
    public var host: String?
    public var operation: AclOperation
    public var permission: AclPermission

    /// Rules about some resources.
    public init(
        type: AclResourceType = .any,
        name: String? = nil,
        pattern: AclPatternType = .any,
        principal: String? = nil,
        host: String? = nil,
        operation: AclOperation = .any,
        permission: AclPermission = .any
    ) {
        self.type = type
        self.name = name
        self.pattern = pattern
        self.principal = principal
        self.host = host
        self.operation = operation
        self.permission = permission
    }

    /// Just this rule, on the resources that its pattern chooses.
    public init(_ binding: AclBinding) {
        self.init(
            type: binding.resource.type,
            name: binding.resource.name,
            pattern: binding.resource.pattern,
            principal: binding.principal,
            host: binding.host,
            operation: binding.operation,
            permission: binding.permission
        )
    }
}
