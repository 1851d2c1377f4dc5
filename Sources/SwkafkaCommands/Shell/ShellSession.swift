import ArgumentParser
import Glibc

/// A shell at work: reads lines, runs each, remembers. Blocks, and so belongs on a thread of its own.
///
/// Each command is a process of its own, so that Ctrl-C, pipes and exit statuses are the system's, and a command that
/// goes wrong takes nothing with it.
final class ShellSession: @unchecked Sendable {
    // `@unchecked Sendable`: made by one task and then used by one thread only.

    private let context: CommandContext
    private let commands = Swkafka.configuration.subcommands.compactMap { $0.configuration.commandName }
    private var topic: String?

    init(context: CommandContext) { self.context = context }

    // MARK: Scripts

    /// Runs the lines of the standard input until one fails.
    func runScript() throws -> ExitStatus {
        let bytes = try FileReading.bytes(ofDescriptor: context.input, purpose: "script")
        for (index, line) in String(decoding: bytes, as: UTF8.self).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).enumerated() {
            guard let status = try run(String(line), isScript: true) else { return .success }
            guard status == .success else {
                context.complain("swkafka shell: line \(index + 1) failed (status \(status.rawValue)): \(line)\n")
                return status
            }
        }
        return .success
    }

    // MARK: At a terminal

    func converse() throws -> ExitStatus {
        let interrupt = ShellInterrupt.install()
        let history = ShellHistory(context.environment)
        history.load()
        defer { history.save() }
        ShellCompletion.install(
            CompletionEngine(
                cluster: { [context] words in
                    CompletionCache(context).snapshot(for: words, untilMs: wallClockMs() + ShellCompletion.patienceMs)
                },
                profiles: { [context] in (try? SettingsStore(context).userFile().file.sections) ?? [] }
            ),
            shellWords: ["use", "help", "exit", "quit"]
        )
        context.complain("swkafka \(Swkafka.configuration.version): 'help' shows the commands, Ctrl-D ends.\n")
        while true {
            let editor = LineEditor(prompt: prompt, descriptor: context.input, interruption: interrupt)
            ShellCompletion.enable()
            let event = editor.event { ShellInterrupt.drain(interrupt) }
            editor.close()
            guard case .line(let bytes) = event else {
                try context.output.write("\n")
                try context.output.flush()
                return .success
            }
            guard try run(String(decoding: bytes, as: UTF8.self), isScript: false) != nil else { return .success }
            ShellInterrupt.drain(interrupt)
        }
    }

    private var prompt: String {
        let settings = try? SettingsStore(context).settings(profile: nil)
        let profile = settings?.profile.map { "[\($0)]" } ?? ""
        let words = ["swkafka" + profile, topic].compactMap { $0 }.joined(separator: " ")
        return words + "> "
    }

    // MARK: One line

    /// nil when the line ends the shell.
    private func run(_ line: String, isScript: Bool) throws -> ExitStatus? {
        switch ShellLine(line, commands: commands, topic: topic) {
        case .nothing: return .success
        case .exit: return nil
        case .use(let name):
            topic = name
            return .success
        case .help:
            try context.output.write(Self.help)
            try context.output.flush()
            return .success
        case .unknown(let name):
            let nearest = NearestWord.of(name, in: commands + ["use", "help", "exit"])
            context.complain(
                "There is no command '\(name)'."
                    + (nearest.map { " Did you mean '\($0)'?" } ?? " 'help' shows all; !\(name) runs a program.") + "\n"
            )
            return ExitStatus(rawValue: 127)
        case .system(let command): return try start(command, isScript: isScript)
        case .command(let text, let added, let rest):
            let words = [ShellWords.quoted("/proc/\(getpid())/exe"), text] + added.map(ShellWords.quoted)
            let command = words.joined(separator: " ")
            // The status of the shell's own command counts, also at the beginning of a pipe.
            let line =
                rest.hasPrefix("|") && !rest.hasPrefix("||")
                ? "{ \(command); echo $? >&9; } \(rest)" : "\(command) \(rest)"
            return try start(line, isScript: isScript)
        }
    }

    private static var help: String {
        let width = 24
        let lines = Swkafka.configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { command in
            "  \((command.configuration.commandName ?? "").padded(to: width))\(command.configuration.abstract)\n"
        }
        return lines.joined() + """
              \("use TOPIC".padded(to: width))The topic that commands are about from now on.
              \("!COMMAND".padded(to: width))A command of the system's shell.
              \("exit, quit, Ctrl-D".padded(to: width))The end.

            """
    }

    private func start(_ command: String, isScript: Bool) throws(CommandFailure) -> ExitStatus {
        var variables: [(name: String, value: String)] = []
        for name in ["SWKAFKA_BOOTSTRAP_SERVER", "SWKAFKA_PROFILE"] {
            if let value = context.environment[name] { variables.append((name, value)) }
        }
        return try ShellProcess.run(command, adding: variables, hasInput: !isScript)
    }
}
