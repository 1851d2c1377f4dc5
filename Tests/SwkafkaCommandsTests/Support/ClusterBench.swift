import Foundation
import KafkaBroker

@testable import SwkafkaCommands

/// A controller and brokers of their own in this process, whose data vanish afterwards.
struct ClusterBench: Sendable {
    /// Where the controller listens.
    let controller: String
    /// By id.
    let brokers: [Int32: (broker: Broker, address: String)]

    var addresses: String { brokers.sorted { $0.key < $1.key }.map(\.value.address).joined(separator: ",") }

    /// Runs `body` once all brokers take part.
    static func with(
        _ ids: [Int32],
        _ body: @Sendable @escaping (ClusterBench) async throws -> Void
    ) async throws {
        let controller = try Broker(
            configuration: BrokerConfiguration(
                properties: [
                    "process.roles": "controller", "node.id": "1", "controller.listener.names": "CONTROLLER",
                    "listeners": "CONTROLLER://127.0.0.1:0",
                ],
                isEphemeral: true
            )
        )
        try await controller.serve { address in
            try await start(ids, [:], controller: "\(address)", body)
        }
    }

    /// Starts the brokers one in the other, so that each ends after those that it has started.
    private static func start(
        _ ids: [Int32],
        _ started: [Int32: (broker: Broker, address: String)],
        controller: String,
        _ body: @Sendable @escaping (ClusterBench) async throws -> Void
    ) async throws {
        guard let id = ids.first else {
            let bench = ClusterBench(controller: controller, brokers: started)
            try await bench.waitForAll()
            return try await body(bench)
        }
        let broker = try Broker(
            configuration: BrokerConfiguration(
                properties: [
                    "process.roles": "broker", "node.id": "\(id)", "listeners": "PLAINTEXT://127.0.0.1:0",
                    "controller.quorum.bootstrap.servers": controller, "broker.heartbeat.interval.ms": "100",
                    "replica.fetch.wait.max.ms": "100", "replica.fetch.backoff.ms": "50",
                ],
                isEphemeral: true
            )
        )
        try await broker.serve { address in
            var all = started
            all[id] = (broker, "\(address)")
            try await start(Array(ids.dropFirst()), all, controller: controller, body)
        }
    }

    private func waitForAll() async throws {
        for (_, address) in brokers.values {
            try await wait("all brokers") {
                let seen = await transcript([
                    "cluster", "list-endpoints", "--bootstrap-server", address,
                ])
                let lines = seen.output.split(separator: "\n")
                return brokers.keys.allSatisfy { id in lines.contains { $0.hasPrefix("\(id) ") } }
            }
        }
    }

    func wait(_ what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw CommandFailure("waited a minute for \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func run(_ words: String...) async -> Transcript {
        await transcript(words + ["--bootstrap-server", addresses])
    }
}
