import ArgumentParser

/// `swkafka profile use`
struct ProfileUseCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "use",
        abstract: "Choose the profile that is used from now on.",
        discussion: """
            EXAMPLES
              swkafka profile use prod
              swkafka profile use --none
            """
    )

    @Flag(help: "Use none.") var none = false
    @Argument(help: ArgumentHelp("The profile.", valueName: "profile")) var name: String?

    func validate() throws {
        guard none != (name != nil) else { throw ValidationError("Give the name of a profile, or --none.") }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let store = SettingsStore(context)
        var (path, file) = try store.userFile()
        guard let name else {
            file.remove(SettingsKeys.profile, in: nil)
            try store.write(file, to: path)
            return .success
        }
        guard file.sections.contains(name) else {
            let nearest = NearestWord.of(name, in: file.sections)
            throw CommandFailure(
                "There is no profile '\(name)' in \(path).",
                hint: nearest.map { "Did you mean '\($0)'?" } ?? "'swkafka profile set \(name) key=value' makes it."
            )
        }
        file.set(SettingsKeys.profile, name, in: nil)
        try store.write(file, to: path)
        for variable in ["SWKAFKA_PROFILE", "SWKAFKA_BOOTSTRAP_SERVER", "SWKAFKA_BOOTSTRAP_SERVERS"]
        where !(context.environment[variable] ?? "").isEmpty {
            context.complain("The variable \(variable) is set and wins over the profile.\n")
        }
        return .success
    }
}
