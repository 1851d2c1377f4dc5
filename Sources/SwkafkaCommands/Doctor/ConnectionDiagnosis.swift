import KafkaTransport

/// What the failure of a connection means, in one sentence, and the line to change.
enum ConnectionDiagnosis {
    static func of(_ error: ConnectionError, _ role: HostVisit.Role) -> Diagnosis {
        let address = error.address.hostAndPort
        if case .advertised(let id) = role, let reason = unreachableReason(error) {
            return Diagnosis(
                "Broker \(id) tells its clients to connect to \(address), and from here \(reason).",
                remedy: "advertised.listeners=PLAINTEXT://HOST:PORT in the settings of broker \(id), with a host and a "
                    + "port that clients can reach; if they are right, start that broker."
            )
        }
        switch error {
        case .refused:
            return Diagnosis(
                "Nothing listens at \(address): the broker is not running, or the port is another.",
                remedy: "Start the broker, or correct the port in --bootstrap-server."
            )
        case .nameNotFound(let peer):
            return Diagnosis(
                "The name '\(peer.host)' has no address on this machine.",
                remedy: "Correct the host in --bootstrap-server, or add the name to the DNS or to /etc/hosts."
            )
        case .connectTimedOut, .unreachable:
            return Diagnosis(
                "No way leads to \(address): packets are lost or refused on the way.",
                remedy: "Check host, firewall and network between here and there, then --bootstrap-server."
            )
        case .notKafka(_, let foreign):
            return Diagnosis(
                "What listens at \(address) is no Kafka broker: \(foreign).",
                remedy: "Correct the port in --bootstrap-server; brokers usually listen on 9092."
            )
        case .negotiationTimedOut, .closedDuringNegotiation:
            return Diagnosis(
                "What listens at \(address) does not answer as a Kafka broker does.",
                remedy: "Correct the port in --bootstrap-server, or see the log of what listens there."
            )
        case .negotiationFailed, .unsupportedVersion, .malformedResponse, .unencodableRequest:
            return Diagnosis(
                "The broker at \(address) speaks versions that this client does not: \(error.failure).",
                remedy: "Use a broker of Kafka 0.10 or later, or a newer swkafka."
            )
        case .requestTimedOut:
            return Diagnosis(
                "The broker at \(address) took the request and did not answer in time.",
                remedy: "See the broker's log and load; --timeout gives it longer."
            )
        case .authenticationFailed, .closed, .cancelled:
            return Diagnosis("\(error.failure).", remedy: "See the log of the broker at \(address).")
        }
    }

    /// Another port of the same host is a broker's.
    static func wrongPort(_ peer: PeerAddress, _ port: Int) -> Diagnosis {
        let right = PeerAddress(host: peer.host, port: port).hostAndPort
        return Diagnosis(
            "Nothing listens at \(peer.hostAndPort), but a Kafka broker answers on port \(port) of the same host.",
            remedy: "--bootstrap-server \(right)"
        )
    }

    static func needsTLS(_ peer: PeerAddress) -> Diagnosis {
        Diagnosis(
            "The port at \(peer.hostAndPort) wants TLS, and this client speaks plain text.",
            remedy: "Use the address of a PLAINTEXT listener: this version does not speak TLS. Others set "
                + "security.protocol=SSL (or SASL_SSL) and ssl.truststore.location."
        )
    }

    /// nil for failures that are not about the address.
    private static func unreachableReason(_ error: ConnectionError) -> String? {
        switch error {
        case .refused: "nothing listens there"
        case .nameNotFound(let peer): "the name '\(peer.host)' has no address"
        case .connectTimedOut, .unreachable: "no way leads there"
        case .notKafka(_, let foreign): "no broker answers there: \(foreign)"
        case .negotiationTimedOut, .closedDuringNegotiation: "no broker answers there"
        default: nil
        }
    }
}
