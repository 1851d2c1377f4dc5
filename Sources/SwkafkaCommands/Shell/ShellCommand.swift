import ArgumentParser

/// `swkafka shell`: all commands at one prompt.
struct ShellCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Type commands at a prompt that remembers, completes and knows the cluster.",
        discussion: """
            Each line is a command of swkafka without its name. Pipes and redirections lead to real programs, and a line \
            that begins with ! is for the system's shell. The tab key completes commands, options, topics, groups and \
            settings; arrow keys and Ctrl-R find earlier lines, which are kept in ~/.local/state/swkafka/history.

            The prompt shows the profile that is used, and the topic. Ctrl-C ends the command that runs, or empties the \
            line; Ctrl-D ends the shell.

            COMMANDS
              use TOPIC      the topic of console-producer, console-consumer, get-offsets, perf tests, topics --describe
                             and describe, unless they name one; use alone forgets it
              !COMMAND       a command of the system's shell
              help           all commands
              exit, quit     the end

            SCRIPTS
              When the standard input is no terminal, its lines are run one after the other until one fails; the exit \
            status is that of the failure. In a pipe the shell's own command counts, and the last program. Lines that \
            begin with # are comments. Commands read nothing from the script: they have an empty standard input unless \
            it is redirected.

            EXAMPLES
              swkafka shell --bootstrap-server localhost:9092
              printf 'topics --list\\nuse orders\\nconsole-consumer --tail 5 | grep x\\n' | swkafka shell
            """
    )

    @Option(parsing: .unconditional, help: ArgumentHelp("Brokers for every command.", valueName: "host:port,…"))
    var bootstrapServer: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("The profile for every command.", valueName: "name"))
    var profile: String?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        var context = context
        // Commands find it where settings are looked for; on the line they may say otherwise.
        if let bootstrapServer { context.environment["SWKAFKA_BOOTSTRAP_SERVER"] = bootstrapServer }
        if let profile {
            context.environment["SWKAFKA_PROFILE"] = profile
            // A mistyped name shall be told now, not with every command.
            _ = try SettingsStore(context).settings(profile: profile)
        }
        let session = ShellSession(context: context)
        if context.inputIsTerminal && context.outputIsTerminal {
            return try await onOwnThread { try session.converse() }
        }
        return try await onOwnThread { try session.runScript() }
    }
}
