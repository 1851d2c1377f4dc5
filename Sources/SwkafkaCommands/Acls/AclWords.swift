import KafkaClient

/// The names of operations and kinds of resources, as users write them and as Kafka prints them.
enum AclWords {
    /// By any spelling: `IdempotentWrite`, `idempotent_write`.
    static func operation(_ word: String) -> AclOperation? {
        let bare = word.lowercased().filter { $0 != "_" }
        return AclOperation.allCases.first { $0 != .any && spelled($0).lowercased() == bare }
    }

    /// As on command lines: `IdempotentWrite`.
    static func spelled(_ operation: AclOperation) -> String {
        "\(operation)".prefix(1).uppercased() + "\(operation)".dropFirst()
    }

    /// As Kafka prints it: `IDEMPOTENT_WRITE`.
    static func printed(_ operation: AclOperation) -> String { shouted("\(operation)") }

    static func printed(_ type: AclResourceType) -> String {
        type == .transactionalID ? "TRANSACTIONAL_ID" : shouted("\(type)")
    }

    static func printed(_ pattern: AclPatternType) -> String { shouted("\(pattern)") }
    static func printed(_ permission: AclPermission) -> String { shouted("\(permission)") }

    static func noun(_ type: AclResourceType) -> String {
        switch type {
        case .any: "resource"
        case .topic: "topic"
        case .group: "group"
        case .cluster: "cluster"
        case .transactionalID: "transactional id"
        case .delegationToken: "delegation token"
        case .user: "user"
        }
    }

    /// Which operations exist on a kind of resource.
    static func operations(on type: AclResourceType) -> [AclOperation] {
        let some: [AclOperation] =
            switch type {
            case .any: []
            case .topic: [.read, .write, .create, .describe, .delete, .alter, .describeConfigs, .alterConfigs]
            case .group: [.read, .describe, .delete, .describeConfigs, .alterConfigs]
            case .cluster:
                [.create, .clusterAction, .describeConfigs, .alterConfigs, .idempotentWrite, .alter, .describe]
            case .transactionalID: [.describe, .write]
            case .delegationToken: [.describe]
            case .user: [.createTokens, .describeTokens]
            }
        return some + [.all]
    }

    /// `idempotentWrite` as `IDEMPOTENT_WRITE`.
    private static func shouted(_ name: String) -> String {
        name.reduce(into: "") { text, letter in
            if letter.isUppercase { text += "_" }
            text += letter.uppercased()
        }
    }
}
