import ArgumentParser

/// `swkafka cluster scale`: more or fewer brokers.
struct ClusterScaleCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Add brokers to a running cluster, or stop the last ones.",
        discussion: """
            New brokers get the next numbers and ports. Existing topics stay where they are, as in Kafka; new ones are \
            spread over all. Fewer brokers: those with the highest numbers are stopped in an orderly way and leave the \
            plan; their data stay in the cluster's directory, and growing again brings them back.

            EXAMPLES
              swkafka cluster scale 4
            """
    )

    @OptionGroup var home: ClusterHomeOptions
    @Argument(help: ArgumentHelp("How many brokers there shall be.", valueName: "n")) var count: Int

    func validate() throws {
        guard (1...100).contains(count) else { throw ValidationError("Give a number of brokers from 1 to 100.") }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let home = try home.home(context)
        context.interruptions.start(watching: nil)
        let lock = try home.lock()
        defer { withExtendedLifetime(lock) {} }
        var plan = try home.plan()
        let control = ClusterControl(home: home, context: context)
        let surplus = plan.brokers.dropFirst(count).map(\.id)
        if !surplus.isEmpty {
            _ = try await control.stop(surplus, plan)
            plan.brokers.removeLast(surplus.count)
            try home.save(plan)
            context.complain("Stopped: \(surplus.map(String.init).joined(separator: ", ")).\n")
        }
        let known = Set(plan.brokers.map(\.id))
        plan.grow(to: count)
        let added = plan.brokers.map(\.id).filter { !known.contains($0) }
        guard !added.isEmpty else { return .success }
        try home.save(plan)
        _ = try await control.start(added, &plan)
        try await control.awaitMembers(added, plan)
        for id in added { context.complain("Node \(id) runs on 127.0.0.1:\(plan.node(id)?.port ?? 0).\n") }
        return .success
    }
}
