import ArgumentParser

/// `swkafka broker`: the bundled broker.
struct BrokerCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run the bundled broker.",
        discussion: """
            One process is controller and broker in one; there is no format step. When it answers requests it says so on \
            standard output, with its address; port 0 picks a free port. Ctrl-C or SIGTERM finishes what is under way, \
            flushes and ends with status 0; a second signal ends at once.

            EXAMPLES
              swkafka broker
              swkafka broker --ephemeral --listen 127.0.0.1:0
              swkafka broker --config server.properties --override log.retention.ms=60000
              swkafka broker --data-dir /srv/kafka --fsync always
              swkafka broker --data-dir /disk1/kafka,/disk2/kafka
              swkafka broker --clock 2026-01-01T00:00:00Z,frozen --ephemeral

            DURABILITY
            What a producer has had acknowledged survives, whatever ends the process: a crash, kill -9, running out of \
            memory. Whether it survives the end of the machine (a power cut, a crash of the kernel) is a choice, as there \
            may be no other replica:
            With --fsync always it does: no record is acknowledged (acks=1 and acks=all), and none is shown to a \
            consumer, before an fsync of its file has succeeded. One fsync serves all producers that wait for it, so \
            that many of them together write nearly as much as without; one alone waits for the disk with each batch. \
            It is the same as log.flush.interval.messages=1, and for one topic flush.messages=1; a topic's own \
            flush.messages wins.
            With flush.messages=N at most N-1 records of each partition may be lost, and with flush.ms=N what was \
            acknowledged in the last N milliseconds (looked at once a second).
            Otherwise, as with Kafka, the operating system decides, usually within half a minute; segments that are \
            full, and everything when the broker stops, are made durable by an fsync.
            When an fsync fails nobody knows what of the file is left on the disk: nothing that waited is acknowledged, \
            and the data directory is offline (below) until the broker is started again and has checked it. A full disk \
            is no such failure: producers are told to try again, and the partition goes on when there is room.

            DIRECTORIES
            With several data directories (--data-dir a,b or log.dirs) a new partition goes to the one that has the \
            fewest; the first, or metadata.log.dir, also holds the metadata. A directory that cannot be used at the start, \
            or whose device fails later, is offline until the next start: its partitions answer KAFKA_STORAGE_ERROR and \
            have no leader, and the others go on. Without the directory of the metadata, or without any other, the \
            broker stops with status 1. A partition that is found in two directories keeps it from starting.

            CLOCK
            With --clock, everything that time brings about follows a clock of the broker's own: retention, rolling and \
            flushing by time, expiry of producers and groups, the time stamps that the broker gives. It starts at now, \
            at an ISO 8601 time (UTC unless it says otherwise) or at @ and milliseconds since 1970, and runs as fast as \
            real time, or stands still (,frozen), or runs at a factor (,x60). swkafka-broker-clock(1) sets it while the \
            broker runs. How long requests wait, and connections live, stays real time. A restarted broker begins anew \
            with what --clock says. Without the option there is no such clock and no way to set one.

            DIFFERENCES
            Without --data-dir and log.dirs, data are kept in $XDG_DATA_HOME/swkafka or ~/.local/share/swkafka, not below \
            /tmp, where Kafka's default loses them at the next start of the machine.
            """,
        subcommands: [BrokerClockCommand.self]
    )

    /// When records count as written.
    enum Fsync: String, ExpressibleByArgument, CaseIterable {
        /// Once they are on the disk.
        case always
        /// Once the operating system has them.
        case system
    }

    static let repeatable: Set<String> = ["override"]

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A property file, as Kafka's server.properties.", valueName: "file"),
        completion: .file(extensions: ["properties"])
    )
    var config: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A setting that wins over the file; may be repeated.", valueName: "key=value")
    )
    var override: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where to listen. (default: 127.0.0.1:9092)", valueName: "host:port")
    )
    var listen: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where data live; several with commas. (default: ~/.local/share/swkafka)", valueName: "dir"),
        completion: .directory
    )
    var dataDir: String?

    @Flag(help: "Keep data in a temporary directory and remove it at the end.") var ephemeral = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Whether using an unknown topic creates it: true or false.", valueName: "true|false")
    )
    var autoCreateTopics: Bool?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Answer a producer when its records are on the disk (always) or with the operating system (system). "
                + "(default: system)",
            valueName: "when"
        )
    )
    var fsync: Fsync?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Give the broker a clock that can be set, starting at now, an ISO 8601 time or @milliseconds; frozen or "
                + "running at a factor.",
            valueName: "start[,frozen|,xfactor]"
        )
    )
    var clock: String?

    @Option(help: .hidden) var readyFile: String?
    @Option(help: .hidden) var faultsFile: String?

    func validate() throws {
        if ephemeral, dataDir != nil { throw ValidationError("Give --ephemeral or --data-dir, not both.") }
        for item in override where !item.contains("=") || item.hasPrefix("=") {
            throw ValidationError("'\(item)' is no setting for --override: give key=value.")
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try await BrokerRunner(command: self, context: context).run()
    }
}
