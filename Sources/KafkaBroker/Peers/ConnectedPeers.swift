import KafkaCoordination
import KafkaMessages
import KafkaTransport
import Logging
import NIOCore
import Synchronization

/// The other brokers of the cluster over TCP, at the addresses that the metadata name.
final class ConnectedPeers: BrokerPeers {
    /// Set once there are metadata; before that nobody is known.
    private let metadata = Mutex<ClusterMetadata?>(nil)
    private let links = Mutex<[Int32: PeerLink]>([:])
    private let options: ConnectionOptions
    private let group: any EventLoopGroup
    private let clock: any BrokerClock
    private let logger: Logger

    /// - Parameter options: of every connection; its client id says who is calling.
    init(options: ConnectionOptions, group: any EventLoopGroup, clock: any BrokerClock, logger: Logger) {
        self.options = options
        self.group = group
        self.clock = clock
        self.logger = logger
    }

    /// From now on `metadata` say where brokers are.
    func follow(_ metadata: ClusterMetadata) { self.metadata.withLock { $0 = metadata } }

    func send<Request: KafkaRequest>(
        _ request: Request,
        to broker: Int32,
        timeout: Duration?
    ) async throws -> Request.Response {
        let peer = try address(of: broker)
        let connection = try await link(to: broker).connection(to: peer)
        return try await connection.send(request, timeout: timeout)
    }

    func connect(to broker: Int32) async throws -> ClientConnection {
        try await ClientConnection.connect(to: try address(of: broker), options: options, on: group, logger: logger)
    }

    /// Closes the shared connections; nobody is reached any more.
    func close() {
        metadata.withLock { $0 = nil }
        let all = links.withLock { Array($0.values) }
        for link in all { link.close() }
    }

    private func address(of broker: Int32) throws(PartitionError) -> PeerAddress {
        let registration = metadata.withLock { $0 }?.view.image.brokers[broker]
        guard let endpoint = registration?.endpoints.first else {
            throw PartitionError(.brokerNotAvailable, "Broker \(broker) is not registered.")
        }
        return PeerAddress(host: endpoint.host, port: Int(endpoint.port), source: .advertised(brokerID: broker))
    }

    private func link(to broker: Int32) -> PeerLink {
        links.withLock { links in
            if let known = links[broker] { return known }
            let made = PeerLink(options: options, group: group, clock: clock, logger: logger)
            links[broker] = made
            return made
        }
    }
}
