import ArgumentParser

/// `swkafka profile`: named settings, so that brokers and credentials need not be typed.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Keep brokers and credentials under a name.",
        discussion: """
            Settings stand in a file of yours (see swkafka-config(5)): those of a profile under its name, and which \
            profile is used unless --profile or SWKAFKA_PROFILE says otherwise. With bootstrap.servers among them \
            --bootstrap-server may be left out.

            EXAMPLES
              swkafka profile set prod bootstrap.servers=kafka1:9092,kafka2:9092 \\
                security.protocol=SASL_PLAINTEXT sasl.username=alice \\
                password.command='pass show kafka/prod'
              swkafka profile use prod
              swkafka topics --list
              swkafka topics --list --profile test
            """,
        subcommands: [
            ProfileListCommand.self, ProfileShowCommand.self, ProfileUseCommand.self, ProfileSetCommand.self,
            ProfileUnsetCommand.self,
        ]
    )
}
