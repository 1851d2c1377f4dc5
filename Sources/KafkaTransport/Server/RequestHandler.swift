package import KafkaWire

/// What becomes of a request.
package enum ResponseAction: Sendable {
    /// Send this frame (see `ResponseEncoder`).
    case respond(EncodedFrame)
    /// Nothing is sent: Produce with acks=0.
    case noResponse
    /// Close the connection; answers to earlier requests still go out.
    case close
}

/// Answers requests. One call at a time for each connection, in the order of the requests; calls run on the listener's
/// `StorageExecutor`, where blocking file calls are allowed. Waiting must suspend, not block.
///
/// The handler also decides about requests with an unknown API or version (`IncomingRequest.api` is nil). A call's task is
/// cancelled when the listener's grace period at shutdown is over.
package protocol RequestHandler: Sendable {
    func handle(_ request: IncomingRequest) async -> ResponseAction
}
