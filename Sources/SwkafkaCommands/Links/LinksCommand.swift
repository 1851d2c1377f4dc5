import ArgumentParser

/// `swkafka links`: links under the names of Kafka's scripts.
struct LinksCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Make links under the names of Kafka's scripts.",
        discussion: """
            For every command that stands for a script of Kafka's, two links to this executable appear in the directory: \
            kafka-topics and kafka-topics.sh, and so on. Called through one, swkafka takes that script's options, prints \
            what it prints, and ends with status 1, as it does, for a wrong command line. Words that belong to no option \
            are passed over with a note. Variables such as KAFKA_OPTS and KAFKA_HEAP_OPTS have no effect.

            Links that are there already stay; whatever else bears such a name is left alone unless --force is given, and \
            makes the exit status 1. The names of new links go to standard output.

            EXAMPLES
              swkafka links ~/bin
              swkafka links --force /opt/kafka/bin
            """
    )

    @Flag(help: "Replace files and links of these names that lead elsewhere.") var force = false

    @Argument(help: ArgumentHelp("Where to make the links.", valueName: "directory"), completion: .directory)
    var directory: String

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let linker = try ScriptLinker(directory: directory, replacesOthers: force)
        var status = ExitStatus.success
        for name in ScriptName.commands.flatMap(ScriptName.fileNames(of:)) {
            do {
                if try linker.link(name) { try context.output.write(linker.path(of: name) + "\n") }
            } catch let failure as CommandFailure {
                context.complain(failure.text)
                status = .failure
            }
        }
        return status
    }
}
