import KafkaCoordination

/// Checks regular expressions for subscriptions by the rules of the broker, which are RE2's.
enum GroupsRegex {
    static func validate(_ expression: String, _ context: CommandContext) throws(OutputError) -> ExitStatus {
        do throws(PatternError) {
            _ = try LinearPattern(expression)
        } catch {
            let reason = "\(error.reason): `\(error.fragment)`"
            try context.output.write("The regular expression `\(expression)` is invalid: \(reason).\n")
            return .failure
        }
        try context.output.write("The regular expression `\(expression)` is valid.\n")
        return .success
    }
}
