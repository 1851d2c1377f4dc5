import ArgumentParser
import KafkaClient
import KafkaMessages

/// What `upgrade`, `downgrade` and `disable` have in common: to ask for levels, and to tell what became of it.
struct FeatureChange {
    enum Verb: String {
        case upgrade, downgrade, disable

        var participle: String { self == .disable ? "disabled" : "\(rawValue)d" }
    }

    let verb: Verb
    let levels: [(name: String, level: Int16)]
    let isUnsafe: Bool
    let isDryRun: Bool

    private var kind: FeatureUpdate.Kind {
        verb == .upgrade ? .upgrade : isUnsafe ? .unsafeDowngrade : .safeDowngrade
    }

    func run(_ connection: ClusterConnection, _ context: CommandContext) async throws -> ExitStatus {
        guard !levels.isEmpty else {
            throw CommandFailure("You must specify at least one feature to \(verb.rawValue)")
        }
        let updates = levels.map { FeatureUpdate($0.name, level: $0.level, kind: kind) }
        return try await connection.session(clientID: FeaturesCommand.clientID).administer(context) { admin in
            let outcomes = try await admin.updateFeatures(updates, validateOnly: isDryRun)
            try context.output.write(text(outcomes))
            let failed = outcomes.values.filter { $0.error != .none }.count
            guard failed > 0 else { return .success }
            context.complain("\(failed) out of \(outcomes.count) operation(s) failed.\n")
            return .failure
        }
    }

    func text(_ outcomes: [String: FeatureOutcome]) -> String {
        levels.sorted { $0.name < $1.name }.map { name, level in
            let goal = verb == .disable ? "" : " to \(level)"
            guard let outcome = outcomes[name], outcome.error != .none else {
                return "\(name) \(isDryRun ? "can be" : "was") \(verb.participle)\(goal).\n"
            }
            let reason = outcome.message ?? outcome.error.message
            return "\(isDryRun ? "Can not" : "Could not") \(verb.rawValue) \(name)\(goal). \(reason)\n"
        }
        .joined()
    }
}

/// How `upgrade` and `downgrade` are told which levels.
struct FeatureLevelOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("The levels of a release.", valueName: "version"))
    var releaseVersion: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A level; may be given several times.", valueName: "name=level")
    )
    var feature: [String] = []
    @Option(parsing: .unconditional, help: .hidden) var metadata: String?
    @Flag(help: "Only tell what would be done.") var dryRun = false

    /// - Parameter isUpgrade: nothing is upgraded to 0.
    func levels(isUpgrade: Bool, _ context: CommandContext) throws(CommandFailure) -> [(name: String, level: Int16)] {
        var levels = try FeatureLevels.parse(feature)
        if let metadata {
            context.complain("--metadata is the old name of --feature metadata.version, by release.\n")
            guard releaseVersion == nil else {
                throw CommandFailure("Can not specify `release-version` with other feature flags.")
            }
            levels.append((FeatureLevels.metadata, try FeatureLevels.release(metadata).level))
        }
        guard let releaseVersion else { return levels }
        guard levels.isEmpty else {
            throw CommandFailure("Can not specify `release-version` with other feature flags.")
        }
        return FeatureLevels.levels(of: try FeatureLevels.release(releaseVersion)).filter { !isUpgrade || $0.level > 0 }
    }
}
