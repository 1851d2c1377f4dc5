import ArgumentParser

/// Which cluster of this machine is meant, the same in every command about one.
struct ClusterHomeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The cluster's directory, where everything about it is found again. (default: $SWKAFKA_CLUSTER_DIR, or "
                + "~/.local/share/swkafka-cluster)",
            valueName: "dir"
        ),
        completion: .directory
    )
    var dataDir: String?

    func home(_ context: CommandContext) throws(CommandFailure) -> ClusterHome {
        try ClusterHome(dataDir, context.environment)
    }
}

/// The nodes that a command is about.
struct ClusterNodes: ParsableArguments {
    @Argument(help: ArgumentHelp("Numbers of nodes: 1 is the controller, brokers begin at 1001.", valueName: "id"))
    var ids: [Int32] = []

    func validate() throws {
        guard !ids.isEmpty else { throw ValidationError("Say which node: 1 is the controller, brokers begin at 1001.") }
    }
}
