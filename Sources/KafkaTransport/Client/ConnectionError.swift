package import KafkaMessages
package import KafkaWire

/// Why a connection to a broker could not be made, or why a request over it has no answer.
package enum ConnectionError: Error, Equatable, Sendable {
    /// Nobody listens there.
    case refused(PeerAddress)
    /// The host name has no address.
    case nameNotFound(PeerAddress)
    /// The network has no way there, or the attempt failed in another way; `reason` is the system's.
    case unreachable(PeerAddress, reason: String)
    /// No connection within the time allowed.
    case connectTimedOut(PeerAddress, after: Duration)
    /// Connected, but the peer did not answer the first request (ApiVersions) in time.
    case negotiationTimedOut(PeerAddress, after: Duration)
    /// A request was not answered in time. The connection was closed.
    case requestTimedOut(PeerAddress, api: APIKey, after: Duration)
    /// Somebody answers there, but not in Kafka's protocol.
    case notKafka(PeerAddress, ForeignProtocol)
    /// The peer closed the connection before the first answer.
    case closedDuringNegotiation(PeerAddress)
    /// The broker refused to tell its versions.
    case negotiationFailed(PeerAddress, ErrorCode)
    /// Authentication failed; `reason` holds no secrets.
    case authenticationFailed(PeerAddress, reason: String)
    /// The connection ended while the request waited, or before it was sent.
    case closed(PeerAddress, Closure)
    /// Broker and client have no version of this API in common; `theirs` is nil when the broker does not offer it at all.
    case unsupportedVersion(PeerAddress, api: APIKey, ours: ClosedRange<Int16>, theirs: ClosedRange<Int16>?)
    /// The answer cannot be read.
    case malformedResponse(PeerAddress, api: APIKey, WireError)
    /// The request cannot be written in the version that the broker understands.
    case unencodableRequest(PeerAddress, api: APIKey, WireError)
    /// The caller's task was cancelled.
    case cancelled(PeerAddress)

    /// How a connection that stood came to its end.
    package enum Closure: Equatable, Sendable {
        /// The broker closed it.
        case byPeer
        /// This side closed it.
        case byUs
        /// It had nothing to do for longer than the idle limit.
        case idle
        /// Another request on it was not answered in time.
        case afterTimeout(APIKey)
        /// Answers came in another order than the requests.
        case outOfStep
        /// Reading or writing failed; `reason` is the system's.
        case failed(reason: String)
    }

    /// The address that the error is about.
    package var address: PeerAddress {
        switch self {
        case .refused(let address), .nameNotFound(let address), .closedDuringNegotiation(let address),
            .cancelled(let address), .unreachable(let address, _), .connectTimedOut(let address, _),
            .negotiationTimedOut(let address, _), .requestTimedOut(let address, _, _), .notKafka(let address, _),
            .negotiationFailed(let address, _), .authenticationFailed(let address, _), .closed(let address, _),
            .unsupportedVersion(let address, _, _, _), .malformedResponse(let address, _, _),
            .unencodableRequest(let address, _, _):
            address
        }
    }

    /// Whether the same request may succeed on a new connection, now or after a while.
    package var isRetriable: Bool {
        switch self {
        case .refused, .nameNotFound, .unreachable, .connectTimedOut, .negotiationTimedOut, .requestTimedOut,
            .closedDuringNegotiation, .closed:
            true
        case .notKafka, .negotiationFailed, .authenticationFailed, .unsupportedVersion, .malformedResponse,
            .unencodableRequest, .cancelled:
            false
        }
    }
}
