import ArgumentParser

/// `swkafka broker-api-versions`: which requests each broker understands.
struct BrokerAPIVersionsCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker-api-versions",
        abstract: "Show which APIs and versions each broker offers.",
        discussion: """
            "usable" is the highest version that both the broker and this program know.

            JSON
              broker-api-versions: [{broker, address, rack, apis: [{key, name, min, max, usable}]}], or error instead \
            of apis for a broker that did not answer.

            EXAMPLES
              swkafka broker-api-versions --bootstrap-server localhost:9092
              swkafka broker-api-versions --bootstrap-server localhost:9092 --output table

            DIFFERENCES
              The exit status is 1 if any broker could not be asked; Kafka's script says 0.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await BrokerAPIVersionsRunner(command: self, context: context).run()
    }
}
