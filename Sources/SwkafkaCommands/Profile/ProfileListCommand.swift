import ArgumentParser

/// `swkafka profile list`
struct ProfileListCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the profiles.",
        discussion: """
            JSON
              list: [{profile, current, bootstrapServers}].

            EXAMPLES
              swkafka profile list
              swkafka profile list --output json
            """
    )

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let store = SettingsStore(context)
        let file = try store.userFile().file
        let current = try? store.settings(profile: nil).profile
        let profiles = file.sections.map { name in
            (name: name, isCurrent: name == current, servers: file.values(of: name)["bootstrap.servers"])
        }
        if profiles.isEmpty {
            context.complain("There is no profile yet: swkafka profile set NAME key=value makes one.\n")
        }
        try context.print(
            output.format,
            text: { profiles.map { ($0.isCurrent ? "* " : "  ") + $0.name + "\n" }.joined() },
            table: { colour in
                var table = TextTable([.left("PROFILE"), .left("CURRENT"), .left("BROKERS")])
                for profile in profiles {
                    table.add([
                        .init(profile.name), .init(profile.isCurrent ? "yes" : "no"), .init(profile.servers ?? "-"),
                    ])
                }
                return table.text(colour: colour)
            },
            value: {
                .array(
                    profiles.map {
                        .members([
                            "profile": .string($0.name), "current": .bool($0.isCurrent),
                            "bootstrapServers": .optional($0.servers),
                        ])
                    }
                )
            }
        )
        return .success
    }
}
