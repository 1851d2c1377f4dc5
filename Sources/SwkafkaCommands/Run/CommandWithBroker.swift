import Glibc
import KafkaBroker
import KafkaClient
import Logging

/// Carries out `run`: broker, topics, command, end.
struct CommandWithBroker {
    let command: RunCommand
    let context: CommandContext

    /// The names under which programs look for a broker's address.
    private static let variables = [
        "KAFKA_BOOTSTRAP_SERVERS", "BOOTSTRAP_SERVERS", "KAFKA_BROKERS", "SPRING_KAFKA_BOOTSTRAP_SERVERS",
    ]

    func run() async throws -> ExitStatus {
        let directory = try ScratchDirectory()
        do {
            let status = try await run(directory)
            if status == .success || context.interruptions.first != nil {
                directory.remove()
            } else {
                context.complain(
                    "The broker's data are kept: 'swkafka broker --data-dir \(directory.path)' serves them.\n"
                )
            }
            return status
        } catch {
            directory.remove()
            throw error
        }
    }

    private func run(_ directory: ScratchDirectory) async throws -> ExitStatus {
        let broker = Broker(configuration: try configuration(directory), logger: .brokerTalk)
        context.interruptions.start(watching: nil)
        do {
            let address = try await broker.start()
            async let serving: Void = broker.run()
            let status: Result<ExitStatus, any Error>
            do {
                status = .success(try await runCommand(servers: address.description))
            } catch {
                status = .failure(error)
            }
            await broker.shutdown()
            try await serving
            return try status.get()
        } catch let error as BrokerError {
            throw CommandFailure("swkafka run: \(error.description).")
        }
    }

    private func runCommand(servers: String) async throws -> ExitStatus {
        try await createTopics(servers)
        let child = try ChildProcess(command.command, adding: Self.variables.map { ($0, servers) })
        return await end(of: child)
    }

    private func configuration(_ directory: ScratchDirectory) throws(CommandFailure) -> BrokerConfiguration {
        var properties = KeyValueOptions.parse(command.override)
        properties["listeners"] = properties["listeners"] ?? "PLAINTEXT://127.0.0.1:0"
        properties["log.dirs"] = directory.path
        do throws(BrokerConfigurationError) {
            return try BrokerConfiguration(properties: properties)
        } catch {
            throw CommandFailure("swkafka run: \(error.description).")
        }
    }

    private func createTopics(_ servers: String) async throws {
        guard !command.topic.isEmpty else { return }
        let wanted = try command.topic.map { try TopicOption.parse($0) }
        let session = ClientSession(servers: servers, properties: ["client.id": "swkafka"])
        let results = try await session.administer(context) { admin in try await admin.createTopics(wanted) }
        for topic in wanted {
            if case .failure(let error)? = results[topic.name] { throw CommandFailure("swkafka run: \(error.message)") }
        }
    }

    /// Waits for the command's end; a signal to this process alone is passed on to it.
    private func end(of child: ChildProcess) async -> ExitStatus {
        let interruptions = context.interruptions
        return await withTaskGroup(of: ExitStatus?.self) { group in
            group.addTask { await child.status() }
            group.addTask {
                if case .signal(let number)? = await interruptions.wait() { child.pass(on: number) }
                return nil
            }
            while let result = await group.next() {
                if let status = result {
                    group.cancelAll()
                    return status
                }
            }
            return .failure
        }
    }
}
