/// Which way groups may change their protocol while members are in them (`group.consumer.migration.policy`).
package enum MigrationPolicy: String, Sendable {
    case bidirectional
    case upgrade
    case downgrade
    case disabled

    /// A classic group turns into a consumer group when a consumer of the new protocol joins it.
    package var allowsUpgrade: Bool { self == .bidirectional || self == .upgrade }
    /// A consumer group turns into a classic one when only members of the classic protocol are left.
    package var allowsDowngrade: Bool { self == .bidirectional || self == .downgrade }
}

/// The configs that consumer groups of KIP-848 go by.
package struct ModernSettings: Equatable, Sendable {
    /// Of one group: the broker's values, or what the group's own configs put in their place.
    package struct Timing: Equatable, Sendable {
        package var sessionTimeoutMs: Int32
        package var heartbeatIntervalMs: Int32
    }

    /// `group.consumer.session.timeout.ms` and `group.consumer.heartbeat.interval.ms`
    package var timing = Timing(sessionTimeoutMs: 45_000, heartbeatIntervalMs: 5000)
    /// `group.consumer.max.size`
    package var maximumSize = Int(Int32.max)
    /// `group.max.size`, which a downgraded group must fit in.
    package var maximumClassicSize = Int(Int32.max)
    /// `group.consumer.assignors`; the first is for groups whose members name none.
    package var assignors: [ServerAssignor] = [.uniform, .range]
    package var migration: MigrationPolicy = .bidirectional
    package var pace = AssignmentPace()

    package init() {}

    package init(_ resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int) in
            resolver.brokerValue(name).flatMap { Int($0.trimmingBlanks()) } ?? fallback
        }
        timing.sessionTimeoutMs = Int32(clamping: integer("group.consumer.session.timeout.ms", 45_000))
        timing.heartbeatIntervalMs = Int32(clamping: integer("group.consumer.heartbeat.interval.ms", 5000))
        maximumSize = integer("group.consumer.max.size", maximumSize)
        maximumClassicSize = integer("group.max.size", maximumClassicSize)
        let names = resolver.brokerValue("group.consumer.assignors")?.split(separator: ",") ?? []
        let named = names.compactMap { ServerAssignor(configured: String($0).trimmingBlanks()) }
        if !named.isEmpty { assignors = named }
        let policy = resolver.brokerValue("group.consumer.migration.policy")?.trimmingBlanks().lowercased()
        migration = policy.flatMap(MigrationPolicy.init) ?? migration
    }

    /// The first of `group.consumer.assignors`.
    package var defaultAssignor: ServerAssignor { assignors.first ?? .uniform }

    /// What holds for a group, given its own configs.
    package func timing(of configs: [String: String]) -> Timing {
        var timing = timing
        let number = { (name: String) in
            configs[name].flatMap { Int32($0.trimmingBlanks()) }.flatMap { $0 > 0 ? $0 : nil }
        }
        if let value = number("consumer.session.timeout.ms") { timing.sessionTimeoutMs = value }
        if let value = number("consumer.heartbeat.interval.ms") { timing.heartbeatIntervalMs = value }
        return timing
    }
}
