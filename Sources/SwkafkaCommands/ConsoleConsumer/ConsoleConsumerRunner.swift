import KafkaClient

/// Carries out `console-consumer`.
struct ConsoleConsumerRunner {
    var command: ConsoleConsumerCommand
    var context: CommandContext

    func run() async throws -> ExitStatus {
        let properties = try properties()
        if command.reading.group != nil || properties["group.id"] != nil {
            context.complain(
                "This version has no consumer groups: every partition is read, and no offset is stored for the group.\n"
            )
        }
        let formatting = FormatterProperties(try command.printing.properties())
        for name in formatting.unknownDeserializers {
            context.complain("There is no deserializer \(name) here: raw bytes are printed.\n")
        }
        let pattern = try command.reading.pattern.map { text throws(CommandFailure) in
            try TopicPattern(expression: text)
        }
        var printer = BatchPrinter(
            kind: command.printing.formatter.flatMap(FormatterKind.init(className:)) ?? .standard,
            properties: formatting,
            skipsErrors: command.printing.skipMessageOnError,
            limit: command.reading.maxMessages == -1 ? nil : command.reading.maxMessages,
            complain: context.complain
        )
        context.interruptions.start(watching: context.outputDescriptor)
        let session = ClientSession(servers: command.connection.servers, properties: properties)
        var status = ExitStatus.success
        do {
            try await session.run(
                context,
                configure: { set throws(KafkaClientError) in
                    var configuration = try ConsumerConfiguration(properties: &set)
                    configuration.group = nil
                    return configuration
                }
            ) { cluster, configuration in
                status = try await consume(cluster, configuration, pattern, &printer)
            }
            try context.output.flush()
        } catch OutputError.closed {
            return .success
        } catch let error as KafkaClientError {
            // An interruption closes the client under the call that waits.
            guard context.interruptions.first == nil else { return try finish(printer.count, status) }
            _ = try finish(printer.count, status)
            throw error
        } catch {
            _ = try finish(printer.count, status)
            throw error
        }
        return try finish(printer.count, status)
    }

    /// The end as the user sees it: the count on standard error, unless nobody reads any more.
    private func finish(_ count: Int, _ status: ExitStatus) throws -> ExitStatus {
        if context.interruptions.first == .outputClosed { return .success }
        try context.output.flush()
        context.complain("Processed a total of \(count) messages\n")
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
        let consumer = KafkaConsumer(cluster: cluster, configuration: configuration)
        let interruptions = context.interruptions
        // Ends with this scope, which cancels the wait.
        async let _: Void = {
            guard await interruptions.wait() != nil else { return }
            await consumer.close()
            await cluster.close()
        }()
        let status = try await read(consumer, configuration, pattern, &printer)
        await consumer.close()
        return status
    }

    private func read(
        _ consumer: KafkaConsumer,
        _ configuration: ConsumerConfiguration,
        _ pattern: TopicPattern?,
        _ printer: inout BatchPrinter
    ) async throws -> ExitStatus {
        let timeout = command.reading.timeoutMs.flatMap { $0 >= 0 ? Duration.milliseconds($0) : nil }
        guard try await assign(consumer, configuration, pattern, timeout) else { return timedOut() }
        let clock = ContinuousClock()
        var deadline = timeout.map { clock.now + $0 }
        while !printer.isDone, context.interruptions.first == nil {
            var batch = try consumer.takeBatch()
            if batch == nil {
                // Nothing more at the moment: what was printed shall be seen.
                try context.output.flush()
                batch = try await consumer.nextBatch(timeout: deadline.map { max(.zero, $0 - clock.now) })
            }
            guard let batch else { return timedOut() }
            let before = printer.count
            try printer.print(batch, to: context.output)
            if printer.count > before { deadline = timeout.map { clock.now + $0 } }
        }
        return .success
    }

    private func timedOut() -> ExitStatus {
        context.complain("No record came for \(command.reading.timeoutMs ?? 0) ms (--timeout-ms).\n")
        return .success
    }

    // MARK: Assignment

    /// False when the time was up before the topic existed.
    private func assign(
        _ consumer: KafkaConsumer,
        _ configuration: ConsumerConfiguration,
        _ pattern: TopicPattern?,
        _ timeout: Duration?
    ) async throws -> Bool {
        if let pattern {
            let includesInternal = try properties()["exclude.internal.topics"].map { !KeyValueOptions.isTrue($0) }
            let topics = try await consumer.assign(
                topicsMatching: { pattern.matches($0) },
                from: start(configuration),
                includesInternal: includesInternal ?? false
            )
            if topics.isEmpty { context.complain("No topic matches --include yet; waiting for one.\n") }
            return true
        }
        guard let topic = command.reading.topic else { return true }
        if let partition = command.reading.partition {
            consumer.assign([TopicPartition(topic: topic, partition: partition): partitionStart])
            return true
        }
        return try await assign(consumer, topic, start(configuration), timeout)
    }

    /// Waits for the topic, as Kafka does: the broker may create it, or somebody else.
    private func assign(
        _ consumer: KafkaConsumer,
        _ topic: String,
        _ start: StartPosition,
        _ timeout: Duration?
    ) async throws -> Bool {
        var hasTold = false
        while true {
            do throws(KafkaClientError) {
                try await consumer.assign(topics: [topic], from: start, timeout: timeout ?? .seconds(5))
                return true
            } catch {
                guard error.code == .unknownTopic else { throw error }
                if timeout != nil {
                    context.complain("\(error.message)\n")
                    return false
                }
                if !hasTold { context.complain("\(error.message) Waiting for it.\n") }
                hasTold = true
            }
        }
    }

    private func start(_ configuration: ConsumerConfiguration) -> StartPosition {
        if command.reading.fromBeginning { return .beginning }
        switch configuration.offsetReset {
        case .earliest: return .beginning
        case .byDuration(let duration):
            let (seconds, attoseconds) = duration.components
            return .timestamp(context.nowMs() - seconds * 1000 - attoseconds / 1_000_000_000_000_000)
        case .latest, .none: return .end
        }
    }

    private var partitionStart: StartPosition {
        switch command.reading.start {
        case .earliest: .beginning
        case .latest, nil: .end
        case .offset(let offset): .offset(offset)
        }
    }

    // MARK: Settings

    /// Options win over `--command-property`, that over the file.
    private func properties() throws(CommandFailure) -> [String: String] {
        let own = KeyValueOptions.parse(command.commandProperty + command.consumerProperty)
        var file: [String: String] = [:]
        if let path = command.configFile { file = try PropertyFiles.read(path) }
        var properties = file.merging(own) { $1 }
        try checkGroups([command.reading.group, own["group.id"], file["group.id"]].compactMap { $0 })
        if properties["client.id"] == nil { properties["client.id"] = "console-consumer" }
        if let level = command.reading.isolationLevel { properties["isolation.level"] = level }
        let reset = properties["auto.offset.reset"]
        if command.reading.fromBeginning {
            guard reset == nil || reset == "earliest" else {
                throw CommandFailure(
                    "--from-beginning contradicts auto.offset.reset=\(reset ?? ""): leave one of them out.",
                    status: .usage
                )
            }
            properties["auto.offset.reset"] = "earliest"
        }
        return properties
    }

    private func checkGroups(_ groups: [String]) throws(CommandFailure) {
        guard Set(groups).count <= 1 else {
            throw CommandFailure(
                "Group ids differ: \(Set(groups).sorted().map { "'\($0)'" }.joined(separator: ", ")). Give one.",
                status: .usage
            )
        }
        guard let group = groups.first else { return }
        if command.reading.partition != nil {
            throw CommandFailure("--partition cannot be used with a group ('\(group)').", status: .usage)
        }
    }
}
