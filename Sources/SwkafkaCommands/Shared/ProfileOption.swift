import ArgumentParser

/// `--profile`, for commands that do not share the options of `ConnectionOptions`.
struct ProfileOption: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The profile to use; see swkafka-config(5).", valueName: "name")
    )
    var profile: String?
}
