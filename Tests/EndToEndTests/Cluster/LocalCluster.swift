import Foundation
import Glibc
import KafkaTestSupport
import Testing

/// A cluster of real processes, made and ended by `swkafka cluster`.
struct LocalCluster: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// How long the slowest machine may take for anything.
    static let patience = Duration.seconds(120)

    let directory: String

    /// Runs `body` with a new cluster on free ports; no process of it outlives the call.
    static func with(
        brokers: Int,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        _ body: @Sendable (LocalCluster) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let cluster = LocalCluster(directory: directory + "/cluster")
            do {
                let words = ["start", "--brokers", "\(brokers)", "--ports", "0", "--detach"] + arguments
                try await cluster.run(words, environment: environment)
                try await body(cluster)
                try await cluster.run(["down", "--wipe", "--yes"])
                #expect(!FileManager.default.fileExists(atPath: cluster.directory))
            } catch {
                cluster.killAll()
                throw error
            }
            cluster.killAll()
        }
    }

    // MARK: Commands

    /// One sub-command of `swkafka cluster`, which must succeed.
    @discardableResult
    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let result = try await Swkafka.run(
            ["cluster"] + arguments + ["--data-dir", directory],
            environment: environment
        )
        guard result.status == 0 else {
            throw Failure(description: "cluster \(arguments.joined(separator: " ")): \(result)\n\(logs())")
        }
        return result.text
    }

    func run(_ arguments: String...) async throws { _ = try await run(arguments) }

    /// The addresses to start from; those of one broker with its number.
    func servers(_ id: Int32? = nil) async throws -> String {
        let name = id.map { "BROKER_\($0)" } ?? "BOOTSTRAP_SERVERS"
        for line in try await run(["env"]).split(separator: "\n") {
            guard line.hasPrefix("export \(name)=") else { continue }
            return String(line.dropFirst("export \(name)=".count))
        }
        throw Failure(description: "no \(name) in cluster env")
    }

    /// Another command against the whole cluster, which must succeed.
    @discardableResult
    func swkafka(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await swkafka(arguments, input: input)
    }

    @discardableResult
    func swkafka(_ arguments: [String], input: String = "") async throws -> CommandResult {
        let servers = try await servers()
        let result = try await Swkafka.run(arguments + ["--bootstrap-server", servers], input: input)
        guard result.status == 0 else {
            throw Failure(description: "\(arguments.joined(separator: " ")): \(result)\n\(logs())")
        }
        return result
    }

    /// Describes a topic until the lines of its partitions are as expected.
    ///
    /// - Parameter asked: the brokers to ask; nil is any.
    func describe(_ topic: String, at asked: String? = nil, until expected: [String]) async throws {
        var seen: [String] = []
        try await wait(for: "\(expected), saw \(seen)") {
            var servers = asked ?? ""
            if asked == nil { servers = try await self.servers() }
            let result = try await Swkafka.run([
                "topics", "--describe", "--topic", topic, "--bootstrap-server", servers,
            ])
            // One broker less is no failure, but a leader less may be one for a moment.
            seen = result.lines.filter { $0.hasPrefix("\t") }
            return seen == expected
        }
    }

    /// Waits until a node's log has a text.
    func log(_ id: Int32, until text: String) async throws {
        try await wait(for: "'\(text)' in the log of \(id)") { log("\(id)").contains(text) }
    }

    /// Looks again until something has come true.
    func wait(
        within patience: Duration = patience,
        for what: @autoclosure () -> String,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + patience
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw Failure(description: "waited for \(what())\n\(logs())") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The process of a node, nil when none is recorded.
    func pid(_ id: Int32) -> Int32? {
        guard let data = FileManager.default.contents(atPath: "\(directory)/\(id)/process.json"),
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return nil }
        return (object["pid"] as? NSNumber)?.int32Value
    }

    // MARK: Clearing up

    /// Ends what a failed test has left, and only that.
    private func killAll() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            guard let id = Int32(name), let pid = pid(id),
                let words = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
                String(decoding: words, as: UTF8.self).contains(directory)
            else { continue }
            kill(pid, SIGKILL)
        }
    }

    private func logs() -> String {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { Int32($0) != nil }.sorted().map { "node \($0):\n\(log($0))" }.joined(separator: "\n")
    }

    /// The end of a node's log.
    private func log(_ name: String) -> String {
        let log = FileManager.default.contents(atPath: "\(directory)/\(name)/server.log") ?? Data()
        return String(decoding: log.suffix(4000), as: UTF8.self)
    }
}
