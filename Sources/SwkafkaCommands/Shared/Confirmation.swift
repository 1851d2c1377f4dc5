/// Asks before something is destroyed, where somebody sits who can answer.
///
/// Kafka's scripts do not ask, and programs that call them must go on unasked: so only a person at a terminal is asked who
/// calls the command by its own name, not by a script's. Commands of our own need `--yes` elsewhere.
enum Confirmation {
    /// - Parameters:
    ///   - isGiven: `--yes` was said already.
    ///   - what: what will happen, as in "Delete topic orders".
    ///   - refusal: what to say when the answer is no.
    /// - Throws: when the answer is no.
    static func ask(
        _ what: String,
        isGiven: Bool,
        refusal: String = "Nothing was deleted.",
        _ context: CommandContext
    ) throws(CommandFailure) {
        guard !isGiven, context.inputIsTerminal, context.errorsAreTerminal, !context.isScript else { return }
        context.complain("\(what)? This cannot be undone. [y/N] ")
        let answer = KeyValueOptions.trimmed(context.readLine() ?? "").lowercased()
        guard answer == "y" || answer == "yes" else {
            throw CommandFailure(refusal, hint: "--yes answers the question beforehand.")
        }
    }

    /// So many things, as people say it.
    static func count(_ number: Int, _ noun: String) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }

    /// The same for commands that Kafka does not have: nobody's scripts break when they need `--yes` where nobody sits.
    static func require(
        _ what: String,
        isGiven: Bool,
        refusal: String = "Nothing was deleted.",
        _ context: CommandContext
    ) throws(CommandFailure) {
        if !isGiven, !(context.inputIsTerminal && context.errorsAreTerminal) {
            throw CommandFailure(
                "\(what)? \(refusal)",
                hint: "Nobody is there to be asked: say --yes if this is meant.",
                status: .usage
            )
        }
        try ask(what, isGiven: isGiven, refusal: refusal, context)
    }
}
