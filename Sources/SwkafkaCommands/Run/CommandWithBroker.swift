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
            context.interruptions.start(watching: nil)
            let status = try await command.brokers == 1 ? runWithBroker(directory) : runWithCluster(directory)
            if status == .success || context.interruptions.first != nil {
                directory.remove()
            } else {
                let serve = command.brokers == 1 ? "broker" : "cluster start"
                context.complain(
                    "The data are kept: 'swkafka \(serve) --data-dir \(directory.path)' serves them.\n"
                )
            }
            return status
        } catch {
            directory.remove()
            throw error
        }
    }

    /// A broker in this process.
    private func runWithBroker(_ directory: ScratchDirectory) async throws -> ExitStatus {
        let broker = Broker(configuration: try configuration(directory), logger: .brokerTalk)
        do {
            let address = try await broker.start()
            async let serving: Void = broker.run()
            let status: Result<ExitStatus, any Error>
            do {
                status = .success(try await runCommand(servers: address.description, adding: []))
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

    /// Processes of their own for a controller and each broker.
    private func runWithCluster(_ directory: ScratchDirectory) async throws -> ExitStatus {
        let home = try ClusterHome(directory.path, context.environment)
        var plan = ClusterPlan.onFreePorts(brokers: command.brokers, overrides: KeyValueOptions.parse(command.override))
        try home.save(plan)
        let nodes = plan.nodes.map(\.id)
        let status: Result<ExitStatus, any Error>
        do {
            let control = ClusterControl(home: home, context: context)
            _ = try await control.start(nodes, &plan)
            try await control.awaitMembers(plan.brokers.map(\.id), plan)
            status = .success(
                try await runCommand(
                    servers: ClusterOutput.servers(plan),
                    adding: [(ClusterHome.variable, home.path)]
                )
            )
        } catch {
            status = .failure(error)
        }
        // The signal that ended the command must not end the end.
        _ = try await ClusterControl(home: home, context: context.deaf).stop(nodes, plan)
        return try status.get()
    }

    private func runCommand(servers: String, adding more: [(name: String, value: String)]) async throws -> ExitStatus {
        try await createTopics(servers)
        let child = try ChildProcess(command.command, adding: Self.variables.map { ($0, servers) } + more)
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
