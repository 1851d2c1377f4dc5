import ArgumentParser

/// `swkafka profile show`
struct ProfileShowCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the settings that commands start from, and where each comes from.",
        discussion: """
            Secrets are not shown.

            JSON
              show: {profile, settings: [{key, value, from}]}.

            EXAMPLES
              swkafka profile show
              swkafka profile show prod --output json
            """
    )

    @OptionGroup(title: "Output") var output: OutputOptions
    @Argument(help: ArgumentHelp("Instead of the one that is used.", valueName: "profile"))
    var name: String?

    func execute(_ context: CommandContext) async throws -> ExitStatus {
        let settings = try SettingsStore(context).settings(profile: name)
        for warning in settings.warnings { context.complain(warning + "\n") }
        let rows = settings.values.sorted { $0.key < $1.key }.map { key, value in
            (key: key, text: SettingsKeys.isSecret(key) ? nil : value.text, origin: value.origin.text)
        }
        try context.print(
            output.format,
            text: { rows.map { "\($0.key)=\($0.text ?? "(hidden)")\t(\($0.origin))\n" }.joined() },
            table: { colour in
                var table = TextTable([.left("SETTING"), .left("VALUE"), .left("FROM")])
                for row in rows {
                    table.add([
                        .init(row.key), .init(row.text ?? "(hidden)", row.text == nil ? .dim : nil), .init(row.origin),
                    ])
                }
                return table.text(colour: colour)
            },
            value: {
                .members([
                    "profile": .optional(settings.profile),
                    "settings": .array(
                        rows.map {
                            .members([
                                "key": .string($0.key), "value": .optional($0.text), "from": .string($0.origin),
                            ])
                        }
                    ),
                ])
            }
        )
        return .success
    }
}
