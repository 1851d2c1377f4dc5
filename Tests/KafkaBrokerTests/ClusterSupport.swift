import KafkaMessages
import KafkaTransport
import Testing

@testable import KafkaBroker

/// A controller and brokers of their own, all in this process, without data that stay.
final class TestCluster: Sendable {
    let controller: BrokerAddress
    private let properties: [String: String]
    private let tasks: TaskBox

    /// Runs tasks of nodes for the cluster's lifetime.
    struct TaskBox: Sendable {
        let run: @Sendable (Broker) -> Void
    }

    init(controller: BrokerAddress, properties: [String: String], tasks: TaskBox) {
        self.controller = controller
        self.properties = properties
        self.tasks = tasks
    }

    /// Starts a broker, which takes part a moment later.
    ///
    /// - Parameter directory: for data that stay.
    func start(
        _ id: Int32,
        _ more: [String: String] = [:],
        directory: String? = nil
    ) async throws -> (broker: Broker, client: TestClient) {
        var all = properties.merging(more) { $1 }
        all["process.roles"] = "broker"
        all["node.id"] = "\(id)"
        all["listeners"] = "PLAINTEXT://127.0.0.1:0"
        all["controller.quorum.bootstrap.servers"] = "\(controller)"
        if let directory { all["log.dirs"] = directory }
        let configuration = try BrokerConfiguration(properties: all, isEphemeral: directory == nil)
        let broker = Broker(configuration: configuration, logger: quietLogger)
        let address = try await broker.start()
        tasks.run(broker)
        return (broker, TestClient(address: address, connection: try await connect(address)))
    }

    func controllerClient() async throws -> TestClient {
        TestClient(address: controller, connection: try await connect(controller))
    }
}

/// Runs a controller on a free port while `body` runs; all its brokers end with it.
func withCluster(
    _ properties: [String: String] = [:],
    _ body: @Sendable @escaping (TestCluster) async throws -> Void
) async throws {
    var shared = ["broker.heartbeat.interval.ms": "100", "initial.broker.registration.timeout.ms": "60000"]
    shared.merge(properties) { $1 }
    var own = shared
    own["process.roles"] = "controller"
    own["node.id"] = "1"
    own["controller.listener.names"] = "CONTROLLER"
    own["listeners"] = "CONTROLLER://127.0.0.1:0"
    let controller = Broker(
        configuration: try BrokerConfiguration(properties: own, isEphemeral: true),
        logger: quietLogger
    )
    let (brokers, feed) = AsyncStream<Broker>.makeStream()
    try await controller.serve { [shared] address in
        let cluster = TestCluster(
            controller: address,
            properties: shared,
            tasks: TestCluster.TaskBox { feed.yield($0) }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingTaskGroup(of: Void.self) { nodes in
                    var all: [Broker] = []
                    for await broker in brokers {
                        all.append(broker)
                        nodes.addTask { try await broker.run() }
                    }
                    for broker in all { await broker.shutdown() }
                    try await nodes.waitForAll()
                }
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(cluster))
            } catch {
                result = .failure(error)
            }
            feed.finish()
            try await group.waitForAll()
            try result.get()
        }
    }
}

extension TestClient {
    /// Asks for all topics until the answer is as expected.
    @discardableResult
    func metadata(until condition: (MetadataResponse) -> Bool) async throws -> MetadataResponse {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let response = try await send(MetadataRequest(topics: nil))
            if condition(response) { return response }
            try #require(ContinuousClock.now < deadline, "waited a minute for other metadata than \(response)")
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
