import KafkaBroker
import KafkaCoordination
import KafkaTransport
import Logging

/// Carries out `broker`.
struct BrokerRunner {
    var command: BrokerCommand
    var context: CommandContext

    /// A broker that acknowledges what only it has: for the test that 'cluster verify' finds out.
    static let earlyAcknowledgement = "SWKAFKA_TEST_ONLY_ACKNOWLEDGE_EARLY"

    func run() async throws -> ExitStatus {
        let configuration = try configuration()
        if !configuration.ignoredProperties.isEmpty {
            let names = configuration.ignoredProperties.joined(separator: ", ")
            context.complain("Settings without effect here are ignored: \(names).\n")
        }
        var environment = BrokerEnvironment(faults: command.faultsFile.map { FaultBoard(path: $0) })
        if context.environment[Self.earlyAcknowledgement] == "yes" { environment.sabotage = [.advancesEarly] }
        let broker = Broker(configuration: configuration, logger: .brokerTalk, environment: environment)
        context.interruptions.start(watching: nil)
        do {
            let interruptions = context.interruptions
            guard let address = try await start(broker) else { return interruptions.first?.status ?? .failure }
            // Ends with this scope, which cancels the wait.
            async let _: Void = {
                if await interruptions.wait() != nil { await broker.shutdown() }
            }()
            if configuration.clock != nil, let directory = broker.dataDirectory {
                context.complain("Its clock is set with: swkafka broker clock advance 1h --data-dir \(directory)\n")
            }
            let number = broker.nodeID ?? configuration.nodeID
            let role = broker.configuration.isController ? "controller" : "broker"
            try context.output.write("swkafka \(role) \(number) is ready on \(address)\n")
            try context.output.flush()
            if let file = command.readyFile {
                try FileWriting.replace(file, with: "\(address)\n", purpose: "file that says that the broker is ready")
            }
            try await broker.run()
            return .success
        } catch let error as BrokerError {
            throw CommandFailure("swkafka broker: \(sentence(error.description))")
        }
    }

    /// nil when a signal came first: a broker that waits for its controller must not wait for the signal's sender.
    private func start(_ broker: Broker) async throws(BrokerError) -> BrokerAddress? {
        let interruptions = context.interruptions
        let outcome = await withTaskGroup(of: Result<BrokerAddress, BrokerError>?.self) { group in
            group.addTask {
                do throws(BrokerError) {
                    return .success(try await broker.start())
                } catch {
                    return .failure(error)
                }
            }
            group.addTask {
                _ = await interruptions.wait()
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            guard first == nil else { return first }
            // Starting ends soon once it is cancelled; what it opened is closed.
            if case .success = await group.next() ?? nil { await broker.shutdown() }
            return nil
        }
        return try outcome?.get()
    }

    private func configuration() throws(CommandFailure) -> BrokerConfiguration {
        var properties: [String: String] = [:]
        if let file = command.config { properties = try PropertyFiles.read(file) }
        properties.merge(KeyValueOptions.parse(command.override)) { $1 }
        if let listen = command.listen { properties["listeners"] = "PLAINTEXT://\(listen)" }
        if let directory = command.dataDir {
            properties["log.dirs"] = directory
            properties["log.dir"] = nil
        } else if !command.ephemeral, properties["log.dirs"] == nil, properties["log.dir"] == nil {
            properties["log.dirs"] = DefaultDataDirectory.path(context.environment)
        }
        switch command.fsync {
        case .always: properties["log.flush.interval.messages"] = "1"
        case .system: properties["log.flush.interval.messages"] = nil
        case nil: break
        }
        if let creates = command.autoCreateTopics { properties["auto.create.topics.enable"] = String(creates) }
        do throws(BrokerConfigurationError) {
            var configuration = try BrokerConfiguration(properties: properties, isEphemeral: command.ephemeral)
            if let clock = command.clock { configuration.clock = try ClockSetting(parsing: clock) }
            return configuration
        } catch {
            throw CommandFailure("swkafka broker: \(sentence(error.description))")
        }
    }

    private func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }
}
