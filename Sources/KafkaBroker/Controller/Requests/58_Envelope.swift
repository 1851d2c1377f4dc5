import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOCore

/// Envelope (58), version 0: a client's request that a broker passes on to the controller, header and all.
///
/// The principal is not looked at, as long as everybody may do everything. Only requests that clients send to brokers
/// may come this way.
struct EnvelopeHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    let core: ControllerCore
    /// By API key.
    let forwardable: [Int16: any APIHandler]

    func handle(_ request: EnvelopeRequest, _ context: RequestContext) async -> Reply<EnvelopeResponse> {
        let inner: IncomingRequest
        do throws(WireError) {
            inner = try IncomingRequest(frame: request.requestData, connection: context.connection)
        } catch {
            return .respond(EnvelopeResponse(errorCode: .invalidRequest))
        }
        guard inner.api != nil, let handler = forwardable[inner.apiKey],
            handler.offeredVersions.contains(inner.apiVersion)
        else {
            let isKnown = forwardable[inner.apiKey] != nil
            return .respond(EnvelopeResponse(errorCode: isKnown ? .unsupportedVersion : .invalidRequest))
        }
        guard case .respond(let frame) = await handler.serve(inner, core.logger) else {
            return .respond(EnvelopeResponse(errorCode: .unknownServerError))
        }
        do {
            var bytes = try frame.flattened()
            // Inside there is no length.
            bytes.moveReaderIndex(forwardBy: 4)
            return .respond(EnvelopeResponse(responseData: bytes.slice()))
        } catch {
            return .respond(EnvelopeResponse(errorCode: .unknownServerError))
        }
    }
}
