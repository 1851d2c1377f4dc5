import ArgumentParser

/// A subcommand that can run in a world handed to it.
protocol SwkafkaCommand: ParsableCommand {
    /// Long names of options that may be given more than once; every other option given twice is a mistake.
    static var repeatable: Set<String> { get }

    /// Options that stand for other words, by their long names; they keep their places among the others.
    static var respelled: [String: [String]] { get }

    /// Does what the options say. Data go to `context.output`, which the caller flushes.
    func execute(_ context: CommandContext) async throws -> ExitStatus
}

extension SwkafkaCommand {
    static var repeatable: Set<String> { [] }
    static var respelled: [String: [String]] { [:] }
}
