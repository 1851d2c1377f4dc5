import KafkaMessages

/// The words of a connection error: what failed, on what address, whose word that address was, and what to check.
extension ConnectionError: CustomStringConvertible {
    package var description: String {
        let advice = self.advice
        return advice.isEmpty ? "\(failure)." : "\(failure). \(advice)"
    }

    /// What failed, without a full stop.
    package var failure: String {
        switch self {
        case .refused(let address):
            return "Connection to \(address) was refused: nothing listens there"
        case .nameNotFound(let address):
            return "The host name '\(address.host)' of \(address) has no address"
        case .unreachable(let address, let reason):
            return "\(address) cannot be reached: \(reason)"
        case .connectTimedOut(let address, let time):
            return "No connection to \(address) within \(Self.text(time))"
        case .negotiationTimedOut(let address, let time):
            return "\(address) accepted the connection but did not answer within \(Self.text(time))"
        case .requestTimedOut(let address, let api, let time):
            return "\(address) did not answer a \(api.name) request within \(Self.text(time))"
        case .notKafka(let address, let spoken):
            return "\(address) does not speak Kafka's protocol: \(spoken)"
        case .closedDuringNegotiation(let address):
            return "\(address) closed the connection without an answer to the first request"
        case .negotiationFailed(let address, let code):
            return "\(address) refused to tell which versions it speaks: \(code.name)"
        case .authenticationFailed(let address, let reason):
            return "Authentication with \(address) failed: \(reason)"
        case .closed(let address, let closure):
            return "The connection to \(address) \(closure)"
        case .unsupportedVersion(let address, let api, let ours, let theirs):
            guard let theirs else {
                return "\(address) does not offer \(api.name)"
            }
            return
                "\(address) offers \(api.name) in versions \(Self.text(theirs)), this client speaks \(Self.text(ours))"
        case .malformedResponse(let address, let api, let cause):
            return "The \(api.name) answer of \(address) cannot be read: \(cause)"
        case .unencodableRequest(let address, let api, let cause):
            return "The \(api.name) request cannot be written in a version that \(address) understands: \(cause)"
        case .cancelled(let address):
            return "A request to \(address) was cancelled"
        }
    }

    /// What the user may check or change; empty when there is nothing to say.
    package var advice: String {
        switch self {
        case .refused(let address):
            return Self.whereToLook(address, what: "Check that a broker runs there and that host and port are right")
        case .nameNotFound(let address):
            return Self.whereToLook(address, what: "Check the spelling and that this machine can resolve the name")
        case .unreachable(let address, _), .connectTimedOut(let address, _):
            return Self.whereToLook(address, what: "Check the address, the network and firewalls in between")
        case .negotiationTimedOut:
            return "Check that it is a Kafka broker's plain-text port: TLS, web and other servers may wait in silence."
        case .requestTimedOut:
            return "The broker may be overloaded or stopped; a longer request timeout may help."
        case .notKafka(_, .tls):
            return
                "This is a TLS port, spoken to in plain text: use the broker's plain-text port, or set security.protocol."
        case .notKafka:
            return "Check the port number: brokers usually listen on 9092."
        case .closedDuringNegotiation:
            return "Perhaps the port wants TLS or SASL (set security.protocol), or it is not a Kafka broker."
        case .negotiationFailed:
            return "The broker may be too old or still starting."
        case .unsupportedVersion(_, _, _, nil):
            return "The broker is of an older release, or of another make, or this listener does not serve it."
        case .unsupportedVersion:
            return "Broker and client are too many releases apart."
        case .malformedResponse:
            return "Broker and client disagree about the protocol: this is a defect in one of them."
        case .closed(_, .outOfStep):
            return "The broker answered out of order: this is a defect in it or in a proxy in between."
        case .authenticationFailed, .closed, .unencodableRequest, .cancelled:
            return ""
        }
    }

    private static func whereToLook(_ address: PeerAddress, what: String) -> String {
        switch address.source {
        case .bootstrap:
            return "\(what) (option --bootstrap-server or property bootstrap.servers)."
        case .advertised(let brokerID), .coordinator(let brokerID):
            return "Broker \(brokerID) itself gave this address (its property advertised.listeners): "
                + "it must be one that clients can reach."
        case .controllerQuorum:
            return "\(what) (property controller.quorum.bootstrap.servers)."
        }
    }

    private static func text(_ versions: ClosedRange<Int16>) -> String {
        versions.count == 1 ? "\(versions.lowerBound)" : "\(versions.lowerBound) to \(versions.upperBound)"
    }

    private static func text(_ time: Duration) -> String {
        let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        return "\(milliseconds) ms"
    }
}

extension ConnectionError.Closure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .byPeer: "was closed by the broker"
        case .byUs: "is closed"
        case .idle: "was closed because it was idle"
        case .afterTimeout(let api): "was closed because a \(api.name) request on it was not answered in time"
        case .outOfStep: "was closed because answers came out of order"
        case .failed(let reason): "broke: \(reason)"
        }
    }
}

extension ForeignProtocol: CustomStringConvertible {
    package var description: String {
        switch self {
        case .http: "it answers in HTTP"
        case .tls: "it answers in TLS"
        case .ssh: "it greets as an SSH server"
        case .text(let text): "it answers in text that begins with '\(text)'"
        case .garbage(let prefix):
            "its answer begins with 0x\(String(prefix, radix: 16)), which is no length of a frame"
        }
    }
}
