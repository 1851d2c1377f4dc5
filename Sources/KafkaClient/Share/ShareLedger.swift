import KafkaWire

/// What a member of a share group has acquired and not acknowledged, and what it has to acknowledge still. Pure.
///
/// Rules:
/// - Only what was acquired can be acknowledged, and only once.
/// - An acknowledgement goes to the broker that the record came from, whoever leads the partition now.
/// - Offsets that were acquired and hold no record (markers of transactions, holes that compaction left) are acknowledged as
///   gaps by themselves.
/// - Offsets are zero or more, and less than `Int64.max`: whoever reads answers sees to that.
/// - Acknowledgements are held as runs of offsets with one outcome, in rising order, as brokers want them.
package struct ShareLedger: Equatable, Sendable {
    /// Offsets with the same outcome.
    package struct Run: Equatable, Sendable {
        package var offsets: ClosedRange<Int64>
        /// The protocol's number: ``ShareAcknowledgement``, or ``ShareLedger/gap``.
        package var outcome: Int8

        package init(_ offsets: ClosedRange<Int64>, _ outcome: Int8) {
            self.offsets = offsets
            self.outcome = outcome
        }
    }

    /// Says that there is no record.
    package static let gap: Int8 = 0

    /// Where records came from.
    private struct Origin: Hashable {
        var node: Int32
        var place: SharePlace
    }

    private var acquired: [Origin: [ClosedRange<Int64>]] = [:]
    private var settled: [Origin: [Run]] = [:]

    package init() {}

    /// Notes offsets that a broker has given to this member.
    package mutating func acquire(_ offsets: ClosedRange<Int64>, of place: SharePlace, from node: Int32) {
        let origin = Origin(node: node, place: place)
        // What was said of an earlier delivery comes too late.
        if let runs = settled[origin] {
            let others = runs.flatMap { run in
                Self.parts(of: run.offsets, outside: offsets).map { Run($0, run.outcome) }
            }
            settled[origin] = others.isEmpty ? nil : others
        }
        var ranges: [ClosedRange<Int64>] = []
        var added = offsets
        for range in acquired[origin] ?? [] {
            if range.upperBound < added.lowerBound || range.lowerBound > added.upperBound {
                ranges.append(range)
            } else {
                added = min(range.lowerBound, added.lowerBound)...max(range.upperBound, added.upperBound)
            }
        }
        ranges.append(added)
        acquired[origin] = ranges.sorted { $0.lowerBound < $1.lowerBound }
    }

    /// Notes what became of offsets; those that were not acquired, or are settled already, are passed over.
    package mutating func settle(
        _ offsets: ClosedRange<Int64>,
        as outcome: Int8,
        of place: SharePlace,
        from node: Int32
    ) {
        let origin = Origin(node: node, place: place)
        var rest: [ClosedRange<Int64>] = []
        for range in acquired[origin] ?? [] {
            guard range.overlaps(offsets) else {
                rest.append(range)
                continue
            }
            add(Run(range.clamped(to: offsets), outcome), to: origin)
            rest += Self.parts(of: range, outside: offsets)
        }
        acquired[origin] = rest.isEmpty ? nil : rest
    }

    /// What is left of a range without the offsets of another.
    private static func parts(
        of range: ClosedRange<Int64>,
        outside other: ClosedRange<Int64>
    ) -> [ClosedRange<Int64>] {
        guard range.overlaps(other) else { return [range] }
        var parts: [ClosedRange<Int64>] = []
        if range.lowerBound < other.lowerBound { parts.append(range.lowerBound...(other.lowerBound - 1)) }
        if range.upperBound > other.upperBound { parts.append((other.upperBound + 1)...range.upperBound) }
        return parts
    }

    private mutating func add(_ run: Run, to origin: Origin) {
        var runs = settled[origin] ?? []
        let index = runs.firstIndex { $0.offsets.lowerBound > run.offsets.lowerBound } ?? runs.count
        runs.insert(run, at: index)
        // With its neighbours it may make one.
        for later in [index + 1, index] where later > 0 && later < runs.count {
            let (left, right) = (runs[later - 1], runs[later])
            guard left.outcome == right.outcome, left.offsets.upperBound + 1 == right.offsets.lowerBound else {
                continue
            }
            runs[later - 1].offsets = left.offsets.lowerBound...right.offsets.upperBound
            runs.remove(at: later)
        }
        settled[origin] = runs
    }

    /// Whether there is anything to tell a broker.
    package func owes(_ node: Int32) -> Bool { settled.keys.contains { $0.node == node } }

    /// The brokers to which there is anything to tell.
    package var creditors: Set<Int32> { Set(settled.keys.map(\.node)) }

    /// Takes out what there is to tell a broker.
    package mutating func take(for node: Int32) -> [SharePlace: [Run]] {
        var taken: [SharePlace: [Run]] = [:]
        for origin in settled.keys where origin.node == node {
            taken[origin.place] = settled.removeValue(forKey: origin)
        }
        return taken
    }

    /// Offsets that were acquired of a partition and are not settled.
    package func unsettled(of place: SharePlace, from node: Int32) -> [ClosedRange<Int64>] {
        acquired[Origin(node: node, place: place)] ?? []
    }
}

extension ShareLedger.Run {
    /// How many offsets there are.
    package var count: Int64 { offsets.upperBound - offsets.lowerBound + 1 }
}
