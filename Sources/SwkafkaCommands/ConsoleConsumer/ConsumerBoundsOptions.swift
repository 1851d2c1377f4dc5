import ArgumentParser

/// Where reading begins and ends, apart from what Kafka's script knows.
struct ConsumerBoundsOptions: ParsableArguments {
    @Option(parsing: .unconditional, help: ArgumentHelp("Start at an offset or a time.", valueName: "place"))
    var from: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("Stop before an offset or a time.", valueName: "place"))
    var until: String?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only the last records of each partition.", valueName: "count")
    )
    var tail: Int64?
    @Flag(help: "Stop where the partitions end now.") var exitAtEnd = false

    /// The most records of a partition that --tail takes: it keeps an offset of each while it looks for them.
    private static let longestTail: Int64 = 10_000_000

    var isUsed: Bool { from != nil || until != nil || tail != nil || exitAtEnd }

    /// The options that are used, for messages.
    var names: String {
        let used = [
            from.map { _ in "--from" }, until.map { _ in "--until" }, tail.map { _ in "--tail" },
            exitAtEnd ? "--exit-at-end" : nil,
        ]
        return used.compactMap { $0 }.joined(separator: ", ")
    }

    func check() throws {
        if let tail {
            guard (1...Self.longestTail).contains(tail) else {
                throw ValidationError("--tail must be from 1 to \(Self.longestTail).")
            }
            guard from == nil, until == nil else {
                throw ValidationError("--tail cannot be used with --from and --until.")
            }
        }
        do throws(CommandFailure) {
            _ = try bounds(nowMs: 0)
        } catch {
            throw ValidationError(error.message)
        }
    }

    func bounds(nowMs: Int64) throws(CommandFailure) -> ReadingBounds {
        var bounds = ReadingBounds()
        if let from { bounds.from = try ReadingBounds.Place(from, nowMs: nowMs) }
        if let until { bounds.until = try ReadingBounds.Place(until, nowMs: nowMs) }
        bounds.exitsAtEnd = exitAtEnd || tail != nil
        return bounds
    }
}
