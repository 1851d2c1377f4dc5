public import Logging
import Synchronization

/// A Kafka broker, controller, or both in one process, embeddable in any program.
///
/// What it is says `process.roles` in its configuration; without that it is both.
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
        case starting
        case started(any NodeRuntime)
        case running(any NodeRuntime)
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
        self.logger = SwitchedLogHandler.switching(logger)
        self.environment = environment
    }

    /// Opens the data directory, repairs it if the last run did not end cleanly, and opens the port. Connections are
    /// accepted from here on and answered as soon as `run` is called.
    ///
    /// - Returns: the address that clients are told, with the real port.
    /// - Throws: when the directory or the port cannot be used; nothing stays open then.
    public func start() async throws(BrokerError) -> BrokerAddress {
        let isFirst = state.withLock { state in
            guard case .new = state else { return false }
            state = .starting
            return true
        }
        guard isFirst else { throw BrokerError(.state, "a broker can be started only once") }
        do {
            let runtime: any NodeRuntime =
                if configuration.role == .controller {
                    try await ControllerRuntime.start(configuration, logger: logger, environment)
                } else {
                    try await BrokerRuntime.start(configuration, logger: logger, environment)
                }
            state.withLock { $0 = .started(runtime) }
            return runtime.address
        } catch {
            state.withLock { $0 = .stopped }
            throw error
        }
    }

    /// The number of a started broker, which its data directory may have told; nil before and after.
    package var nodeID: Int32? {
        state.withLock { state in
            switch state {
            case .started(let runtime), .running(let runtime): runtime.nodeID
            case .new, .starting, .stopped: nil
            }
        }
    }

    /// Where a started broker keeps its data; nil before and after.
    package var dataDirectory: String? {
        state.withLock { state in
            switch state {
            case .started(let runtime), .running(let runtime): runtime.dataDirectory
            case .new, .starting, .stopped: nil
            }
        }
    }

    /// Answers requests until `shutdown` or until the task is cancelled; then finishes what is in flight, makes the
    /// data durable and closes everything. Returns at once when the broker was shut down before.
    public func run() async throws(BrokerError) {
        if let runtime = try beginRunning() { try await run(runtime) }
    }

    /// nil when the broker was stopped already.
    private func beginRunning() throws(BrokerError) -> (any NodeRuntime)? {
        try state.withLock { state throws(BrokerError) in
            switch state {
            case .started(let runtime):
                state = .running(runtime)
                return runtime
            case .stopped: return nil
            case .new, .starting, .running: throw BrokerError(.state, "a broker runs once, after start")
            }
        }
    }

    private func run(_ runtime: any NodeRuntime) async throws(BrokerError) {
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
        case .new, .starting, .stopped: break
        case .started(let runtime): await runtime.abandon()
        case .running(let runtime): await runtime.shutdown()
        }
    }

    /// Starts the broker, runs it while `body` runs, and stops it in the end.
    public func serve<Result: Sendable>(
        _ body: @Sendable @escaping (BrokerAddress) async throws -> Result
    ) async throws -> Result {
        let address = try await start()
        // Before anything else can happen, so that the shutdown below always meets a broker that runs.
        let runtime = try beginRunning()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if let runtime { group.addTask { try await self.run(runtime) } }
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
