/// The settings that a command starts from: those of the user's file, of a profile, of the project's file and of the
/// environment, each winning over those before it. Options of the command line win over all of them.
struct UserSettings: Equatable, Sendable {
    /// Where a setting comes from, the weakest first.
    enum Origin: Int, Comparable, Sendable {
        case userFile
        case profile
        case project
        case environment

        static func < (first: Origin, second: Origin) -> Bool { first.rawValue < second.rawValue }

        var text: String {
            switch self {
            case .userFile: "user file"
            case .profile: "profile"
            case .project: "project file"
            case .environment: "environment"
            }
        }
    }

    struct Value: Equatable, Sendable {
        var text: String
        var origin: Origin
    }

    /// The profile that is used; nil for none.
    var profile: String?
    /// Under Kafka's names and our own; keys that mean nothing are left out.
    var values: [String: Value] = [:]
    /// What to tell the user: keys that mean nothing, secrets where they must not stand.
    var warnings: [String] = []

    init() {}

    /// The files and the environment.
    struct Sources: Equatable, Sendable {
        var user = SettingsFile()
        var userPath = ""
        var project: SettingsFile?
        var projectPath = ""
        /// `--profile`
        var askedFor: String?
        var environment: [String: String] = [:]
    }

    /// Puts the sources on top of each other.
    /// - Throws: when a profile is asked for that is in no file.
    init(_ sources: Sources) throws(CommandFailure) {
        let user = sources.user.values(of: nil)
        let project = sources.project?.values(of: nil) ?? [:]
        let name = Self.first(
            sources.askedFor,
            sources.environment["SWKAFKA_PROFILE"],
            project[SettingsKeys.profile],
            user[SettingsKeys.profile]
        )
        add(user, .userFile, sources.userPath)
        if let name {
            guard sources.user.sections.contains(name) else {
                let nearest = NearestWord.of(name, in: sources.user.sections)
                throw CommandFailure(
                    "There is no profile '\(name)' in \(sources.userPath.isEmpty ? "any file" : sources.userPath).",
                    hint: nearest.map { "Did you mean '\($0)'?" }
                        ?? "'swkafka profile list' shows which there are; 'swkafka profile set \(name) key=value' makes it.",
                    status: .usage
                )
            }
            profile = name
            add(sources.user.values(of: name), .profile, sources.userPath)
        }
        addProject(project, sources.projectPath)
        add(Self.environmentValues(sources.environment), .environment, "")
    }

    /// The first that is there and not empty.
    private static func first(_ candidates: String?...) -> String? {
        candidates.lazy.compactMap { $0 }.first { !$0.isEmpty }
    }

    private mutating func add(_ settings: [String: String], _ origin: Origin, _ path: String) {
        for (key, text) in settings.sorted(by: { $0.key < $1.key }) where key != SettingsKeys.profile {
            guard SettingsKeys.isKnown(key) else {
                let nearest = SettingsKeys.nearest(key).map { " Did you mean '\($0)'?" } ?? ""
                warnings.append("\(path): the setting '\(key)' means nothing here.\(nearest)")
                continue
            }
            values[key] = Value(text: text, origin: origin)
        }
    }

    /// A project's file comes with the project, from whoever wrote that: it names no secrets and runs no programs, and
    /// what the user keeps as credentials does not go to the brokers that it names.
    private mutating func addProject(_ settings: [String: String], _ path: String) {
        let refused = settings.keys.filter(SettingsKeys.isCredential).sorted()
        for key in refused {
            warnings.append("\(path): '\(key)' is left out: credentials belong into your own file or the environment.")
        }
        if let servers = settings["bootstrap.servers"], servers != values["bootstrap.servers"]?.text {
            values = values.filter { !SettingsKeys.isCredential($0.key) }
        }
        add(settings.filter { !SettingsKeys.isCredential($0.key) }, .project, path)
    }

    private static func environmentValues(_ environment: [String: String]) -> [String: String] {
        var values: [String: String] = [:]
        values["bootstrap.servers"] = first(
            environment["SWKAFKA_BOOTSTRAP_SERVER"],
            environment["SWKAFKA_BOOTSTRAP_SERVERS"],
            environment["KAFKA_BOOTSTRAP_SERVERS"],
            environment["KAFKA_BOOTSTRAP_SERVER"]
        )
        values["password"] = environment["SWKAFKA_PASSWORD"]
        return values
    }

    /// The names of the variables that are looked at.
    static let variables = [
        "SWKAFKA_PROFILE", "SWKAFKA_BOOTSTRAP_SERVER", "SWKAFKA_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS",
        "KAFKA_BOOTSTRAP_SERVER", "SWKAFKA_PASSWORD", "SWKAFKA_CONFIG", "XDG_CONFIG_HOME", "HOME",
    ]

    /// Kafka's settings alone, without where a password is.
    var kafkaProperties: [String: String] {
        values.filter { !SettingsKeys.passwords.contains($0.key) && $0.key != "sasl.username" }.mapValues(\.text)
    }
}
