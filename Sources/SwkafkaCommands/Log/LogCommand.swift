import ArgumentParser

/// `swkafka log`: the group of commands that look at logs on disk.
struct LogCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look at logs on disk as a whole.",
        discussion: """
            See swkafka dump-log for what single files hold.

            EXAMPLES
              swkafka log verify ~/.local/share/swkafka
            """,
        subcommands: [LogVerifyCommand.self]
    )
}
