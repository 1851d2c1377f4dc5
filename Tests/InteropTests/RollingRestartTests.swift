import Foundation
import KafkaTestSupport
import Testing

/// One client after the other would take minutes: all are at work while the brokers are restarted in turn.
@Suite("Clients that others wrote, while every broker of three is restarted", .timeLimit(.minutes(4)))
struct RollingRestartTests {
    private static let clients = ["confluent", "kafka-python", "aiokafka", "kcat"]

    private static func overrides(_ settings: [String: String]) -> [String] {
        settings.sorted { $0.key < $1.key }.flatMap { ["--override", "\($0.key)=\($0.value)"] }
    }

    @Test func noErrorComesToTheApplication() async throws {
        try await withTemporaryDirectory { directory in
            let controllerPort = try PortReservation()
            let controller = Self.overrides([
                "process.roles": "controller", "node.id": "1", "controller.listener.names": "CONTROLLER",
                "listeners": "CONTROLLER://127.0.0.1:\(controllerPort.port)", "broker.session.timeout.ms": "6000",
            ])
            try await ManagedProcess.with(Swkafka.path, ["broker", "--data-dir", "\(directory)/1"] + controller) {
                node in
                _ = try await node.line(containing: "is ready")
                let nodes = try (1001...1003).map { id in
                    try Node(id: id, controller: controllerPort.port, directory: "\(directory)/\(id)")
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let (readiness, feed) = AsyncStream<Void>.makeStream()
                    for node in nodes { group.addTask { try await node.live { feed.yield() } } }
                    let failure = await Self.failure {
                        var ready = readiness.makeAsyncIterator()
                        for _ in nodes { _ = await ready.next() }
                        try await Self.runClients(nodes)
                    }
                    for node in nodes { node.end() }
                    if let failure {
                        group.cancelAll()
                        throw failure
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func failure(_ body: () async throws -> Void) async -> (any Error)? {
        do {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    private static func runClients(_ nodes: [Node]) async throws {
        let servers = nodes.map(\.address).joined(separator: ",")
        for client in clients {
            try await untilItWorks {
                let created = try await Swkafka.run(
                    "topics",
                    "--create",
                    "--topic",
                    client,
                    "--partitions",
                    "3",
                    "--replication-factor",
                    "3",
                    "--config",
                    "min.insync.replicas=2",
                    "--if-not-exists",
                    "--bootstrap-server",
                    servers
                )
                return created.status == 0
            }
        }
        let over = Finished()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (running, feed) = AsyncStream<Void>.makeStream()
            for client in clients {
                group.addTask { try await run(client, servers, until: over) { feed.yield() } }
            }
            group.addTask {
                var ready = running.makeAsyncIterator()
                for _ in clients { _ = await ready.next() }
                for node in nodes {
                    try await node.restart()
                    try await untilItWorks { try await isWhole(servers) }
                }
                over.set()
            }
            try await group.waitForAll()
        }
    }

    private static func run(
        _ client: String,
        _ servers: String,
        until over: Finished,
        runs: @escaping @Sendable () -> Void
    ) async throws {
        var environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        if client == "kafka-python" {
            environment["PYTHONPATH"] =
                PythonClients.environment.appendingPathComponent("kafka-python-current").path
        }
        try await ManagedProcess.with(
            PythonClients.interpreter,
            [PythonClients.script("rolling_restart"), client, servers, client],
            environment: environment
        ) { process in
            _ = try await process.line(containing: "running")
            runs()
            try await over.wait(seconds: 200)
            process.closeInput()
            let status = await process.status()
            #expect(status == 0, "\(process.output.text)\(process.errors.text)")
        }
    }

    /// Whether all three brokers are in sync in everything.
    private static func isWhole(_ servers: String) async throws -> Bool {
        let described = try await Swkafka.run(
            "topics",
            "--describe",
            "--under-replicated-partitions",
            "--bootstrap-server",
            servers
        )
        return described.status == 0 && described.text.allSatisfy(\.isWhitespace)
    }

    private static func untilItWorks(_ body: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while try await !body() {
            try #require(ContinuousClock.now < deadline, "the cluster does not recover")
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// A broker that is started again, on the same port and directory, when it is told to.
    private final class Node: Sendable {
        let address: String
        private let arguments: [String]
        /// Keeps the port.
        private let port: PortReservation
        private let commands: AsyncStream<Bool>
        private let command: AsyncStream<Bool>.Continuation
        private let restarts: AsyncStream<Void>
        private let restarted: AsyncStream<Void>.Continuation

        init(id: Int, controller: Int, directory: String) throws {
            port = try PortReservation()
            address = "127.0.0.1:\(port.port)"
            arguments =
                ["broker", "--data-dir", directory]
                + RollingRestartTests.overrides([
                    "process.roles": "broker", "node.id": "\(id)", "listeners": "PLAINTEXT://\(address)",
                    "controller.listener.names": "CONTROLLER",
                    "controller.quorum.bootstrap.servers": "127.0.0.1:\(controller)",
                    "broker.heartbeat.interval.ms": "500", "default.replication.factor": "3",
                    "offsets.topic.num.partitions": "5",
                ])
            (commands, command) = AsyncStream<Bool>.makeStream()
            (restarts, restarted) = AsyncStream<Void>.makeStream()
        }

        /// Runs until `end`.
        func live(_ ready: @escaping @Sendable () -> Void) async throws {
            var isFirst = true
            var goesOn = true
            while goesOn {
                let isStart = isFirst
                isFirst = false
                goesOn = try await ManagedProcess.with(Swkafka.path, arguments) {
                    [commands, restarted] process -> Bool in
                    _ = try await process.line(containing: "is ready")
                    if isStart { ready() } else { restarted.yield() }
                    let goesOn = await commands.first { _ in true } ?? false
                    process.send(signal: SIGTERM)
                    let status = await process.status()
                    #expect(status == 0, "\(process.errors.text)")
                    return goesOn
                }
            }
        }

        /// Returns when the broker answers again.
        func restart() async throws {
            command.yield(true)
            _ = await restarts.first { _ in true }
        }

        func end() { command.finish() }
    }
}
