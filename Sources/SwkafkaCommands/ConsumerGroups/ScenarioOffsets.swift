import KafkaClient

/// The offsets that a scenario stands for, asked from the cluster.
struct ScenarioOffsets {
    typealias Offsets = [TopicPartition: Int64]

    let admin: KafkaAdmin
    let context: CommandContext
    let timeout: Duration

    /// - Parameter committed: the stored offsets, for scenarios that go from them.
    func offsets(
        of partitions: [TopicPartition],
        _ committed: Offsets,
        _ scenario: ResetScenario
    ) async throws -> Offsets {
        switch scenario {
        case .earliest: return try await logOffsets(partitions, .earliest)
        case .latest: return try await logOffsets(partitions, .latest)
        case .current:
            let ends = try await logOffsets(partitions.filter { committed[$0] == nil }, .latest)
            return ends.merging(committed.filter { partitions.contains($0.key) }) { end, _ in end }
        case .offset(let offset):
            return try await clamped(Dictionary(partitions.map { ($0, offset) }) { first, _ in first })
        case .shift(let count):
            var wanted: Offsets = [:]
            for partition in partitions {
                guard let offset = committed[partition] else {
                    throw CommandFailure(
                        "Cannot shift offset for partition \(partition) since there is no current committed offset",
                        status: .usage
                    )
                }
                let (sum, overflow) = offset.addingReportingOverflow(count)
                wanted[partition] = overflow ? (count > 0 ? .max : .min) : sum
            }
            return try await clamped(wanted)
        case .time(let time): return try await offsets(of: partitions, atTime: time)
        case .plan: return [:]
        }
    }

    private func offsets(of partitions: [TopicPartition], atTime time: Int64) async throws -> Offsets {
        let specs = Dictionary(partitions.map { ($0, OffsetSpec.timestamp(time)) }) { first, _ in first }
        var found: Offsets = [:]
        var missing: [TopicPartition] = []
        for (partition, result) in try await admin.listOffsets(specs, timeout: timeout) {
            if let offset = try result.get().offset {
                found[partition] = offset
            } else {
                missing.append(partition)
            }
        }
        for partition in missing.sorted() {
            context.complain(
                "\nWarn: Partition \(partition.partition) from topic \(partition.topic) is empty. Falling back to latest "
                    + "known offset.\n"
            )
        }
        return found.merging(try await logOffsets(missing, .latest)) { first, _ in first }
    }

    func logOffsets(_ partitions: [TopicPartition], _ spec: OffsetSpec) async throws -> Offsets {
        guard !partitions.isEmpty else { return [:] }
        let specs = Dictionary(partitions.map { ($0, spec) }) { first, _ in first }
        var offsets: Offsets = [:]
        for (partition, result) in try await admin.listOffsets(specs, timeout: timeout) {
            offsets[partition] = try result.get().offset ?? 0
        }
        return offsets
    }

    /// Offsets held within their logs, with a warning for each that was not.
    func clamped(_ wanted: Offsets) async throws -> Offsets {
        let partitions = wanted.keys.sorted()
        let starts = try await logOffsets(partitions, .earliest)
        let ends = try await logOffsets(partitions, .latest)
        var offsets: Offsets = [:]
        for partition in partitions {
            guard let want = wanted[partition], let start = starts[partition], let end = ends[partition] else {
                continue
            }
            let (offset, warning) = ResetScenario.clamped(want, to: partition, start: start, end: end)
            if let warning { context.complain(warning) }
            offsets[partition] = offset
        }
        return offsets
    }
}
