import KafkaClient

extension ConsoleConsumerRunner {
    /// Reads what `--from`, `--until`, `--tail` and `--exit-at-end` ask for.
    func readRanges(
        _ consumer: KafkaConsumer,
        _ cluster: KafkaCluster,
        _ pattern: TopicPattern?,
        _ printer: inout BatchPrinter
    ) async throws -> ExitStatus {
        let ranges = try await ranges(consumer, KafkaAdmin(cluster: cluster), pattern)
        if command.bounds.isOrdered { return try await readOrdered(consumer, ranges, &printer) }
        var reader = RangeReader(consumer, ranges)
        let (output, clock) = (context.output, ContinuousClock())
        var last = clock.now
        var progress = progress
        defer { progress.end() }
        while !printer.isDone, context.interruptions.first == nil {
            let left = timeout.map { max(.zero, $0 - (clock.now - last)) }
            switch try await reader.next(timeout: left, idle: { try output.flush() }) {
            case .batch(let batch, let end):
                let count = printer.count
                try printer.print(batch, before: end, to: output)
                if printer.count > count { last = clock.now }
                progress.update(records: max(printer.count, printer.examined), bytes: output.position)
            case .nothing: return timedOut()
            case .finished: return .success
            }
        }
        return .success
    }

    private func readOrdered(
        _ consumer: KafkaConsumer,
        _ ranges: [TopicPartition: ReadingBounds.Range],
        _ printer: inout BatchPrinter
    ) async throws -> ExitStatus {
        var reader = OrderedReader(consumer, ranges, printer)
        let clock = ContinuousClock()
        var last = clock.now
        while context.interruptions.first == nil {
            switch try await reader.step(&printer, to: context.output) {
            case .going: last = clock.now
            case .waiting:
                if let timeout, clock.now - last >= timeout { return timedOut() }
            case .finished: return .success
            }
        }
        return .success
    }

    private func ranges(
        _ consumer: KafkaConsumer,
        _ admin: KafkaAdmin,
        _ pattern: TopicPattern?
    ) async throws -> [TopicPartition: ReadingBounds.Range] {
        var bounds = try command.bounds.bounds(nowMs: context.nowMs())
        switch command.reading.start {
        case .earliest?: bounds.fromBeginning = true
        case .offset(let offset)?: bounds.from = .offset(offset)
        case .latest?, nil:
            // To stop at the end without a start means everything that is there.
            bounds.fromBeginning = bounds.from == nil && command.reading.offset == nil
        }
        let partitions = try await partitions(admin, pattern)
        let isolationLevel = consumer.configuration.isolationLevel
        if command.bounds.tail ?? command.bounds.tailTotal != nil { bounds.fromBeginning = true }
        let ranges = try await bounds.ranges(of: partitions, admin, isolationLevel: isolationLevel)
        if let count = command.bounds.tailTotal {
            return try await lastOfAll(ranges, TailFinder(consumer: consumer, count: count))
        }
        guard let count = command.bounds.tail else { return ranges }
        let finder = TailFinder(consumer: consumer, count: count)
        var tails: [TopicPartition: ReadingBounds.Range] = [:]
        for (partition, range) in ranges.sorted(by: { $0.key < $1.key }) {
            tails[partition] = try await finder.tail(of: partition, range)
        }
        return tails
    }

    private func lastOfAll(
        _ ranges: [TopicPartition: ReadingBounds.Range],
        _ finder: TailFinder
    ) async throws -> [TopicPartition: ReadingBounds.Range] {
        var seen: [TopicPartition: [TailFinder.Seen]] = [:]
        for (partition, range) in ranges.sorted(by: { $0.key < $1.key }) {
            seen[partition] = try await finder.last(of: partition, range)
        }
        let starts = TailFinder.starts(seen, count: finder.count)
        var tails: [TopicPartition: ReadingBounds.Range] = [:]
        for (partition, start) in starts {
            tails[partition] = ReadingBounds.Range(start: start, end: ranges[partition]?.end)
        }
        return tails
    }

    func partitions(_ admin: KafkaAdmin, _ pattern: TopicPattern?) async throws -> [TopicPartition] {
        var topics = [command.reading.topic].compactMap { $0 }
        if let pattern {
            topics = try await admin.listTopics().map(\.name).filter { pattern.matches($0) }
            guard !topics.isEmpty else { throw CommandFailure("No topic matches --include.") }
        }
        var partitions: [TopicPartition] = []
        for (name, result) in try await admin.describeTopics(topics) {
            partitions += try result.get().partitions.map { TopicPartition(topic: name, partition: $0.metadata.index) }
        }
        guard let wanted = command.reading.partition else { return partitions }
        guard let partition = partitions.first(where: { $0.partition == wanted }) else {
            throw CommandFailure("Topic \(command.reading.topic ?? "") has no partition \(wanted).")
        }
        return [partition]
    }
}
