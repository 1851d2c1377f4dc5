package import KafkaMessages
package import KafkaTransport

extension KafkaClientError {
    /// The error of a connection, in the client's terms.
    package init(_ error: ConnectionError) {
        let code: Code
        switch error {
        case .refused, .nameNotFound, .unreachable, .connectTimedOut, .negotiationTimedOut, .closedDuringNegotiation,
            .notKafka, .negotiationFailed, .authenticationFailed, .closed:
            code = .connectionFailed
        case .requestTimedOut:
            code = .timedOut
        case .unsupportedVersion:
            code = .unsupportedByBroker
        case .malformedResponse:
            code = .protocolViolation
        case .unencodableRequest:
            code = .unsupportedByBroker
        case .cancelled:
            code = .cancelled
        }
        self.init(code, error.description, cause: error)
    }

    /// The error in a broker's answer.
    ///
    /// - Parameters:
    ///   - what: what failed, such as "Topic 'a' was not created".
    ///   - detail: the broker's own words, when it sent some.
    package init(_ what: String, _ error: ErrorCode, detail: String? = nil) {
        var reason = detail ?? error.message
        while reason.last == "." || reason.last == " " {
            reason.removeLast()
        }
        let code: Code = error == .unknownTopicOrPartition || error == .unknownTopicId ? .unknownTopic : .broker
        self.init(code, "\(what): \(reason) (\(error.name)).", brokerError: error)
    }

    /// Whether the same call may succeed if it is repeated after a while.
    package var isRetriable: Bool {
        if let brokerError {
            return brokerError.isRetriable || brokerError.refreshesMetadata
        }
        if let connection = cause as? ConnectionError {
            return connection.isRetriable
        }
        // A node that is not among the live ones may come back, or what was to be asked of it be another's by then.
        return code == .connectionFailed
    }

    /// Whether the coordinator should be looked up anew before the call is repeated.
    package var refreshesCoordinator: Bool {
        if let brokerError { return brokerError.refreshesCoordinator }
        return code == .connectionFailed || code == .timedOut
    }

    /// Whether metadata should be refreshed before the call is repeated.
    package var refreshesMetadata: Bool {
        if let brokerError {
            return brokerError.refreshesMetadata || brokerError == .notController
        }
        return code == .connectionFailed || code == .timedOut
    }

    static let clientClosed = KafkaClientError(.closed, "The client has been closed.")
    static let wasWokenUp = KafkaClientError(.wokenUp, "The call for records was ended by wakeup().")
    static let wasCancelled = KafkaClientError(.cancelled, "The call was cancelled.")
}
