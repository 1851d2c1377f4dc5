package import KafkaMessages
import KafkaTransport
import Synchronization

extension KafkaCluster {
    /// The broker that coordinates a group or a transactional id: the known one, else asked for, once.
    ///
    /// - Throws: why it cannot be told; retriable while the coordinator is not available yet.
    package func coordinator(of key: CoordinatorKey, deadline: Deadline) async throws(KafkaClientError) -> Node {
        if let known = knownCoordinator(of: key) { return known }
        let found = try await findCoordinators(key.kind, [key.name], deadline: deadline)
        guard let result = found[key.name] else {
            throw KafkaClientError(.protocolViolation, "No broker answered who coordinates \(key).")
        }
        switch result {
        case .success(let node): return node
        case .failure(let error): throw error
        }
    }

    /// The broker that was last said to coordinate the key, if its address is known.
    package func knownCoordinator(of key: CoordinatorKey) -> Node? {
        state.withLock { state in state.coordinators.node(of: key).flatMap { state.cache.nodes[$0] } }
    }

    /// Notes that a broker turned out not to coordinate a key, so that the next call asks again.
    package func forgetCoordinator(of key: CoordinatorKey, node: Int32) {
        state.withLock { $0.coordinators.forget(key, node: node) }
    }

    /// Runs a call on a coordinator, again while it fails for reasons that may pass, until the deadline. The coordinator
    /// is looked up anew when it turns out to be another or cannot be reached.
    ///
    /// - Parameter operation: one attempt; gets the coordinator. An error in its answer that concerns the coordinator must
    ///   be thrown.
    package func withCoordinator<Result: Sendable>(
        of key: CoordinatorKey,
        deadline: Deadline,
        _ operation: (_ node: Node) async throws(KafkaClientError) -> Result
    ) async throws(KafkaClientError) -> Result {
        try await withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let node = try await coordinator(of: key, deadline: deadline)
            do throws(KafkaClientError) {
                return try await operation(node)
            } catch {
                if error.refreshesCoordinator {
                    forgetCoordinator(of: key, node: node.id)
                }
                throw error
            }
        }
    }

    /// Sends a request to the coordinator of a key, repeated as ``withCoordinator(of:deadline:_:)`` does.
    ///
    /// - Parameter check: throws for an error in the answer that concerns the whole request.
    package func call<Request: KafkaRequest>(
        _ request: Request,
        coordinatorOf key: CoordinatorKey,
        atMost: Int16 = .max,
        deadline: Deadline,
        check: (Request.Response) throws(KafkaClientError) -> Void = { (_) throws(KafkaClientError) in }
    ) async throws(KafkaClientError) -> Request.Response where Request.Response: Sendable {
        try await withCoordinator(of: key, deadline: deadline) { (node) async throws(KafkaClientError) in
            let response = try await send(request, to: .node(node.id), atMost: atMost, deadline: deadline)
            try check(response)
            return response
        }
    }

    /// The brokers that coordinate several groups or transactional ids: known ones, and the others asked for, once.
    ///
    /// - Returns: the broker, or why it cannot be told, by name.
    /// - Throws: when no broker could be asked.
    func coordinators(
        of kind: CoordinatorKey.Kind,
        _ names: [String],
        deadline: Deadline
    ) async throws(KafkaClientError) -> [String: Result<Node, KafkaClientError>] {
        var results: [String: Result<Node, KafkaClientError>] = [:]
        var unknown: [String] = []
        for name in names {
            if let node = knownCoordinator(of: CoordinatorKey(kind, name)) {
                results[name] = .success(node)
            } else {
                unknown.append(name)
            }
        }
        guard !unknown.isEmpty else { return results }
        results.merge(try await findCoordinators(kind, unknown, deadline: deadline)) { _, new in new }
        return results
    }

    /// Asks any broker who coordinates what. One request for all where the broker offers version 4, else one for each.
    private func findCoordinators(
        _ kind: CoordinatorKey.Kind,
        _ names: [String],
        deadline: Deadline
    ) async throws(KafkaClientError) -> [String: Result<Node, KafkaClientError>] {
        let connection = try await anyConnection(deadline: deadline)
        let version = try mapping { () throws(ConnectionError) in
            try connection.version(of: FindCoordinatorRequest.self, atMost: 4)
        }
        guard kind == .group || version >= 1 else {
            throw KafkaClientError(
                .unsupportedByBroker,
                "\(connection.peer) is too old for transactions: it cannot tell who coordinates them."
            )
        }
        var results: [String: Result<Node, KafkaClientError>] = [:]
        if version >= 4 {
            var request = FindCoordinatorRequest()
            request.keyType = kind.rawValue
            request.coordinatorKeys = names
            let response = try await exchange(request, over: connection, version: version, deadline: deadline)
            for coordinator in response.coordinators {
                results[coordinator.key] = learn(
                    CoordinatorKey(kind, coordinator.key),
                    Node(id: coordinator.nodeId, host: coordinator.host, port: Int(coordinator.port)),
                    coordinator.errorCode,
                    coordinator.errorMessage
                )
            }
        } else {
            for name in names {
                var request = FindCoordinatorRequest()
                request.key = name
                request.keyType = kind.rawValue
                let response = try await exchange(request, over: connection, version: version, deadline: deadline)
                results[name] = learn(
                    CoordinatorKey(kind, name),
                    Node(id: response.nodeId, host: response.host, port: Int(response.port)),
                    response.errorCode,
                    response.errorMessage
                )
            }
        }
        for name in names where results[name] == nil {
            results[name] = .failure(
                KafkaClientError(
                    .protocolViolation,
                    "\(connection.peer) did not answer who coordinates \(CoordinatorKey(kind, name))."
                )
            )
        }
        return results
    }

    private func learn(
        _ key: CoordinatorKey,
        _ node: Node,
        _ error: ErrorCode,
        _ detail: String?
    ) -> Result<Node, KafkaClientError> {
        guard error == .none else {
            return .failure(KafkaClientError("The coordinator of \(key) cannot be told", error, detail: detail))
        }
        state.withLock { state in
            state.cache.learn(node)
            state.coordinators.learn(key, node: node.id)
        }
        return .success(node)
    }
}
