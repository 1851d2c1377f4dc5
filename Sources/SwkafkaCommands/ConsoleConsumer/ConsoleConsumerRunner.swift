import KafkaClient
import Synchronization

/// Carries out `console-consumer`.
struct ConsoleConsumerRunner {
    var command: ConsoleConsumerCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        let properties = try properties()
        let formatting = FormatterProperties(try command.printing.properties())
        for name in formatting.unknownDeserializers {
            context.complain("There is no deserializer \(name) here: raw bytes are printed.\n")
        }
        let pattern = try command.reading.pattern.map { text throws(CommandFailure) in
            try TopicPattern(expression: text)
        }
        var printer = BatchPrinter(
            kind: command.printing.count
                ? .noOp : command.printing.formatter.flatMap(FormatterKind.init(className:)) ?? .standard,
            output: command.printing.output,
            template: command.printing.count ? nil : try command.printing.template(),
            filter: try command.filtering.filter(),
            properties: formatting,
            skipsErrors: command.printing.skipMessageOnError,
            limit: command.reading.maxMessages == -1 ? nil : command.reading.maxMessages,
            complain: context.complain
        )
        context.interruptions.start(watching: context.outputDescriptor)
        if command.printing.output == .tsv, !command.printing.count {
            try context.output.write(TSVRecordFormatter.header)
        }
        let session = ClientSession(
            servers: command.connection.servers,
            properties: properties,
            profile: command.connection.profile
        )
        var status = ExitStatus.success
        do {
            try await session.run(
                context,
                configure: { set throws(KafkaClientError) in try ConsumerConfiguration(properties: &set) }
            ) { cluster, configuration in
                status = try await consume(cluster, configuration, pattern, &printer)
            }
            try context.output.flush()
        } catch OutputError.closed {
            return .success
        } catch let error as KafkaClientError {
            // An interruption closes the client under the call that waits.
            guard context.interruptions.first == nil else { return try finish(printer.count, printer.examined, status) }
            _ = try finish(printer.count, printer.examined, status)
            throw error
        } catch {
            _ = try finish(printer.count, printer.examined, status)
            throw error
        }
        return try finish(printer.count, printer.examined, status)
    }

    /// The end as the user sees it: the count on standard error, unless nobody reads any more.
    private func finish(_ count: Int, _ examined: Int, _ status: ExitStatus) throws -> ExitStatus {
        if context.interruptions.first == .outputClosed { return .success }
        if command.printing.count { try context.output.write("\(count)\n") }
        try context.output.flush()
        let examined = examined > count ? " of \(examined) read" : ""
        context.complain("Processed a total of \(count) messages\(examined)\n")
        if command.enableSystestEvents { try context.output.write("shutdown_complete\n") }
        return context.interruptions.first?.status ?? status
    }

    // MARK: Reading

    private func consume(
        _ cluster: KafkaCluster,
        _ configuration: ConsumerConfiguration,
        _ pattern: TopicPattern?,
        _ printer: inout BatchPrinter
    ) async throws -> ExitStatus {
        guard !printer.isDone else { return .success }
        let interval = configuration.group.flatMap { $0.commitsAutomatically ? $0.autoCommitInterval : nil }
        var configuration = configuration
        configuration.group?.commitsAutomatically = false
        let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
        var group = configuration.group.map { _ in GroupReading(consumer: consumer, interval: interval) }
        let interruptions = context.interruptions
        let isReading = Atomic(false)
        // Ends with this scope, which cancels the wait.
        async let _: Void = {
            guard await interruptions.wait() != nil else { return }
            consumer.wakeup()
            // To commit and to leave may take a while, but not for ever.
            if isReading.load(ordering: .acquiring) {
                guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
            }
            await cluster.close()
        }()
        let outcome: Result<ExitStatus, any Error>
        do {
            if command.bounds.isUsed, configuration.group == nil {
                isReading.store(true, ordering: .releasing)
                outcome = .success(try await readRanges(consumer, cluster, pattern, &printer))
            } else if try await begin(consumer, cluster, group, pattern) {
                isReading.store(true, ordering: .releasing)
                let ends = command.bounds.exitAtEnd ? try await ends(consumer, cluster, pattern) : nil
                outcome = .success(try await read(consumer, &group, ends, &printer))
            } else {
                outcome = .success(timedOut())
            }
        } catch let error as KafkaClientError where error.code == .wokenUp && interruptions.first != nil {
            outcome = .success(.success)
        } catch {
            outcome = .failure(error)
        }
        let ending = await end(consumer, &group, printer)
        let status = try outcome.get()
        return try ending.get() ?? status
    }

    private func read(
        _ consumer: KafkaConsumer,
        _ group: inout GroupReading?,
        _ ends: GroupEnds?,
        _ printer: inout BatchPrinter
    ) async throws -> ExitStatus {
        let clock = ContinuousClock()
        let output = context.output
        var last = clock.now
        var progress = progress
        defer { progress.end() }
        while !printer.isDone, context.interruptions.first == nil {
            try group?.commitIfDue(output)
            var batch = try consumer.takeBatch()
            if batch == nil {
                // Nothing more at the moment: what was printed shall be seen, and partitions may go to others now.
                try output.flush()
                group?.settle(output)
                if let ends, ends.areReached(consumer, assigned: group?.assigned, now: clock.now) { return .success }
                let pause = pause(group, since: last)
                batch = try await consumer.nextBatch(timeout: ends == nil ? pause : GroupEnds.pause)
            }
            guard let batch else {
                if isTimeUp(group, since: last, now: clock.now) { return timedOut() }
                continue
            }
            let (count, start) = (printer.count, output.position)
            do {
                try printer.print(batch, before: ends?.end(of: batch.partition) ?? .max, to: output)
            } catch let error as OutputError {
                group?.noteCut(batch, from: start)
                throw error
            } catch {
                try group?.note(batch, next: printer.nextOffset, from: start, in: output)
                throw error
            }
            try group?.note(batch, next: printer.nextOffset, from: start, in: output)
            if printer.count > count { last = clock.now }
            progress.update(records: max(printer.count, printer.examined), bytes: output.position)
        }
        return .success
    }

    /// Shown when records go elsewhere and somebody waits.
    var progress: ProgressLine { ProgressLine(context, verb: "read", isWanted: !context.outputIsTerminal) }

    /// How long to wait for a batch; `nil` for as long as it takes.
    private func pause(_ group: GroupReading?, since last: ContinuousClock.Instant) -> Duration? {
        // Commits fall due also when nothing comes, and the time to join a group is seen afterwards only.
        let pause: Duration? = group == nil ? nil : .seconds(1)
        guard let timeout else { return pause }
        let left = timeout - (ContinuousClock.now - last)
        return min(pause ?? timeout, left > .zero ? left : timeout)
    }

    /// `--timeout-ms`, `nil` for no limit.
    var timeout: Duration? { command.reading.timeoutMs.flatMap { $0 >= 0 ? .milliseconds($0) : nil } }

    /// Whether no record came for too long. To join a group does not count, unless it takes long.
    private func isTimeUp(_ group: GroupReading?, since last: ContinuousClock.Instant, now: ContinuousClock.Instant)
        -> Bool
    {
        guard let timeout else { return false }
        guard let group else { return now - last >= timeout }
        guard let assigned = group.assigned else { return now - last >= timeout + Self.longestJoin }
        return now - max(last, assigned) >= timeout
    }

    /// How long joining a group may take before it counts.
    private static let longestJoin: Duration = .seconds(10)

    func timedOut() -> ExitStatus {
        context.complain("No record came for \(command.reading.timeoutMs ?? 0) ms (--timeout-ms).\n")
        return .success
    }

    /// Writes out what was printed, commits that, leaves the group and closes. A failure to commit is told, and its status
    /// returned.
    private func end(
        _ consumer: KafkaConsumer,
        _ group: inout GroupReading?,
        _ printer: BatchPrinter
    ) async -> Result<ExitStatus?, OutputError> {
        var result: Result<ExitStatus?, OutputError> = .success(nil)
        do throws(OutputError) {
            try context.output.flush()
        } catch {
            result = .failure(error)
        }
        group?.settlePartly(context.output, printer)
        do throws(KafkaClientError) {
            try await group?.commit()
        } catch {
            context.complain("What was read last will be read again: \(error.message)\n")
            result = result.flatMap { _ in .success(.failure) }
        }
        await consumer.close()
        return result
    }

    // MARK: What to read

    /// Says what to read. False when the time was up before the topic existed.
    private func begin(
        _ consumer: KafkaConsumer,
        _ cluster: KafkaCluster,
        _ group: GroupReading?,
        _ pattern: TopicPattern?
    ) async throws -> Bool {
        if let pattern {
            let topics = try await KafkaAdmin(cluster: cluster).listTopics()
            if !topics.contains(where: { pattern.matches($0.name) }) {
                context.complain("No topic matches --include yet; waiting for one.\n")
            }
        } else if let topic = command.reading.topic, command.reading.partition == nil {
            guard try await TopicFinder(cluster: cluster, context: context, timeout: timeout).find(topic) else {
                return false
            }
        }
        if let group {
            try group.subscribe(topic: command.reading.topic, pattern: pattern)
        } else if let topic = command.reading.topic, let partition = command.reading.partition {
            consumer.assign([TopicPartition(topic: topic, partition: partition): partitionStart])
        }
        return true
    }

    /// Where the partitions of a group's topics end now.
    private func ends(
        _ consumer: KafkaConsumer,
        _ cluster: KafkaCluster,
        _ pattern: TopicPattern?
    ) async throws -> GroupEnds {
        let admin = KafkaAdmin(cluster: cluster)
        let specs = try await partitions(admin, pattern).map { ($0, OffsetSpec.latest) }
        let found = try await admin.listOffsets(
            Dictionary(specs, uniquingKeysWith: { first, _ in first }),
            isolationLevel: consumer.configuration.isolationLevel
        )
        return GroupEnds(try found.compactMapValues { try $0.get().offset })
    }

    private var partitionStart: StartPosition {
        switch command.reading.start {
        case .earliest: .beginning
        case .latest, nil: .end
        case .offset(let offset): .offset(offset)
        }
    }
}
