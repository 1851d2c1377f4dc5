import Glibc
import KafkaBroker
import KafkaClient

/// Starts and ends the processes of a cluster on this machine.
struct ClusterControl {
    let home: ClusterHome
    let context: CommandContext

    /// How long a node may take to be ready or to end.
    private static let patience = Duration.seconds(60)
    private static let glance = Duration.milliseconds(10)

    // MARK: Starting

    /// Starts those of `ids` that do not run, the controller first, and waits until each takes connections.
    ///
    /// - Returns: the ids that were started.
    func start(_ ids: [Int32], _ plan: inout ClusterPlan) async throws -> [Int32] {
        let launcher = try NodeLauncher()
        let missing = ids.filter { home.folder($0).pid == nil }
        if missing.contains(plan.controller.id) { try await start(together: [plan.controller.id], launcher, &plan) }
        try await start(together: missing.filter { $0 != plan.controller.id }, launcher, &plan)
        return missing
    }

    private func start(together ids: [Int32], _ launcher: NodeLauncher, _ plan: inout ClusterPlan) async throws {
        for id in ids { try home.launch(id, launcher, plan) }
        for id in ids {
            do {
                try await awaitReady(id, &plan)
            } catch {
                // A port that the system picked once may be somebody else's by now; any other will do.
                guard let node = plan.node(id), node.hasAnyPort, node.port != 0 else { throw error }
                guard id != plan.controller.id || plan.brokers.allSatisfy({ home.folder($0.id).pid == nil }) else {
                    throw error
                }
                plan.setPort(0, of: id)
                try home.launch(id, launcher, plan)
                try await awaitReady(id, &plan)
            }
        }
    }

    private func awaitReady(_ id: Int32, _ plan: inout ClusterPlan) async throws {
        let folder = home.folder(id)
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            NodeLauncher.reap()
            if let address = folder.readyAddress, let colon = address.lastIndex(of: ":"),
                let port = Int(address[address.index(after: colon)...])
            {
                plan.setPort(port, of: id)
                try home.save(plan)
                return
            }
            guard folder.pid != nil else {
                try folder.noteUnwanted()
                throw CommandFailure(
                    "Node \(id) ended while it started. \(lastWords(folder))",
                    hint: "See 'swkafka cluster logs \(id) --data-dir \(home.path)'."
                )
            }
            try await pause()
        }
        throw CommandFailure(
            "Node \(id) is not ready after a minute.",
            hint: "See 'swkafka cluster logs \(id) --data-dir \(home.path)'."
        )
    }

    private func lastWords(_ folder: NodeFolder) -> String {
        guard let bytes = try? FileReading.bytes(of: folder.logPath, purpose: "log of node \(folder.id)") else {
            return "It said nothing."
        }
        let last = bytes.split(separator: UInt8(ascii: "\n")).last
        return last.map { "It said: \(String(decoding: $0, as: UTF8.self))" } ?? "It said nothing."
    }

    /// Waits until the cluster itself says that brokers take part.
    func awaitMembers(_ ids: [Int32], _ plan: ClusterPlan) async throws {
        guard !ids.isEmpty else { return }
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let known = await members(plan) ?? []
            if Set(ids).isSubset(of: known) { return }
            for id in ids where home.folder(id).pid == nil {
                throw CommandFailure("Broker \(id) ended before it took part. \(lastWords(home.folder(id)))")
            }
            guard ContinuousClock.now < deadline else {
                let missing = ids.filter { !known.contains($0) }.map { String($0) }.joined(separator: ", ")
                throw CommandFailure("After a minute the cluster still is without \(missing).")
            }
            try await pause()
        }
    }

    /// The brokers that take part, as one of them says; nil when none answers.
    func members(_ plan: ClusterPlan) async -> Set<Int32>? {
        let running = plan.brokers.filter {
            if case .running = home.folder($0.id).state { $0.port > 0 } else { false }
        }
        guard !running.isEmpty else { return nil }
        // One that is cut off from the controller tells what it last heard.
        let faults = (try? ClusterFaults(home: home).read()) ?? FaultSet()
        let informed = running.filter { faults.cut(between: $0.id, and: plan.controller.id) == nil }
        let servers = (informed.isEmpty ? running : informed).map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
        let session = ClientSession(
            servers: servers,
            properties: [
                "client.id": "swkafka-cluster", "default.api.timeout.ms": "2000", "request.timeout.ms": "1000",
            ]
        )
        do {
            return try await session.administer(context) { admin in
                Set(try await admin.describeCluster().brokers.map(\.id))
            }
        } catch {
            return nil
        }
    }

    // MARK: Ending

    /// Asks nodes to end and waits until they have, brokers before the controller.
    ///
    /// - Returns: the ids that ran.
    func stop(_ ids: [Int32], _ plan: ClusterPlan) async throws -> [Int32] {
        var stopped: [Int32] = []
        // Those that are paused would not hear, and others may need their answers.
        for id in ids {
            let folder = home.folder(id)
            if case .paused = folder.state { _ = folder.send(SIGCONT) }
        }
        let brokers = ids.filter { $0 != plan.controller.id }
        for group in [brokers, ids.filter { $0 == plan.controller.id }] {
            for id in group {
                let folder = home.folder(id)
                try folder.noteUnwanted()
                if folder.send(SIGTERM) { stopped.append(id) }
            }
            for id in group { try await awaitEnd(id) }
        }
        return stopped
    }

    func awaitEnd(_ id: Int32) async throws {
        let folder = home.folder(id)
        let deadline = ContinuousClock.now + Self.patience
        while folder.pid != nil {
            NodeLauncher.reap()
            guard ContinuousClock.now < deadline else {
                throw CommandFailure(
                    "Node \(id) has not ended after a minute.",
                    hint: "End it at once with 'swkafka cluster kill \(id) --data-dir \(home.path)'."
                )
            }
            try await pause()
        }
    }

    /// Waits a moment; ends with a failure when the user wants to stop.
    private func pause() async throws {
        if let interruption = context.interruptions.first {
            throw CommandFailure("Interrupted.", status: interruption.status)
        }
        try await Task.sleep(for: Self.glance)
    }
}
