import KafkaClient

/// Where `--reset-offsets` goes to.
enum ResetScenario {
    case earliest
    case latest
    /// The stored offset; the end where there is none.
    case current
    case offset(Int64)
    case shift(Int64)
    /// The first record at or after a time, in milliseconds since 1970; the end when there is none.
    case time(Int64)
    case plan(ResetPlan)

    /// - Parameters:
    ///   - onlyGroup: the one group asked for; nil for several.
    ///   - nowMs: what a duration is counted back from.
    init(_ options: GroupsResetOptions, onlyGroup: String?, nowMs: Int64) throws(CommandFailure) {
        if options.toLatest {
            self = .latest
        } else if options.toCurrent {
            self = .current
        } else if let offset = options.toOffset {
            self = .offset(offset)
        } else if let count = options.shiftBy {
            self = .shift(count)
        } else if let text = options.toDatetime {
            self = .time(try DateTimeText.parse(text))
        } else if let text = options.byDuration {
            self = try .ago(text, nowMs: nowMs)
        } else if let path = options.fromFile {
            let bytes = try FileReading.bytes(of: path, purpose: "reset plan")
            self = .plan(try ResetPlan(csv: String(decoding: bytes, as: UTF8.self), onlyGroup: onlyGroup))
        } else {
            self = .earliest
        }
    }

    /// A duration before now.
    static func ago(_ duration: String, nowMs: Int64) throws(CommandFailure) -> ResetScenario {
        let (time, overflow) = nowMs.subtractingReportingOverflow(try DurationText.parse(duration))
        // Before any record, or after all of them.
        return .time(overflow ? (duration.contains("-") ? .max : 0) : max(0, time))
    }

    /// Whether the stored offsets matter.
    var usesCommitted: Bool {
        switch self {
        case .current, .shift: true
        case .earliest, .latest, .offset, .time, .plan: false
        }
    }

    /// An offset held within the log, and what to say when it was not within.
    static func clamped(
        _ wanted: Int64,
        to partition: TopicPartition,
        start: Int64,
        end: Int64
    ) -> (offset: Int64, warning: String?) {
        if wanted > end {
            return (
                end,
                "WARN New offset (\(wanted)) is higher than latest offset for topic partition \(partition). "
                    + "Value will be set to \(end)\n"
            )
        }
        if wanted < start {
            return (
                start,
                "WARN New offset (\(wanted)) is lower than earliest offset for topic partition \(partition). "
                    + "Value will be set to \(start)\n"
            )
        }
        return (wanted, nil)
    }
}
