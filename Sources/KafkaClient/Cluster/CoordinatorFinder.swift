package import KafkaMessages
import KafkaTransport

/// The way to the coordinator of one group or transactional id: looked up when first needed, and again when it proves
/// wrong.
package struct CoordinatorFinder: Sendable {
    let cluster: KafkaCluster
    let key: CoordinatorKey

    package init(cluster: KafkaCluster, key: CoordinatorKey) {
        self.cluster = cluster
        self.key = key
    }

    /// The coordinator turned out not to be one, or not to answer: it is looked up before the next request.
    package func forget() {
        if let node = cluster.knownCoordinator(of: key) { cluster.forgetCoordinator(of: key, node: node.id) }
    }

    /// Notes an answer's error, if it says that the coordinator is another broker.
    package func note(_ error: ErrorCode) {
        if error.refreshesCoordinator { forget() }
    }

    /// Sends a request to the coordinator, once; a coordinator that cannot be reached or does not answer is forgotten.
    ///
    /// - Parameters:
    ///   - atMost: the highest version to speak.
    ///   - limit: how long it may stay unanswered; `request.timeout.ms` when `nil`.
    ///   - adapt: takes out what the version that is spoken cannot say, or throws if it is needed.
    package func send<Request: KafkaRequest>(
        _ request: Request,
        lane: ConnectionLane = .general,
        atMost: Int16 = .max,
        limit: Duration? = nil,
        deadline: Deadline,
        adapt: (inout Request, Int16) throws(KafkaClientError) -> Void = { (_, _) throws(KafkaClientError) in }
    ) async throws(KafkaClientError) -> Request.Response {
        let node = try await cluster.coordinator(of: key, deadline: deadline).id
        do throws(KafkaClientError) {
            let connection = try await cluster.connection(to: .node(node), lane: lane, deadline: deadline)
            let version = try cluster.mapping { () throws(ConnectionError) in
                try connection.version(of: Request.self, atMost: atMost)
            }
            var spoken = request
            try adapt(&spoken, version)
            return try await cluster.exchange(
                spoken,
                over: connection,
                version: version,
                limit: limit,
                deadline: deadline
            )
        } catch {
            if error.code == .connectionFailed || error.code == .timedOut {
                cluster.forgetCoordinator(of: key, node: node)
            }
            throw error
        }
    }
}
