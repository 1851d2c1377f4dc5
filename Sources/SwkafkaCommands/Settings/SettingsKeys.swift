/// What a settings file may say.
enum SettingsKeys {
    /// Names the profile that is used unless another is asked for.
    static let profile = "profile"

    /// Where a password comes from; the first that is there is taken.
    static let passwords = ["password", "password.env", "password.file", "password.command", "password.prompt"]

    /// Ours besides Kafka's.
    private static let own = Set(passwords + ["sasl.username"])

    /// Settings of connections, under Kafka's names. What a single command does (groups, acknowledgements) is not for a
    /// file that every command reads.
    private static let prefixes = [
        "client.", "security.", "sasl.", "ssl.", "request.", "retry.", "reconnect.", "metadata.", "connections.",
        "socket.", "default.api.",
    ]

    static func isKnown(_ key: String) -> Bool {
        key == "bootstrap.servers" || own.contains(key) || prefixes.contains { key.hasPrefix($0) }
    }

    /// Whether a value must not be shown.
    static func isSecret(_ key: String) -> Bool {
        key == "password" || key == "sasl.jaas.config" || key.hasSuffix(".password")
    }

    /// What proves who one is: it goes only to the brokers that it was given for.
    static func isCredential(_ key: String) -> Bool {
        isSecret(key) || passwords.contains(key) || key.hasPrefix("sasl.") || key.hasPrefix("ssl.keystore")
            || key.hasPrefix("ssl.key.")
    }

    /// The likely one of a mistyped key.
    static func nearest(_ key: String) -> String? {
        NearestWord.of(
            key,
            in: [
                "bootstrap.servers", "client.id", "security.protocol", "sasl.mechanism", "sasl.username",
                "sasl.jaas.config", "ssl.truststore.location", "ssl.truststore.type", "request.timeout.ms",
            ] + passwords
        )
    }
}
