import KafkaMessages
import KafkaTransport

/// The other brokers of the cluster, for what a coordinator, a partition's leader or a follower has to ask them.
protocol BrokerPeers: Sendable {
    /// Sends a request over the connection to `broker` that everybody here shares, which is made when there is none.
    ///
    /// - Parameter timeout: for the answer; nil is `request.timeout.ms`.
    /// - Throws: `ConnectionError` when the broker cannot be reached or does not answer in time, and at once while it is
    ///   too early to try again; `PartitionError` when the metadata know no such broker.
    func send<Request: KafkaRequest>(
        _ request: Request,
        to broker: Int32,
        timeout: Duration?
    ) async throws -> Request.Response

    /// A connection of the caller's own, for requests that wait long (replica fetchers): nobody else's answers stand
    /// behind them. The caller closes it, and waits between attempts (`ReconnectBackoff`). It is made to where the
    /// metadata say that the broker is now.
    func connect(to broker: Int32) async throws -> ClientConnection
}

extension BrokerPeers {
    func send<Request: KafkaRequest>(_ request: Request, to broker: Int32) async throws -> Request.Response {
        try await send(request, to: broker, timeout: nil)
    }
}

/// A cluster of one broker has nobody to ask.
struct NoPeers: BrokerPeers {
    func send<Request: KafkaRequest>(
        _ request: Request,
        to broker: Int32,
        timeout: Duration?
    ) async throws -> Request.Response {
        throw PartitionError(.brokerNotAvailable, "Broker \(broker) cannot be reached from here.")
    }

    func connect(to broker: Int32) async throws -> ClientConnection {
        throw PartitionError(.brokerNotAvailable, "Broker \(broker) cannot be reached from here.")
    }
}
