import ArgumentParser
import KafkaClient

/// `swkafka doctor`: finds out why clients cannot work with a cluster.
struct DoctorCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Find out why a cluster cannot be used from here.",
        discussion: """
            Goes the way of a client, step by step: looks the name up, connects, asks for the versions and for the \
            brokers, then dials every address that the brokers tell clients to use, fetches once and looks for one \
            coordinator. For each fault there is one sentence that says what is wrong, and the line to change. Nothing on \
            the cluster is changed.

            The exit status is 0 when clients can work from here, 1 when a fault was found. Warnings alone are no fault.

            JSON
              doctor: {healthy, findings: [{step, subject, verdict, detail, milliseconds, diagnosis, remedy}]}, with the \
            verdicts ok, warning and failure.

            EXAMPLES
              swkafka doctor --bootstrap-server localhost:9092
              swkafka doctor --bootstrap-server broker.example.com:9093 --timeout 10000 --output json
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Option(help: ArgumentHelp("The longest that one step may take, in milliseconds.", valueName: "ms"))
    var timeout: Int = 5000
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where else to look on a host that refuses the connection.", valueName: "port,…")
    )
    var nearbyPorts = "9092,9093,9094,19092,29092"

    func validate() throws {
        guard (1...3_600_000).contains(timeout) else {
            throw ValidationError("Give a --timeout from 1 to 3600000 milliseconds.")
        }
        _ = try ports()
    }

    /// The ports in `--nearby-ports`.
    func ports() throws(ValidationError) -> [Int] {
        var ports: [Int] = []
        for word in nearbyPorts.split(separator: ",") {
            guard let port = Int(KeyValueOptions.trimmed(word)), (1...65535).contains(port) else {
                throw ValidationError("'\(word)' in --nearby-ports is no port: give numbers from 1 to 65535.")
            }
            ports.append(port)
        }
        return ports
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let (addresses, properties) = try await ClientSession(connection).resolved(context)
        let examination = Examination(
            addresses: addresses,
            securityProtocol: properties["security.protocol"] ?? "PLAINTEXT",
            nearbyPorts: try ports(),
            timeout: .milliseconds(timeout)
        )
        let findings = await examination.run()
        let report = DoctorReport(findings: findings)
        try context.print(
            output.format,
            text: { report.text(colour: context.usesColour) },
            table: { report.table(colour: $0) },
            value: { report.value }
        )
        return report.isHealthy ? .success : .failure
    }
}
