import KafkaClient
import KafkaMessages

/// The actions of `reassign-partitions`, against a cluster.
struct ReassignmentWork {
    let command: ReassignPartitionsCommand
    let admin: KafkaAdmin
    let context: CommandContext

    private func write(_ text: String) throws { try context.output.write(text) }

    private static func plural(_ count: Int) -> String { count == 1 ? "" : "s" }

    // MARK: Generate

    func generate(_ topics: [String], brokers: [Int32]) async throws {
        let current = try await assignment(of: Set(topics))
        let nodes = try await admin.describeCluster().brokers.filter { brokers.contains($0.id) }
        let usesRacks = !command.disableRackAware
        let racked = nodes.filter { $0.rack != nil }.count
        guard !usesRacks || racked == 0 || racked == nodes.count else {
            throw CommandFailure(
                "Not all brokers have rack information. Add --disable-rack-aware in command line to make replica "
                    + "assignment without rack information."
            )
        }
        let proposed = try ReassignmentProposal.make(current, nodes: nodes, usesRacks: usesRacks)
        try write("Current partition replica assignment\n\(ReassignmentPlan.json(current))\n\n")
        try write("Proposed partition reassignment configuration\n\(ReassignmentPlan.json(proposed))\n")
    }

    // MARK: Execute

    func execute(_ plan: ReassignmentPlan) async throws {
        let ongoing = try await admin.listPartitionReassignments()
        guard ongoing.isEmpty || command.additional else {
            throw CommandFailure(
                "Cannot execute because there is an existing partition assignment.  Use --additional to override this "
                    + "and create a new partition assignment in addition to the existing one. The --additional flag can "
                    + "also be used to change the throttle by resubmitting the current reassignment."
            )
        }
        let known = Set(try await admin.describeEndpoints(includesFenced: true).endpoints.map(\.node.id))
        if let unknown = plan.partitions.flatMap(\.replicas).sorted().first(where: { !known.contains($0) }) {
            throw CommandFailure("Unknown broker id \(unknown)")
        }
        let targets = plan.targets
        let current = try await assignment(of: Set(targets.keys.map(\.topic))).filter { targets[$0.key] != nil }
        let missing = targets.keys.filter { current[$0] == nil }.sorted()
        guard missing.isEmpty else {
            let names = missing.map(\.description).joined(separator: ", ")
            throw CommandFailure("Unable to find partition: \(names)")
        }
        try write("Current partition replica assignment\n\n\(ReassignmentPlan.json(current))\n\n")
        try write("Save this to use as the --reassignment-json-file option during rollback\n")
        try await setThrottles(plan, ReassignmentMoves(ongoing: ongoing, proposed: targets, current: current))
        try context.output.flush()
        let results = try await admin.alterPartitionReassignments(
            targets.mapValues { Optional($0) },
            allowsReplicationFactorChange: !command.disallowReplicationFactorChange
        )
        try check(results, "Error reassigning partition(s):")
        let names = ReassignmentPlan.list(targets.keys.sorted())
        try write("Successfully started partition reassignment\(Self.plural(targets.count)) for \(names)\n")
        if !plan.directories.isEmpty { try await moveDirectories(plan.directories) }
    }

    private func setThrottles(_ plan: ReassignmentPlan, _ moves: ReassignmentMoves) async throws {
        guard command.throttle != nil || command.replicaAlterLogDirsThrottle != nil else { return }
        try write(
            "Warning: You must run --verify periodically, until the reassignment completes, to ensure the throttle is "
                + "removed.\n"
        )
        if let throttle = command.throttle {
            try await alter(moves.topicChanges)
            try await alter(moves.brokerChanges(bytesPerSecond: throttle))
            try write("The inter-broker throttle limit was set to \(throttle) B/s\n")
        }
        if let throttle = command.replicaAlterLogDirsThrottle {
            let change = ConfigChange(.set, ReassignmentMoves.directoryConfig, "\(throttle)")
            let brokers = Set(plan.directories.keys.map(\.broker))
            try await alter(Dictionary(uniqueKeysWithValues: brokers.map { (ConfigResource.broker($0), [change]) }))
            try write("The replica-alter-dir throttle limit was set to \(throttle) B/s\n")
        }
    }

    /// Begins moves between directories; a replica that is not there yet is asked for again.
    private func moveDirectories(_ targets: [ReplicaName: String]) async throws {
        let deadline = ContinuousClock.now + .milliseconds(command.timeout ?? 10_000)
        var left = targets
        while true {
            for replica in try await begin(left) {
                let (path, partition) = (left[replica] ?? "", replica.partition)
                try write(
                    "Successfully started moving log directory to \(path) for replica \(partition) with broker "
                        + "\(replica.broker) \n"
                )
                left[replica] = nil
            }
            if left.isEmpty { return }
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "Timed out before log directory move\(Self.plural(left.count)) could be started for: "
                        + ReassignmentPlan.list(left.keys.sorted())
                )
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Those that have begun.
    private func begin(_ targets: [ReplicaName: String]) async throws -> [ReplicaName] {
        var begun: [ReplicaName] = []
        for (broker, items) in Dictionary(grouping: targets, by: \.key.broker).sorted(by: { $0.key < $1.key }) {
            let paths = Dictionary(uniqueKeysWithValues: items.map { ($0.key.partition, $0.value) })
            for (partition, result) in try await admin.alterReplicaLogDirs(paths, of: broker) {
                let replica = ReplicaName(partition: partition, broker: broker)
                switch result {
                case .success: begun.append(replica)
                case .failure(let error) where error.brokerError == .replicaNotAvailable: continue
                case .failure(let error):
                    throw CommandFailure("Failed to alter dir for \(replica): \(error.message)")
                }
            }
        }
        return begun.sorted()
    }

    // MARK: Verify and list

    func verify(_ plan: ReassignmentPlan) async throws {
        let ongoing = try await admin.listPartitionReassignments()
        let topics = Set(plan.partitions.map(\.name.topic))
        let current = try await assignment(of: topics, passesOverUnknown: true)
        try write(ReassignmentStatus.verification(plan.targets, ongoing: ongoing, current: current))
        let moves = try await directoryMoves(plan.directories)
        let lines = moves.sorted { $0.key < $1.key }.map { replica, move in
            move.line(replica, target: plan.directories[replica] ?? "")
        }
        try write(lines.joined(separator: "\n") + "\n")
        let isOngoing = !ongoing.isEmpty || moves.values.contains(where: \.isOngoing)
        if !isOngoing, !command.preserveThrottles { try await clearThrottles(plan) }
    }

    func list() async throws {
        let ongoing = try await admin.listPartitionReassignments()
        try context.print(
            command.output.format,
            text: { ReassignmentStatus.list(ongoing) },
            table: { ReassignmentStatus.table(ongoing, colour: $0) },
            value: { ReassignmentStatus.value(ongoing) }
        )
    }

    private func directoryMoves(_ targets: [ReplicaName: String]) async throws -> [ReplicaName: DirectoryMove] {
        guard !targets.isEmpty else { return [:] }
        let brokers = Set(targets.keys.map(\.broker)).sorted()
        var found: [Int32: [LogDirectory]] = [:]
        for (node, answer) in try await admin.describeLogDirs(brokers: brokers) { found[node.id] = try answer.get() }
        return Dictionary(
            uniqueKeysWithValues: targets.map { replica, target in
                let directories = found[replica.broker] ?? []
                return (replica, DirectoryMove(of: replica.partition, to: target, directories: directories))
            }
        )
    }

    // MARK: Cancel

    func cancel(_ plan: ReassignmentPlan) async throws {
        let targets = plan.targets
        let active = try await admin.listPartitionReassignments().keys.filter { targets[$0] != nil }.sorted()
        if active.isEmpty {
            try write("None of the specified partition reassignments are active.\n")
        } else {
            let wanted: [TopicPartition: [Int32]?] = Dictionary(uniqueKeysWithValues: active.map { ($0, nil) })
            let results = try await admin.alterPartitionReassignments(wanted)
            let failed = results.values.filter { if case .failure = $0 { true } else { false } }.count
            try check(results, "Error cancelling partition reassignment\(Self.plural(failed)) for:")
            try write(
                "Successfully cancelled partition reassignment\(Self.plural(active.count)) for: "
                    + ReassignmentPlan.list(active) + "\n"
            )
        }
        var back: [ReplicaName: String] = [:]
        for (replica, move) in try await directoryMoves(plan.directories) {
            if case .active(let current, _) = move { back[replica] = current }
        }
        if back.isEmpty {
            // Without a line's end, as Kafka writes it.
            try write("None of the specified partition moves are active.")
        } else {
            try await moveDirectories(back)
        }
        if !command.preserveThrottles { try await clearThrottles(plan) }
    }

    // MARK: Shared

    /// Who holds the partitions of topics.
    private func assignment(
        of topics: Set<String>,
        passesOverUnknown: Bool = false
    ) async throws -> [TopicPartition: [Int32]] {
        var assignment: [TopicPartition: [Int32]] = [:]
        for (topic, result) in try await admin.describeTopics(topics.sorted()).sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let description):
                for (index, partition) in description.partitions.enumerated() {
                    assignment[TopicPartition(topic: topic, partition: Int32(index))] = partition.metadata.replicas
                }
            case .failure(let error) where error.brokerError == .unknownTopicOrPartition:
                if !passesOverUnknown { throw CommandFailure("Topic \(topic) not found.") }
            case .failure(let error): throw error
            }
        }
        return assignment
    }

    private func check(
        _ results: [TopicPartition: Result<Void, KafkaClientError>],
        _ title: String
    ) throws(CommandFailure) {
        let lines = results.sorted { $0.key < $1.key }.compactMap { partition, result -> String? in
            if case .failure(let error) = result { "\(partition): \(error.message)" } else { nil }
        }
        guard lines.isEmpty else { throw CommandFailure(([title] + lines).joined(separator: "\n")) }
    }

    private func alter(_ changes: [ConfigResource: [ConfigChange]]) async throws {
        guard !changes.isEmpty else { return }
        let results = try await admin.incrementalAlterConfigs(changes)
        for (resource, result) in results.sorted(by: { $0.key.description < $1.key.description }) {
            if case .failure(let error) = result {
                throw CommandFailure("The throttle of \(resource) cannot be changed: \(error.message)")
            }
        }
    }

    /// Takes away every throttle that a plan could have set: nobody knows who was part of it.
    private func clearThrottles(_ plan: ReassignmentPlan) async throws {
        let known = try await admin.describeCluster().brokers.map(\.id)
        let brokers = Set(known + plan.partitions.flatMap(\.replicas)).sorted()
        let brokerChanges = ReassignmentMoves.brokerConfigs.map { ConfigChange(.delete, $0) }
        try write(
            "Clearing broker-level throttles on broker\(Self.plural(brokers.count)) \(ReassignmentPlan.list(brokers))\n"
        )
        try await alter(Dictionary(uniqueKeysWithValues: brokers.map { (ConfigResource.broker($0), brokerChanges) }))
        let topics = Set(plan.partitions.map(\.name.topic)).sorted()
        let topicChanges = ReassignmentMoves.topicConfigs.map { ConfigChange(.delete, $0) }
        try write(
            "Clearing topic-level throttles on topic\(Self.plural(topics.count)) \(ReassignmentPlan.list(topics))\n"
        )
        try await alter(Dictionary(uniqueKeysWithValues: topics.map { (ConfigResource.topic($0), topicChanges) }))
    }
}
