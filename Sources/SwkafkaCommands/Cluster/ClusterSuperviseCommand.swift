import ArgumentParser

/// `swkafka cluster supervise`: what `start --detach --restart-on-crash` leaves behind.
struct ClusterSuperviseCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise",
        abstract: "Start nodes of a running cluster again that crash, until the cluster is stopped.",
        shouldDisplay: false
    )

    @OptionGroup var home: ClusterHomeOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        context.interruptions.start(watching: nil)
        let control = ClusterControl(home: try home.home(context), context: context)
        try await ClusterSupervisor(control: control, restarts: true).watch()
        return context.interruptions.first?.status ?? .success
    }
}
