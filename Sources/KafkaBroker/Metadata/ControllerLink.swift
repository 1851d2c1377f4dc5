import KafkaMessages
import KafkaTransport
import Logging
import NIOCore
import Synchronization

/// The way from a broker's process to the active controller, over one connection that is made anew when it has ended.
///
/// Of several controllers the one that answered last is asked; when it does not answer, or says that it is not the
/// active one, the next in turn.
final class ControllerLink: Sendable, CustomStringConvertible {
    /// Milliseconds between attempts when none answers.
    let pauseMs: Int64 = 100
    /// How long an answer may take, beyond what the request itself allows.
    let patience: Duration
    let description: String
    private let addresses: [PeerAddress]
    private let link: PeerLink
    private let current = Atomic<Int>(0)

    /// - Parameter addresses: of all controllers; not empty.
    init(
        _ addresses: [PeerAddress],
        patience: Duration,
        options: ConnectionOptions,
        group: any EventLoopGroup,
        logger: Logger
    ) {
        self.addresses = addresses
        self.patience = patience
        description = addresses.map(\.hostAndPort).joined(separator: ",")
        var options = options
        options.connectTimeout = min(options.connectTimeout, patience)
        options.negotiationTimeout = min(options.negotiationTimeout, patience)
        link = PeerLink(options: options, group: group, clock: SystemClock(group: group), logger: logger)
    }

    func connection() async throws(ConnectionError) -> ClientConnection {
        try await link.connection(to: addresses[current.load(ordering: .relaxed) % addresses.count])
    }

    /// The one that was asked is not the one, or is gone.
    func lookElsewhere() {
        guard addresses.count > 1 else { return }
        current.wrappingAdd(1, ordering: .relaxed)
    }

    func close() { link.close() }
}
