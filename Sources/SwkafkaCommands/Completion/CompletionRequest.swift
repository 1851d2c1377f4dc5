/// What a shell asks at a press of the tab key.
struct CompletionRequest: Equatable {
    /// Without the program's name; the last one is being typed.
    var words: [String]
    /// What bash will put the answer in place of: it takes words apart at `=` and `:`, too. nil for the whole word.
    var replaced: String?

    /// - Parameter arguments: of the process, from `__complete` on: the shell, the word that the shell sees, and the command
    ///   line: for bash as one text, else word by word.
    init?(_ arguments: [String]) {
        guard arguments.count >= 4, let shell = CompletionCommand.Shell(rawValue: arguments[1]) else { return nil }
        var words = Array(arguments[3...])
        if shell == .bash {
            words = ShellWords.last(of: arguments[3]).words
            replaced = arguments[2]
        }
        self.words = Self.withoutProgram(words)
    }

    init(words: [String]) { self.words = words }

    /// `swkafka topics` and `kafka-topics.sh` begin alike.
    private static func withoutProgram(_ words: [String]) -> [String] {
        guard let program = words.first, words.count > 1 else { return [""] }
        return (ScriptName.command(calledAs: program).map { [$0] } ?? []) + words.dropFirst()
    }

    /// The lines for the shell.
    func lines(_ answer: CompletionEngine.Answer, withMeanings: Bool) -> [String] {
        guard case .candidates(let candidates) = answer else { return [":files"] }
        // What bash has left of the word before the place that it replaces.
        let current = words.last ?? ""
        let kept = replaced.map { current.hasSuffix($0) ? current.count - $0.count : 0 } ?? 0
        return candidates.map { candidate in
            var text = String(candidate.text.dropFirst(kept))
            // Other shells quote by themselves what needs it.
            if replaced != nil { text = ShellWords.quoted(text) }
            return withMeanings && !candidate.meaning.isEmpty ? "\(text)\t\(candidate.meaning)" : text
        }
    }
}

extension ShellWords {
    /// The last command of a line: what follows the last `|`, `;` or `&`.
    static func last(of line: String) -> ShellWords {
        var words = ShellWords(line)
        while !words.rest.isEmpty { words = ShellWords(String(words.rest.dropFirst())) }
        return words
    }
}
