import KafkaMessages

/// What the members of a group ask for, counted as they come, change and go: a decision about one of ten thousand members
/// need not look at the others.
struct MemberCensus: Equatable, Sendable {
    /// How many members subscribe to each topic by its name.
    private(set) var topics: [String: Int] = [:]
    /// How many subscribe by each pattern.
    private(set) var patterns: [String: Int] = [:]
    /// How many name each assignor.
    private(set) var assignors: [String: Int] = [:]
    /// How many speak the classic protocol.
    private(set) var classicMembers = 0
    /// How many of those know each protocol by its name.
    private(set) var protocols: [String: Int] = [:]

    mutating func change(from former: ModernMember?, to member: ModernMember?) {
        if former?.topics != member?.topics {
            for topic in member?.topics ?? [] { Self.count(topic, 1, in: &topics) }
            for topic in former?.topics ?? [] { Self.count(topic, -1, in: &topics) }
        }
        if former?.pattern != member?.pattern {
            if let pattern = member?.pattern { Self.count(pattern, 1, in: &patterns) }
            if let pattern = former?.pattern { Self.count(pattern, -1, in: &patterns) }
        }
        if former?.assignor != member?.assignor {
            if let assignor = member?.assignor { Self.count(assignor, 1, in: &assignors) }
            if let assignor = former?.assignor { Self.count(assignor, -1, in: &assignors) }
        }
        if former?.classic != member?.classic {
            classicMembers += (member?.isClassic == true ? 1 : 0) - (former?.isClassic == true ? 1 : 0)
            for name in Self.protocols(of: member) { Self.count(name, 1, in: &protocols) }
            for name in Self.protocols(of: former) { Self.count(name, -1, in: &protocols) }
        }
    }

    /// Whether members ask for as many topics and patterns as in another census; for the very same, then, if members only
    /// came or only went in between.
    func isAsWide(as other: MemberCensus) -> Bool {
        topics.count == other.topics.count && patterns.count == other.patterns.count
    }

    /// Whether all members of the classic protocol know this one; true when there is none.
    func isCommon(_ name: String) -> Bool { protocols[name, default: 0] == classicMembers }

    private static func protocols(of member: ModernMember?) -> Set<String> {
        Set(member?.classic?.supportedProtocols.map(\.name) ?? [])
    }

    private static func count(_ key: String, _ change: Int, in counts: inout [String: Int]) {
        let count = counts[key, default: 0] + change
        counts[key] = count == 0 ? nil : count
    }
}
