import ArgumentParser

/// `swkafka profile set`
struct ProfileSetCommand: SwkafkaCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change settings of a profile, or make one.",
        discussion: """
            Passwords do not belong on a command line, where others can see them: set password.command, password.file, \
            password.env or password.prompt=true.

            EXAMPLES
              swkafka profile set local bootstrap.servers=localhost:9092
              swkafka profile set prod sasl.username=alice password.prompt=true
            """
    )

    @Argument(help: ArgumentHelp("The profile.", valueName: "profile")) var name: String
    @Argument(help: ArgumentHelp("Settings.", valueName: "key=value")) var settings: [String]

    func validate() throws {
        guard !name.contains("="), !name.contains("]"), !name.isEmpty else {
            throw ValidationError("'\(name)' is no name for a profile: give a word without = and ].")
        }
        for item in settings {
            let key = String(item.prefix { $0 != "=" })
            guard item.contains("=") else { throw ValidationError("'\(item)' is no setting: give key=value.") }
            guard !item.contains("\n") else { throw ValidationError("The value of '\(key)' holds a line feed.") }
            guard key != "password", key != "sasl.jaas.config" else {
                throw ValidationError(
                    "'\(key)' on a command line can be seen by others: set password.command, password.file, "
                        + "password.env or password.prompt=true, or write it into the file yourself."
                )
            }
            guard SettingsKeys.isKnown(key) else {
                let nearest = SettingsKeys.nearest(key).map { " Did you mean '\($0)'?" } ?? ""
                throw ValidationError("There is no setting '\(key)' for a profile.\(nearest)")
            }
        }
    }

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let store = SettingsStore(context)
        var (path, file) = try store.userFile()
        for item in settings {
            let halves = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            file.set(String(halves[0]), KeyValueOptions.trimmed(halves[1]), in: name)
        }
        // The first profile is the one to use: what else would it be for?
        if file.sections == [name], file.values(of: nil)[SettingsKeys.profile] == nil {
            file.set(SettingsKeys.profile, name, in: nil)
        }
        try store.write(file, to: path)
        return .success
    }
}
