/// Asks before something is destroyed, where somebody sits who can answer.
///
/// Kafka's scripts do not ask, and programs that call them must go on unasked: so only a person at a terminal is asked who
/// calls the command by its own name, not by a script's.
enum Confirmation {
    /// - Parameters:
    ///   - isGiven: `--yes` was said already.
    ///   - what: what will happen, as in "Delete topic orders".
    /// - Throws: when the answer is no.
    static func ask(_ what: String, isGiven: Bool, _ context: CommandContext) throws(CommandFailure) {
        guard !isGiven, context.inputIsTerminal, context.errorsAreTerminal, !context.isScript else { return }
        context.complain("\(what)? This cannot be undone. [y/N] ")
        let answer = KeyValueOptions.trimmed(context.readLine() ?? "").lowercased()
        guard answer == "y" || answer == "yes" else {
            throw CommandFailure("Nothing was deleted.", hint: "--yes answers the question beforehand.")
        }
    }
}
