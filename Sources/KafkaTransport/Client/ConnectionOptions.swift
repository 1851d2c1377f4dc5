package import KafkaMessages
package import NIOCore

/// How a client connection is made and kept.
package struct ConnectionOptions: Sendable {
    /// `client.id`: sent with every request; brokers log it and count quotas by it.
    package var clientID: String?
    /// How long making the TCP connection may take (`socket.connection.setup.timeout.ms`).
    package var connectTimeout: Duration = .seconds(10)
    /// How long the version negotiation may take, authentication not counted.
    package var negotiationTimeout: Duration = .seconds(10)
    /// How long a request waits for its answer when the call does not say (`request.timeout.ms`).
    package var requestTimeout: Duration = .seconds(30)
    /// How long the connection may have nothing to do before it is closed (`connections.max.idle.ms`); nil for ever.
    package var idleLimit: Duration? = .seconds(540)
    /// The greatest answer in bytes. Memory is only taken as bytes arrive, so the default is the protocol's own limit.
    package var maximumResponseBytes = Int(Int32.max)
    /// The name of this software in ApiVersions (KIP-511): letters, digits, dots and dashes.
    package var softwareName = "swkafka"
    /// Its version in ApiVersions, of the same characters.
    package var softwareVersion = "0.1.0"
    /// What stands between TCP and Kafka's frames: nothing for plain text.
    package var security: (any ChannelSecurity)?
    /// Who proves our identity after version negotiation: nobody for plain connections.
    package var authenticator: (any ClientAuthenticator)?
    /// What may go wrong with the connection on purpose; nil: nothing.
    package var faults: (any ConnectionFaults)?

    /// The highest version to speak of an API, for brokers that offer one that they do not get right.
    package var versionLimits: [APIKey: Int16] = [:]

    package init(clientID: String? = nil) {
        self.clientID = clientID
    }
}

/// A layer between TCP and Kafka's frames, such as TLS: puts its handlers at the head of a new channel's pipeline.
package protocol ChannelSecurity: Sendable {
    /// Called on the channel's event loop before any byte is read or written.
    ///
    /// - Parameter peer: Whom the channel connects to; nil on the server's side.
    func install(on channel: any Channel, peer: PeerAddress?) throws
}

/// Proves a client's identity on a connection that has negotiated versions, before anybody else may use it.
package protocol ClientAuthenticator: Sendable {
    func authenticate(_ connection: ClientConnection) async throws(ConnectionError)
}
