public import Logging
import Synchronization

/// A Kafka broker and controller in one process, embeddable in any program.
///
/// ```swift
/// let broker = Broker(configuration: try BrokerConfiguration(properties: ["listeners": "PLAINTEXT://127.0.0.1:0"], isEphemeral: true))
/// try await broker.serve { address in
///     // clients connect to `address`
/// }
/// ```
///
/// `start` opens the data directory and the port, `run` answers requests until `shutdown`. A broker is used once.
public final class Broker: Sendable {
    private enum State {
        case new
        case started(BrokerRuntime)
        case running(BrokerRuntime)
        case stopped
    }

    public let configuration: BrokerConfiguration
    private let logger: Logger
    private let environment: BrokerEnvironment
    private let state = Mutex(State.new)

    public convenience init(configuration: BrokerConfiguration, logger: Logger = Logger(label: "swkafka.broker")) {
        self.init(configuration: configuration, logger: logger, environment: BrokerEnvironment())
    }

    /// A broker on another disk or clock than the machine's.
    package init(configuration: BrokerConfiguration, logger: Logger, environment: BrokerEnvironment) {
        self.configuration = configuration
        self.logger = logger
        self.environment = environment
    }

    /// Opens the data directory, repairs it if the last run did not end cleanly, and opens the port. Connections are
    /// accepted from here on and answered as soon as `run` is called.
    ///
    /// - Returns: the address that clients are told, with the real port.
    /// - Throws: when the directory or the port cannot be used; nothing stays open then.
    public func start() async throws(BrokerError) -> BrokerAddress {
        guard state.withLock({ if case .new = $0 { true } else { false } }) else {
            throw BrokerError(.state, "a broker can be started only once")
        }
        let runtime = try await BrokerRuntime.start(configuration, logger: logger, environment)
        state.withLock { $0 = .started(runtime) }
        return runtime.address
    }

    /// Answers requests until `shutdown` or until the task is cancelled; then finishes what is in flight, makes the
    /// data durable and closes everything.
    public func run() async throws(BrokerError) {
        let runtime = state.withLock { state -> BrokerRuntime? in
            guard case .started(let runtime) = state else { return nil }
            state = .running(runtime)
            return runtime
        }
        guard let runtime else { throw BrokerError(.state, "a broker runs once, after start") }
        defer { state.withLock { $0 = .stopped } }
        try await runtime.run()
    }

    /// Ends `run`, or closes a broker that was started and not run. Returns when requests in flight have been answered.
    public func shutdown() async {
        let current = state.withLock { state -> State in
            defer { if case .started = state { state = .stopped } }
            return state
        }
        switch current {
        case .new, .stopped: break
        case .started(let runtime): await runtime.abandon()
        case .running(let runtime): await runtime.shutdown()
        }
    }

    /// Starts the broker, runs it while `body` runs, and stops it in the end.
    public func serve<Result: Sendable>(
        _ body: @Sendable @escaping (BrokerAddress) async throws -> Result
    ) async throws -> Result {
        let address = try await start()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(address))
            } catch {
                result = .failure(error)
            }
            await shutdown()
            try await group.waitForAll()
            return try result.get()
        }
    }
}
