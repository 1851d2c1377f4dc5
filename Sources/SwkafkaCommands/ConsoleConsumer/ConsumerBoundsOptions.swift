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
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Only the last records of all partitions together, by time.", valueName: "count")
    )
    var tailTotal: Int64?
    @Flag(help: "Stop where the partitions end now.") var exitAtEnd = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("time: merge partitions by timestamps. Needs an end.", valueName: "order")
    )
    var order: RecordOrder?

    /// The most records of a partition that --tail takes: it keeps an offset of each while it looks for them.
    private static let longestTail: Int64 = 10_000_000

    var isUsed: Bool { isRange || exitAtEnd }

    /// Whether it is said where to begin, which a group knows by itself, or where to stop other than at the end.
    var isRange: Bool { from != nil || until != nil || tail != nil || tailTotal != nil || order != nil }

    /// Whether partitions are merged by time.
    var isOrdered: Bool { order == .time || tailTotal != nil }

    /// The options that are used, for messages.
    var names: String {
        let used = [
            from.map { _ in "--from" }, until.map { _ in "--until" }, tail.map { _ in "--tail" },
            tailTotal.map { _ in "--tail-total" }, exitAtEnd ? "--exit-at-end" : nil, order.map { _ in "--order" },
        ]
        return used.compactMap { $0 }.joined(separator: ", ")
    }

    func check() throws {
        if tail != nil, tailTotal != nil { throw ValidationError("Give --tail or --tail-total, not both.") }
        if let tail = tail ?? tailTotal {
            let name = tailTotal == nil ? "--tail" : "--tail-total"
            guard (1...Self.longestTail).contains(tail) else {
                throw ValidationError("\(name) must be from 1 to \(Self.longestTail).")
            }
            guard from == nil, until == nil else {
                throw ValidationError("\(name) cannot be used with --from and --until.")
            }
        }
        if order != nil, until == nil, tail == nil, tailTotal == nil, !exitAtEnd {
            throw ValidationError(
                "--order needs an end (--exit-at-end, --until, --tail): what is still to come may be earlier."
            )
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
        bounds.exitsAtEnd = exitAtEnd || tail != nil || tailTotal != nil
        return bounds
    }
}

/// In which order records of several partitions are printed.
enum RecordOrder: String, ExpressibleByArgument, CaseIterable {
    case time
}
