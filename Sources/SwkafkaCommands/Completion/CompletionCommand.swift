import ArgumentParser

/// `swkafka completion`: the script that makes a shell complete command lines.
struct CompletionCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the script for a shell that completes commands, options and what a cluster has.",
        discussion: """
            The script asks swkafka at each press of the tab key: for commands and options, and for topics, groups, \
            brokers, names of settings and profiles of the cluster that the command line names, or the settings. What a \
            cluster has is kept for some seconds under ~/.cache/swkafka; an answer takes 150 ms at most, whatever the \
            cluster does: what is not known by then is there at the next press.

            EXAMPLES
              source <(swkafka completion bash)
              swkafka completion zsh > ~/.zfunc/_swkafka
              swkafka completion fish > ~/.config/fish/completions/swkafka.fish
            """
    )

    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        try context.output.write(CompletionScripts.script(shell))
        return .success
    }
}
