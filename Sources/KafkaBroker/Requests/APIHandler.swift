import KafkaMessages
import KafkaTransport

/// Answers the requests of one API: checks them and passes them on to the partitions or the controller.
protocol APIHandler: Sendable {
    associatedtype Request: KafkaRequest

    /// The versions that ApiVersions offers.
    static var versions: ClosedRange<Int16> { get }

    func handle(_ request: Request, _ context: RequestContext) async -> Reply<Request.Response>
}

/// What becomes of a request.
enum Reply<Response: KafkaResponse>: Sendable {
    case respond(Response)
    /// Produce with acks=0 that went well.
    case nothing
    /// The client cannot be told in any other way.
    case close(reason: String)
}

/// A request apart from its body.
struct RequestContext: Sendable {
    let version: Int16
    let clientID: String?
    let connection: ConnectionInfo
}
