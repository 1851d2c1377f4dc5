import KafkaMessages

/// The other brokers of the cluster, for what a coordinator or a partition's leader has to ask them.
protocol BrokerPeers: Sendable {
    /// Throws when the broker cannot be reached or does not answer in time.
    func send<Request: KafkaRequest>(_ request: Request, to broker: Int32) async throws -> Request.Response
}

/// A cluster of one broker has nobody to ask.
struct NoPeers: BrokerPeers {
    func send<Request: KafkaRequest>(_ request: Request, to broker: Int32) async throws -> Request.Response {
        throw PartitionError(.brokerNotAvailable, "Broker \(broker) cannot be reached from here.")
    }
}
