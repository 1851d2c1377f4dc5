/// Where a client connects to, and from whom it has that address.
package struct PeerAddress: Hashable, Sendable {
    /// Who named the address; error messages repeat it, since that is where a mistake must be corrected.
    package enum Source: Hashable, Sendable {
        /// The user's list of bootstrap servers.
        case bootstrap
        /// A metadata answer: the address that broker `id` advertises (`advertised.listeners`).
        case advertised(brokerID: Int32)
        /// A coordinator lookup that named broker `id`.
        case coordinator(brokerID: Int32)
        /// A controller named in a configuration (`controller.quorum.bootstrap.servers`).
        case controllerQuorum
    }

    /// A name or a literal IPv4 or IPv6 address, without brackets.
    package var host: String
    /// 1…65535.
    package var port: Int
    package var source: Source

    package init(host: String, port: Int, source: Source = .bootstrap) {
        self.host = host
        self.port = port
        self.source = source
    }

    /// `host:port`, an IPv6 address in brackets.
    package var hostAndPort: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension PeerAddress: CustomStringConvertible {
    package var description: String {
        switch source {
        case .bootstrap: "\(hostAndPort) (bootstrap server)"
        case .advertised(let brokerID): "\(hostAndPort) (advertised by broker \(brokerID))"
        case .coordinator(let brokerID): "\(hostAndPort) (coordinator, broker \(brokerID))"
        case .controllerQuorum: "\(hostAndPort) (controller quorum)"
        }
    }
}
