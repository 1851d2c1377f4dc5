/// A manual page in mdoc, written from the definition of a command.
struct ManualPage {
    /// The day that pages bear; changed by hand with the version.
    static let date = "November 23, 2026"

    let command: CommandFacts
    /// The commands above it; none for swkafka(1) itself.
    let parents: [String]

    /// The command as it is typed.
    private var words: String { (parents + [command.commandName]).joined(separator: " ") }
    var name: String { (parents + [command.commandName]).joined(separator: "-") }
    var fileName: String { "\(name).1" }

    private var arguments: [CommandFacts.Argument] { (command.arguments ?? []).filter(\.shouldDisplay) }

    /// The discussion cut into what comes first and the parts under titles in capitals.
    private var parts: (description: [String], titled: [(title: String, lines: [String])]) {
        var description: [String] = []
        var titled: [(title: String, lines: [String])] = []
        for line in (command.discussion ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.allSatisfy({ $0.isUppercase }) {
                titled.append((String(line), []))
            } else if titled.isEmpty {
                description.append(String(line))
            } else {
                titled[titled.count - 1].lines.append(String(line))
            }
        }
        return (description, titled)
    }

    var text: String {
        var lines = [
            ".\\\" Written from the command's definition; \"make docs\" writes it anew.", ".Dd \(Self.date)",
            ".Dt \(name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(name)", ".Nd \(summary)", ".Sh SYNOPSIS",
            ".Nm \(words)",
        ]
        lines += arguments.map(synopsis)
        if command.subcommands != nil {
            // One that does something itself, too, is typed in two ways.
            if arguments.contains(where: { $0.kind == "option" }) { lines.append(".Nm \(words)") }
            lines += [".Ar command", ".Op Ar options"]
        }
        lines.append(".Sh DESCRIPTION")
        let (description, titled) = parts
        lines += paragraphs(description.isEmpty || description == [""] ? [command.abstract ?? ""] : description)
        lines += options
        lines += commands
        lines += Self.exitStatus
        for part in titled {
            lines.append(".Sh \(part.title)")
            lines += Self.literalTitles.contains(part.title) ? Self.literal(part.lines) : paragraphs(part.lines)
        }
        lines += seeAlso
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: Parts

    private var summary: String {
        var text = command.abstract ?? ""
        if text.hasSuffix(".") { text.removeLast() }
        return Self.escaped(text.prefix(1).lowercased() + text.dropFirst())
    }

    private func synopsis(_ argument: CommandFacts.Argument) -> String {
        var text = head(argument)
        if argument.isRepeating { text += " ..." }
        return argument.isOptional ? ".Op \(text)" : ".\(text)"
    }

    /// `Fl -topic Ar name`
    private func head(_ argument: CommandFacts.Argument) -> String {
        let value = Self.escaped(argument.valueName ?? "value")
        switch argument.kind {
        case "positional": return "Ar \(value)"
        case "flag": return "Fl \(Self.escaped(argument.preferredName?.flag ?? ""))"
        default: return "Fl \(Self.escaped(argument.preferredName?.flag ?? "")) Ar \(value)"
        }
    }

    private var options: [String] {
        var lines: [String] = []
        var section: String?
        var isOpen = false
        for argument in arguments.filter({ $0.sectionTitle != nil }) + arguments.filter({ $0.sectionTitle == nil }) {
            if !isOpen || argument.sectionTitle != section {
                if isOpen { lines.append(".El") }
                section = argument.sectionTitle
                if let section { lines.append(".Ss \(section)") }
                if section == nil, isOpen { lines.append(".Ss Other options") }
                lines.append(".Bl -tag -width Ds")
                isOpen = true
            }
            lines.append(".It \(item(argument))")
            lines += paragraphs([meaning(argument)])
        }
        if isOpen { lines.append(".El") }
        return lines
    }

    /// All spellings, the short one first.
    private func item(_ argument: CommandFacts.Argument) -> String {
        guard argument.kind == "flag", let names = argument.names, names.count > 1 else { return head(argument) }
        return names.sorted { $0.name.count < $1.name.count }.map { "Fl \(Self.escaped($0.flag))" }.joined(
            separator: " , "
        )
    }

    private func meaning(_ argument: CommandFacts.Argument) -> String {
        var text = argument.abstract ?? ""
        if let values = argument.allValues, !values.isEmpty {
            text += " One of \(values.joined(separator: ", "))."
        }
        if let value = argument.defaultValue, argument.kind == "option", !text.contains("default") {
            text += " The default is \(value)."
        }
        return text
    }

    private var commands: [String] {
        guard let subcommands = command.subcommands?.filter({ $0.commandName != "help" }) else { return [] }
        var lines = [".Ss Commands", ".Bl -tag -width Ds"]
        for subcommand in subcommands {
            lines.append(".It Xr \(name)-\(subcommand.commandName) 1")
            lines += paragraphs([subcommand.abstract ?? ""])
        }
        return lines + [".El"]
    }

    /// Parts whose lines stay as they are.
    private static let literalTitles: Set<String> = ["COMMANDS", "EXAMPLES"]

    private static let exitStatus = [
        ".Sh EXIT STATUS", ".Bl -tag -width Ds", ".It 0", "Everything asked for was done.", ".It 1",
        "Something failed, if only one item of many.", ".It 2", "The command line was wrong; nothing was tried.",
        ".It 130, 143", "The command was ended by SIGINT or SIGTERM.", ".El",
    ]

    private var seeAlso: [String] {
        parents.isEmpty ? [] : [".Sh SEE ALSO", ".Xr \(parents.joined(separator: "-")) 1"]
    }

    // MARK: Text

    /// Paragraphs apart from each other, each sentence on a line of its own, no line too long.
    private func paragraphs(_ lines: [String]) -> [String] {
        var result: [String] = []
        for paragraph in lines.split(separator: "") {
            if !result.isEmpty { result.append(".Pp") }
            let words = paragraph.joined(separator: " ").split(separator: " ").map(String.init)
            var line = ""
            for (index, word) in words.enumerated() {
                let escaped = Self.escaped(word)
                if !line.isEmpty, line.utf8.count + 1 + escaped.utf8.count > 76 {
                    result.append(Self.safe(line))
                    line = ""
                }
                line += line.isEmpty ? escaped : " " + escaped
                let endsSentence = word.hasSuffix(".") || word.hasSuffix("?")
                if endsSentence, index + 1 < words.count {
                    result.append(Self.safe(line))
                    line = ""
                }
            }
            if !line.isEmpty { result.append(Self.safe(line)) }
        }
        return result
    }

    private static func literal(_ lines: [String]) -> [String] {
        [".Bd -literal"] + lines.filter { !$0.isEmpty }.map { safe(escaped($0)) } + [".Ed"]
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "…": result += "..."
            case "'": result += "\\(aq"
            default: result.append(character)
            }
        }
        return result
    }

    /// A line that begins with a dot would be taken for a request.
    private static func safe(_ line: String) -> String { line.hasPrefix(".") ? "\\&" + line : line }
}
