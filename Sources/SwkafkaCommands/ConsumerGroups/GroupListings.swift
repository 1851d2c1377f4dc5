import KafkaClient

/// The groups of all brokers, with a complaint for each broker that did not tell.
struct GroupListings {
    var admin: KafkaAdmin
    var context: CommandContext
    var timeout: Duration?

    /// Groups of consumers, sorted by id: protocol type `consumer`, or none for a group that only has offsets.
    func consumers(
        states: Set<GroupStatus> = [],
        types: Set<GroupType> = []
    ) async throws -> (groups: [GroupListing], status: ExitStatus) {
        let (groups, status) = try await all(states: states, types: types)
        let chosen = groups.filter { group in
            group.protocolType == "consumer" || group.protocolType.isEmpty
                || (group.type == .share && types.contains(.share))
        }
        return (chosen, status)
    }

    /// All groups, sorted by id; the status is a failure when a broker did not tell.
    func all(
        states: Set<GroupStatus> = [],
        types: Set<GroupType> = []
    ) async throws -> (groups: [GroupListing], status: ExitStatus) {
        let answers = try await admin.listGroups(states: states, types: types, timeout: timeout)
        var groups: [String: GroupListing] = [:]
        var firstFailure: KafkaClientError?
        var failures = 0
        for (node, answer) in answers.sorted(by: { $0.key.id < $1.key.id }) {
            switch answer {
            case .success(let listed):
                for group in listed { groups[group.id] = group }
            case .failure(let error):
                failures += 1
                firstFailure = firstFailure ?? error
                if answers.count > 1 { context.complain("Error: Broker \(node.id): \(error.message)\n") }
            }
        }
        // Nobody told anything: that is no list.
        if let firstFailure, failures == answers.count { throw firstFailure }
        return (groups.values.sorted { $0.id < $1.id }, firstFailure == nil ? .success : .failure)
    }
}
