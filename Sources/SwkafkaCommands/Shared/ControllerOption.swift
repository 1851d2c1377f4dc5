import ArgumentParser

/// `--bootstrap-controller` of the commands that work without a broker, too (KIP-919).
struct ControllerOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Controllers to start from, in place of brokers: for when no broker runs.",
            valueName: "host:port,…"
        )
    )
    var bootstrapController: String?

    /// Addresses of one kind are enough.
    func check(_ connection: ConnectionOptions) throws {
        guard let bootstrapController else { return }
        guard connection.servers == .configured else {
            throw ValidationError("Give --bootstrap-server or --bootstrap-controller, not both.")
        }
        try ConnectionOptions.check(bootstrapController)
    }
}
