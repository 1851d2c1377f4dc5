import KafkaClient

/// Where reading begins and ends in each partition: `--from`, `--until`, `--exit-at-end`.
struct ReadingBounds {
    /// A place that a user names: an offset, a time, or a time before now.
    enum Place: Equatable {
        case offset(Int64)
        /// In ms since 1970.
        case time(Int64)

        /// `42`, `@1700000000000` (ms since 1970), `2026-01-31T12:00:00` (UTC unless a zone follows), or `-2h`.
        init(_ text: String, nowMs: Int64) throws(CommandFailure) {
            if let offset = Int64(text), offset >= 0 {
                self = .offset(offset)
            } else if text.hasPrefix("@"), let time = Int64(text.dropFirst()), time >= 0 {
                self = .time(time)
            } else if let ago = Self.ago(text) {
                self = .time(max(0, nowMs - ago))
            } else if let time = Self.date(text) {
                self = .time(time)
            } else {
                throw CommandFailure(
                    "'\(text)' is no place in a topic: give an offset (42), a time (2026-01-31T12:00:00Z), ms since 1970 "
                        + "(@1700000000000), or a time ago (-2h).",
                    status: .usage
                )
            }
        }

        /// `-90s`, `-5m`, `-2h`, `-3d`, `-500ms` in ms.
        private static func ago(_ text: String) -> Int64? {
            text.hasPrefix("-") ? ShortDuration.milliseconds(text.dropFirst()) : nil
        }

        /// ISO 8601; seconds and their fraction may be missing.
        private static func date(_ text: String) -> Int64? {
            guard let separator = text.firstIndex(of: "T") else {
                return try? DateTimeText.parse(text + "T00:00:00.000")
            }
            let zone = text[separator...].firstIndex { "Z+-".contains($0) } ?? text.endIndex
            var time = String(text[separator..<zone])
            if time.count == 6 { time += ":00" }
            if !time.contains(".") { time += ".000" }
            return try? DateTimeText.parse(String(text[..<separator]) + time + text[zone...])
        }

        var spec: OffsetSpec? {
            if case .time(let time) = self { .timestamp(time) } else { nil }
        }
    }

    var from: Place?
    var until: Place?
    /// Where to begin when nothing else is said.
    var fromBeginning = false
    /// Ends where the partition ends now.
    var exitsAtEnd = false

    /// Where to read in one partition.
    struct Range: Equatable {
        var start: Int64
        /// The first offset that is not wanted; nil for no end.
        var end: Int64?

        var isEmpty: Bool { end.map { $0 <= start } ?? false }
    }

    /// - Parameters:
    ///   - isolationLevel: what the reader may see decides where the end is.
    func ranges(
        of partitions: [TopicPartition],
        _ admin: KafkaAdmin,
        isolationLevel: IsolationLevel
    ) async throws -> [TopicPartition: Range] {
        let firsts = try await offsets(partitions, .earliest, admin, isolationLevel)
        let ends = try await offsets(partitions, .latest, admin, isolationLevel)
        let starts = try await from?.spec.asyncMap { try await offsets(partitions, $0, admin, isolationLevel) }
        let stops = try await until?.spec.asyncMap { try await offsets(partitions, $0, admin, isolationLevel) }
        var ranges: [TopicPartition: Range] = [:]
        for partition in partitions {
            let (first, end) = (firsts[partition] ?? 0, ends[partition] ?? 0)
            ranges[partition] = range(
                first: first,
                end: end,
                fromTime: starts?[partition],
                untilTime: stops?[partition]
            )
        }
        return ranges
    }

    /// - Parameters:
    ///   - first: the first offset of the partition, `end` the one after its last.
    ///   - fromTime: the first record at or after the time of `from`; nil when there is none, or no such time.
    func range(first: Int64, end: Int64, fromTime: Int64?, untilTime: Int64?) -> Range {
        var start = fromBeginning ? first : end
        switch from {
        case .offset(let offset): start = max(first, offset)
        case .time: start = fromTime ?? end
        case nil: break
        }
        var stop: Int64? = exitsAtEnd ? end : nil
        switch until {
        case .offset(let offset): stop = min(offset, stop ?? offset)
        // Without a record that late everything that is there was written before.
        case .time: stop = min(untilTime ?? end, stop ?? end)
        case nil: break
        }
        return Range(start: start, end: stop)
    }

    private func offsets(
        _ partitions: [TopicPartition],
        _ spec: OffsetSpec,
        _ admin: KafkaAdmin,
        _ isolationLevel: IsolationLevel
    ) async throws -> [TopicPartition: Int64] {
        let specs = Dictionary(partitions.map { ($0, spec) }, uniquingKeysWith: { first, _ in first })
        let found = try await admin.listOffsets(specs, isolationLevel: isolationLevel)
        return try found.compactMapValues { try $0.get().offset }
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ transform: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
