import KafkaMessages
package import KafkaTransport
import Logging
import Synchronization

extension KafkaCluster {
    /// The connection to a node, made if need be.
    ///
    /// - Parameter lane: what it is for; fetches and the like do not share a connection with requests that must not wait.
    package func connection(
        to nodeID: Int32,
        lane: ConnectionLane = .general,
        deadline: Deadline
    ) async throws(KafkaClientError) -> ClientConnection {
        guard let node = withMetadata({ $0.nodes[nodeID] }) else {
            throw KafkaClientError(
                .connectionFailed,
                "Broker \(nodeID) is not among the live brokers of the cluster."
            )
        }
        if lane == .general, let bootstrap = pool.existing(.bootstrap(node.address)) {
            return bootstrap
        }
        let peer = PeerAddress(host: node.host, port: node.port, source: .advertised(brokerID: nodeID))
        return try await pool.connection(.node(nodeID, lane), to: peer, deadline: deadline)
    }

    /// A connection to whichever node can be reached: an open one, else a known node, else a bootstrap server.
    package func anyConnection(deadline: Deadline) async throws(KafkaClientError) -> ClientConnection {
        if let open = pool.anyOpen() { return open }
        let nodes = withMetadata { Array($0.nodes.values) }.shuffled()
        var lastError: KafkaClientError?
        // Three nodes that cannot be reached say enough about the others, and each may take its time.
        for node in nodes.filter({ !pool.isResting(.node($0.id, .general)) }).prefix(3) where !deadline.hasPassed {
            do {
                return try await connection(to: node.id, deadline: deadline)
            } catch {
                guard error.code != .closed, error.code != .cancelled else { throw error }
                lastError = error
            }
        }
        if let lastError, !configuration.metadata.rebootstraps { throw lastError }
        return try await bootstrap(deadline: deadline)
    }

    /// A connection to a bootstrap server, tried in turn.
    private func bootstrap(deadline: Deadline) async throws(KafkaClientError) -> ClientConnection {
        let patience = Deadline.after(configuration.connection.bootstrapPatience)
        var failures = 0
        while true {
            var errors: [KafkaClientError] = []
            for server in configuration.bootstrapServers {
                do {
                    let peer = PeerAddress(host: server.host, port: server.port, source: .bootstrap)
                    let connection = try await pool.connection(.bootstrap(server), to: peer, deadline: deadline)
                    bootstrapped()
                    return connection
                } catch {
                    guard error.code != .closed, error.code != .cancelled else { throw error }
                    errors.append(error)
                }
            }
            let hadContact = state.withLock { $0.hasBootstrapped }
            failures += 1
            let pause = backoff.pause(afterFailures: failures)
            guard !hadContact, patience.remaining > pause, await sleep(pause, deadline: deadline) else {
                throw bootstrapError(errors, isFirstContact: !hadContact)
            }
        }
    }

    private func bootstrapped() {
        let isAgain = state.withLock { state in
            let isAgain = state.hasBootstrapped
            if isAgain {
                state.cache.forgetNodes()
                state.schedule.becameStale()
            }
            state.hasBootstrapped = true
            return isAgain
        }
        if isAgain {
            logger.debug("No known broker could be reached; starting again from the bootstrap servers")
            refreshWanted.notify()
        }
    }

    private func bootstrapError(_ errors: [KafkaClientError], isFirstContact: Bool) -> KafkaClientError {
        let code: KafkaClientError.Code = isFirstContact ? .noBootstrapServer : .connectionFailed
        if errors.count == 1 {
            return KafkaClientError(code, errors[0].message, cause: isFirstContact ? nil : errors[0].cause)
        }
        let list = errors.map(\.message).joined(separator: " ")
        return KafkaClientError(
            code,
            "None of the \(errors.count) bootstrap servers can be used. \(list)",
            cause: isFirstContact ? nil : errors.last?.cause
        )
    }

    /// Sleeps, unless the deadline comes first, the client is closed or the task is cancelled.
    ///
    /// - Returns: whether the whole pause passed.
    package func sleep(_ pause: Duration, deadline: Deadline) async -> Bool {
        let end = Deadline.after(pause)
        guard end < deadline else { return false }
        do {
            try await Task.sleep(for: pause)
        } catch {
            return false
        }
        return !state.withLock { $0.isClosed }
    }
}
