/// How a listener accepts and keeps connections.
package struct ListenerOptions: Sendable {
    /// A name or address of this machine; `0.0.0.0` or `::` for all.
    package var host: String
    /// 0 takes a free port; see `ServerListener.port`.
    package var port: Int
    /// The name that handlers see, such as `PLAINTEXT`.
    package var name = "PLAINTEXT"
    /// The greatest request (`socket.request.max.bytes`).
    package var maximumRequestBytes = FrameAccumulator.defaultMaximumFrameBytes
    /// Connections beyond this number are closed at once (`max.connections`).
    package var maximumConnections = Int.max
    /// How long a connection may have nothing to do before it is closed (`connections.max.idle.ms`); nil for ever.
    package var idleLimit: Duration? = .seconds(600)
    /// Connections that the system may hold before they are accepted (`socket.listen.backlog.size`).
    package var backlog = 512
    /// What stands between TCP and Kafka's frames: nothing for plain text.
    package var security: (any ChannelSecurity)?
    /// What may go wrong with connections on purpose; nil: nothing.
    package var faults: (any ConnectionFaults)?

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
