package import KafkaMessages
package import KafkaWire
package import NIOCore

/// A request ready to be sent: encoded, numbered, and with somebody who waits for the answer.
package struct OutgoingRequest: Sendable {
    /// Called exactly once, on the connection's event loop, with the answer after its correlation id, or the reason why
    /// there is none. It must not block.
    package typealias Completion = @Sendable (Result<ByteBuffer, ConnectionError>) -> Void

    package let api: APIKey
    package let version: Int16
    package let correlationID: Int32
    package let frame: EncodedFrame
    package let timeout: Duration
    /// False for Produce with acks=0; `completion` is then called with an empty buffer once the request was handed to the
    /// socket's queue.
    package let expectsResponse: Bool
    package let completion: Completion
}
