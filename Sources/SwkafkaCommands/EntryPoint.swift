import ArgumentParser
import Glibc
import KafkaClient

/// Runs the swkafka executable with the process's arguments and returns its exit status: 0 for success, 1 when
/// something failed (if only one item of many), 2 for a wrong command line, 128 + n when signal n ended it.
///
/// Called through a link that bears the name of one of Kafka's scripts (`kafka-topics.sh`), it is that script, whose
/// status for a wrong command line is 1.
public func runSwkafka() async -> Int32 {
    // A reader that goes away (`| head -1`) shall be an error code of write(2), not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    // What shells ask at the tab key, by whatever name the program is called.
    let words = Array(CommandLine.arguments.dropFirst())
    if words.first == CompletionMain.word { return CompletionMain.run(words, in: .process()).rawValue }
    if words.first == CompletionMain.refreshWord {
        return await CompletionCache.refresh(words, in: .process()).rawValue
    }
    return await run(CommandLine.arguments, in: .process()).rawValue
}

/// Runs a command line whose first word is the name that the program was called by.
func run(_ arguments: [String], in context: CommandContext) async -> ExitStatus {
    let words = Array(arguments.dropFirst())
    guard let script = arguments.first.flatMap(ScriptName.command(calledAs:)) else {
        return await runCommand(words, in: context)
    }
    var context = context
    context.isScript = true
    let status = await runCommand([script] + words, in: context)
    return status == .usage ? .failure : status
}

/// Parses and runs one command line; every end of it, good or bad, is told here.
func runCommand(_ words: [String], in context: CommandContext) async -> ExitStatus {
    if let help = CommandLineReader.help(for: words) { return show(help, context) }
    do {
        var parsed = try CommandLineReader.parse(
            words,
            ignoring: context.isScript
                ? { context.complain("Passed over, as they belong to no option: \($0.joined(separator: " ")).\n") }
                : nil
        )
        guard let command = parsed as? any SwkafkaCommand else {
            let group = type(of: parsed)
            if !group.configuration.subcommands.isEmpty {
                let name = (["swkafka"] + CommandLineReader.commandPath(of: words)).joined(separator: " ")
                context.complain("\(name): which command?\n" + Swkafka.helpMessage(for: group) + "\n")
                return .usage
            }
            // The library's own help command, which answers by throwing.
            try parsed.run()
            return .success
        }
        let status = try await execute(command, context)
        try context.output.flush()
        return status
    } catch let failure as CommandFailure {
        return end(failure, words, context)
    } catch let error as OutputError {
        return end(error, context)
    } catch let error as KafkaClientError {
        return end(CommandFailure("swkafka \(words.first ?? ""): \(error.message)"), words, context)
    } catch {
        return endOfParsing(error, words, context)
    }
}

/// With what the options say that many commands share.
private func execute(_ command: any SwkafkaCommand, _ context: CommandContext) async throws -> ExitStatus {
    guard let reporting = command as? any ReportingCommand else { return try await command.execute(context) }
    var context = context
    context.colourChoice = reporting.output.color
    guard let seconds = (command as? any WatchableCommand)?.watching.watch else {
        return try await command.execute(context)
    }
    return try await Watching(seconds: seconds, context: context).run { try await command.execute($0) }
}

private func end(_ failure: CommandFailure, _ words: [String], _ context: CommandContext) -> ExitStatus {
    // What was already found stays found: data first, then the talk.
    try? context.output.flush()
    context.complain(failure.text)
    if failure.status == .usage, failure.hint == nil { context.complain(seeHelp(words)) }
    return failure.status
}

private func end(_ error: OutputError, _ context: CommandContext) -> ExitStatus {
    switch error {
    case .closed: return .success
    case .failed(let code):
        context.complain("swkafka: cannot write to standard output: \(systemMessage(code)).\n")
        return .failure
    }
}

/// Help and version are asked for by throwing; the rest are mistakes on the command line.
private func endOfParsing(_ error: any Error, _ words: [String], _ context: CommandContext) -> ExitStatus {
    let code = Swkafka.exitCode(for: error)
    if code == .success { return show(Swkafka.message(for: error), context) }
    let message = Swkafka.message(for: error)
    if code == .validationFailure {
        context.complain(message + "\n" + seeHelp(words))
        return .usage
    }
    context.complain(message + "\n")
    return .failure
}

/// Prints what was asked for.
private func show(_ text: String, _ context: CommandContext) -> ExitStatus {
    do throws(OutputError) {
        try context.output.write(text.hasSuffix("\n") ? text : text + "\n")
        try context.output.flush()
        return .success
    } catch {
        return end(error, context)
    }
}

private func seeHelp(_ words: [String]) -> String {
    let command = (["swkafka"] + CommandLineReader.commandPath(of: words)).joined(separator: " ")
    return "See '\(command) --help'.\n"
}
