import ArgumentParser

/// `swkafka profile unset`
struct ProfileUnsetCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "unset",
        abstract: "Remove settings of a profile, or all of it.",
        discussion: """
            EXAMPLES
              swkafka profile unset prod password.prompt
              swkafka profile unset prod
            """
    )

    @Argument(help: ArgumentHelp("The profile.", valueName: "profile")) var name: String
    @Argument(help: ArgumentHelp("Settings; without any the profile goes.", valueName: "key")) var keys: [String] = []

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let store = SettingsStore(context)
        var (path, file) = try store.userFile()
        guard file.sections.contains(name) else { throw CommandFailure("There is no profile '\(name)' in \(path).") }
        if keys.isEmpty {
            _ = file.removeSection(name)
            if file.values(of: nil)[SettingsKeys.profile] == name { file.remove(SettingsKeys.profile, in: nil) }
        }
        let missing = keys.filter { !file.remove($0, in: name) }
        guard missing.isEmpty else {
            throw CommandFailure(
                "Profile '\(name)' has no setting \(missing.map { "'\($0)'" }.joined(separator: ", "))."
            )
        }
        try store.write(file, to: path)
        return .success
    }
}
