package import KafkaMessages
package import KafkaTransport
import Logging

/// Which node a request goes to.
package enum RequestTarget: Sendable {
    /// Whichever can be reached.
    case any
    /// The node that takes administrative requests.
    case controller
    /// A certain broker.
    case node(Int32)
}

extension KafkaCluster {
    /// Sends one request and waits for its answer, once: see ``withRetries(_:deadline:_:)`` for repetition.
    ///
    /// - Parameter atMost: the highest version to speak, for requests that need an older one.
    package func send<Request: KafkaRequest>(
        _ request: Request,
        to target: RequestTarget = .any,
        lane: ConnectionLane = .general,
        atMost: Int16 = .max,
        deadline: Deadline
    ) async throws(KafkaClientError) -> Request.Response {
        let connection = try await connection(to: target, lane: lane, deadline: deadline)
        let version = try mapping { () throws(ConnectionError) in
            try connection.version(of: Request.self, atMost: atMost)
        }
        return try await exchange(request, over: connection, version: version, deadline: deadline)
    }

    /// The connection that a target stands for.
    package func connection(
        to target: RequestTarget,
        lane: ConnectionLane = .general,
        deadline: Deadline
    ) async throws(KafkaClientError) -> ClientConnection {
        switch target {
        case .any where configuration.bootstrapsFromControllers:
            // Only one of the controllers answers for the cluster.
            return try await self.connection(to: .controller, lane: lane, deadline: deadline)
        case .any:
            return try await anyConnection(deadline: deadline)
        case .controller:
            if withMetadata({ $0.controllerID }) == nil {
                try await refreshMetadata(deadline: deadline)
            }
            // Brokers pass administrative requests on, so any will do where the controller is not told, or is a process
            // that clients do not reach.
            guard let controller = withMetadata({ cache in cache.controllerID.flatMap { cache.nodes[$0]?.id } }) else {
                return try await anyConnection(deadline: deadline)
            }
            return try await connection(to: controller, lane: lane, deadline: deadline)
        case .node(let id):
            if withMetadata({ $0.nodes[id] }) == nil {
                try await refreshMetadata(deadline: deadline)
            }
            return try await connection(to: id, lane: lane, deadline: deadline)
        }
    }

    /// Sends a request over a certain connection.
    ///
    /// - Parameter limit: how long it may stay unanswered; `request.timeout.ms` when `nil`.
    package func exchange<Request: KafkaRequest>(
        _ request: Request,
        over connection: ClientConnection,
        version: Int16? = nil,
        limit: Duration? = nil,
        deadline: Deadline
    ) async throws(KafkaClientError) -> Request.Response {
        let timeout = min(limit ?? configuration.request.timeout, deadline.remaining)
        guard timeout > .zero else {
            throw KafkaClientError(.timedOut, "There was no time left for a \(Request.apiKey.name) request.")
        }
        do throws(ConnectionError) {
            return try await connection.send(request, version: version, timeout: timeout)
        } catch {
            throw KafkaClientError(error)
        }
    }

    /// Repeats a call while it fails for reasons that may pass, with growing pauses, until it succeeds or the deadline
    /// comes. Metadata are refreshed in between when the failure calls for it.
    ///
    /// - Parameter operation: one attempt; gets the number of attempts before it.
    /// - Throws: the last attempt's error.
    package func withRetries<Result: Sendable>(
        deadline: Deadline,
        _ operation: (_ attempt: Int) async throws(KafkaClientError) -> Result
    ) async throws(KafkaClientError) -> Result {
        var attempt = 0
        while true {
            do throws(KafkaClientError) {
                return try await operation(attempt)
            } catch {
                attempt += 1
                guard error.isRetriable else { throw error }
                if error.refreshesMetadata {
                    requestMetadataRefresh()
                }
                logger.debug("Trying again", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                guard await sleep(backoff.pause(afterFailures: attempt), deadline: deadline) else {
                    if Task.isCancelled { throw KafkaClientError.wasCancelled }
                    throw error
                }
            }
        }
    }

    /// Sends a request to a target, repeated as ``withRetries(deadline:_:)`` does.
    ///
    /// - Parameter check: throws for an error in the answer that concerns the whole request.
    package func call<Request: KafkaRequest>(
        _ request: Request,
        to target: RequestTarget = .any,
        atMost: Int16 = .max,
        deadline: Deadline,
        check: (Request.Response) throws(KafkaClientError) -> Void = { (_) throws(KafkaClientError) in }
    ) async throws(KafkaClientError) -> Request.Response where Request.Response: Sendable {
        try await withRetries(deadline: deadline) { (_) async throws(KafkaClientError) in
            let response = try await send(request, to: target, atMost: atMost, deadline: deadline)
            try check(response)
            return response
        }
    }

    /// Turns a connection's error into the client's.
    func mapping<Result>(_ body: () throws(ConnectionError) -> Result) throws(KafkaClientError) -> Result {
        do throws(ConnectionError) {
            return try body()
        } catch {
            throw KafkaClientError(error)
        }
    }
}
