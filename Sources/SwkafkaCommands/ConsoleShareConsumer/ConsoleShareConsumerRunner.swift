import KafkaClient
import Synchronization

/// Carries out `console-share-consumer`: prints what is lent, and acknowledges what was written.
struct ConsoleShareConsumerRunner {
    var command: ConsoleShareConsumerCommand
    var context: CommandContext

    /// How long joining a group may take before it counts.
    private static let longestJoin: Duration = .seconds(10)

    func run() async throws -> ExitStatus {
        let formatting = FormatterProperties(try command.printing.properties())
        for name in formatting.unknownDeserializers {
            context.complain("There is no deserializer \(name) here: raw bytes are printed.\n")
        }
        var printer = BatchPrinter(
            kind: command.printing.count
                ? .noOp : command.printing.formatter.flatMap(FormatterKind.init(className:)) ?? .standard,
            output: command.printing.output,
            template: command.printing.count ? nil : try command.printing.template(),
            properties: formatting,
            skipsErrors: command.rejectMessageOnError || command.printing.skipMessageOnError,
            limit: command.maxMessages == -1 ? nil : command.maxMessages,
            complain: context.complain
        )
        let session = ClientSession(
            servers: command.connection.servers,
            properties: try command.properties(),
            profile: command.connection.profile
        )
        context.interruptions.start(watching: context.outputDescriptor)
        if command.printing.output == .tsv, !command.printing.count {
            try context.output.write(TSVRecordFormatter.header)
        }
        do {
            let status = try await session.run(
                context,
                configure: { set throws(KafkaClientError) in try ShareConsumerConfiguration(properties: &set) }
            ) { cluster, configuration in
                try await consume(cluster, configuration, &printer)
            }
            return try finish(printer.count, status)
        } catch OutputError.closed {
            return .success
        } catch let error as KafkaClientError {
            let status = try finish(printer.count, .failure)
            // An interruption closes the client under the call that waits.
            guard context.interruptions.first == nil else { return status }
            guard error.code == .unsupportedByBroker else { throw error }
            throw ShareGroupSupport.failure(error)
        } catch {
            _ = try finish(printer.count, .failure)
            throw error
        }
    }

    /// The end as the user sees it: the count on standard error, unless nobody reads any more.
    private func finish(_ count: Int, _ status: ExitStatus) throws -> ExitStatus {
        if context.interruptions.first == .outputClosed { return .success }
        if command.printing.count { try context.output.write("\(count)\n") }
        try context.output.flush()
        context.complain("Processed a total of \(count) messages\n")
        if command.enableSystestEvents { try context.output.write("shutdown_complete\n") }
        return context.interruptions.first?.status ?? status
    }

    // MARK: Reading

    private func consume(
        _ cluster: KafkaCluster,
        _ configuration: ShareConsumerConfiguration,
        _ printer: inout BatchPrinter
    ) async throws -> ExitStatus {
        let consumer = KafkaShareConsumer(cluster: cluster, configuration: configuration)
        let interruptions = context.interruptions
        let isReading = Atomic(false)
        // Ends with this scope, which cancels the wait.
        async let _: Void = {
            guard await interruptions.wait() != nil else { return }
            consumer.wakeup()
            // To acknowledge and to leave may take a while, but not for ever.
            if isReading.load(ordering: .acquiring) {
                guard (try? await Task.sleep(for: .seconds(5))) != nil else { return }
            }
            await cluster.close()
        }()
        try await KafkaAdmin(cluster: cluster).requireShareGroups()
        guard !printer.isDone, let topic = command.topic else { return .success }
        guard try await TopicFinder(cluster: cluster, context: context, timeout: timeout).find(topic) else {
            return timedOut()
        }
        let outcome: Result<ExitStatus, any Error>
        do {
            try consumer.subscribe(topics: [topic])
            isReading.store(true, ordering: .releasing)
            outcome = .success(try await read(consumer, &printer))
        } catch let error as KafkaClientError where error.code == .wokenUp && interruptions.first != nil {
            outcome = .success(.success)
        } catch {
            outcome = .failure(error)
        }
        await consumer.close()
        let isComplete = tell(consumer.takeFailures())
        let status = try outcome.get()
        return isComplete ? status : .failure
    }

    private func read(_ consumer: KafkaShareConsumer, _ printer: inout BatchPrinter) async throws -> ExitStatus {
        let clock = ContinuousClock()
        var last = clock.now
        var assigned: ContinuousClock.Instant?
        var isComplete = true
        var progress = ProgressLine(context, verb: "read", isWanted: !context.outputIsTerminal)
        defer { progress.end() }
        _ = printer.takePassedOver()
        while !printer.isDone, context.interruptions.first == nil {
            let wanted = command.maxMessages.map { $0 == -1 ? .max : $0 - printer.count } ?? .max
            // Looked up from time to time, since joining the group does not count.
            let pause = timeout.map { min(max($0 - (clock.now - last), .milliseconds(1)), .seconds(1)) }
            let batch = try await consumer.nextBatch(maxRecords: wanted, timeout: pause)
            isComplete = tell(consumer.takeFailures()) && isComplete
            if assigned == nil, consumer.isAssigned { assigned = clock.now }
            guard let batch else {
                if isTimeUp(since: last, assigned: assigned, now: clock.now) { return timedOut(isComplete) }
                continue
            }
            try print(batch, consumer, &printer)
            last = clock.now
            progress.update(records: printer.count, bytes: context.output.position)
        }
        return isComplete ? .success : .failure
    }

    /// Prints records, and acknowledges those that were written whole.
    private func print(
        _ batch: SharedBatch,
        _ consumer: KafkaShareConsumer,
        _ printer: inout BatchPrinter
    ) throws {
        var failure: (any Error)?
        do {
            try printer.print(batch.batch, before: batch.offsets.upperBound + 1, to: context.output)
        } catch let error as OutputError {
            throw error
        } catch {
            failure = error
        }
        try context.output.flush()
        for offset in printer.takePassedOver() where command.rejectMessageOnError {
            consumer.acknowledge(batch, as: .reject, offsets: offset...offset)
        }
        let next = min(printer.nextOffset, batch.offsets.upperBound + 1)
        if next > batch.offsets.lowerBound {
            // Those that were rejected already stay so.
            consumer.acknowledge(batch, as: command.outcome, offsets: batch.offsets.lowerBound...(next - 1))
        }
        if let failure { throw failure }
    }

    /// Complains about acknowledgements that failed.
    ///
    /// - Returns: whether there were none.
    private func tell(_ failures: [ShareAcknowledgementFailure]) -> Bool {
        for failure in failures {
            context.complain(
                "\(failure.count) records of \(failure.partition) may be delivered again: \(failure.error.message)\n"
            )
        }
        return failures.isEmpty
    }

    // MARK: Time

    /// `--timeout-ms`, `nil` for no limit.
    private var timeout: Duration? { command.timeoutMs.flatMap { $0 >= 0 ? .milliseconds($0) : nil } }

    private func isTimeUp(
        since last: ContinuousClock.Instant,
        assigned: ContinuousClock.Instant?,
        now: ContinuousClock.Instant
    ) -> Bool {
        guard let timeout else { return false }
        guard let assigned else { return now - last >= timeout + Self.longestJoin }
        return now - max(last, assigned) >= timeout
    }

    private func timedOut(_ isComplete: Bool = true) -> ExitStatus {
        context.complain("No record came for \(command.timeoutMs ?? 0) ms (--timeout-ms).\n")
        return isComplete ? .success : .failure
    }
}
