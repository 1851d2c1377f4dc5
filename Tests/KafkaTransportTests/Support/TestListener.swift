import KafkaMessages
import KafkaTransport
import KafkaWire
import Logging
import NIOCore
import NIOPosix
import Testing

/// A handler made of a closure.
struct ClosureHandler: RequestHandler {
    let body: @Sendable (IncomingRequest) async -> ResponseAction

    func handle(_ request: IncomingRequest) async -> ResponseAction {
        await body(request)
    }
}

/// Offers ApiVersions 0 to 4 and Metadata 0 to 12, and answers with nothing in it; unknown versions as a broker does.
struct PlainHandler: RequestHandler {
    func handle(_ request: IncomingRequest) async -> ResponseAction {
        do {
            switch request.api {
            case .apiVersions:
                var response = ApiVersionsResponse()
                for (api, range) in [(APIKey.apiVersions, 0...4), (.metadata, 0...12), (.produce, 0...9)] {
                    var entry = ApiVersionsResponse.ApiVersion()
                    entry.apiKey = api.rawValue
                    entry.minVersion = Int16(range.lowerBound)
                    entry.maxVersion = Int16(range.upperBound)
                    response.apiKeys.append(entry)
                }
                return .respond(try ResponseEncoder.encode(response, to: request))
            case .metadata:
                var response = MetadataResponse()
                response.controllerId = request.correlationID
                return .respond(try ResponseEncoder.encode(response, to: request))
            case .produce:
                return .noResponse
            case nil where request.isUnknownApiVersions:
                let id = request.correlationID
                return .respond(try ResponseEncoder.unsupportedApiVersions(correlationID: id, offered: 0...4))
            default:
                return .close
            }
        } catch {
            return .close
        }
    }
}

let testLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A listener on a free port of 127.0.0.1 that runs while `body` does.
func withListener(
    _ handler: some RequestHandler,
    configure: (inout ListenerOptions) -> Void = { _ in },
    body: (ServerListener) async throws -> Void
) async throws {
    let executor = StorageExecutor(size: 2)
    var options = ListenerOptions(host: "127.0.0.1", port: 0)
    configure(&options)
    let listener = try await ServerListener.bind(
        options,
        on: MultiThreadedEventLoopGroup.singleton,
        executor: executor,
        logger: testLogger
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await listener.run(handler) }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(listener))
        } catch {
            outcome = .failure(error)
        }
        await listener.shutdown(grace: .seconds(5))
        try await group.waitForAll()
        #expect(listener.connectionCount == 0)
        try outcome.get()
    }
    executor.shutdown()
}

func connect(
    port: Int,
    _ configure: (inout ConnectionOptions) -> Void = { _ in }
) async throws(ConnectionError) -> ClientConnection {
    var options = ConnectionOptions(clientID: "test")
    configure(&options)
    return try await ClientConnection.connect(
        to: PeerAddress(host: "127.0.0.1", port: port),
        options: options,
        on: MultiThreadedEventLoopGroup.singleton,
        logger: testLogger
    )
}

/// A request frame of Metadata 1 for no topics.
func metadataFrame(correlationID: Int32) throws -> ByteBuffer {
    try RequestEncoder.encode(MetadataRequest(), version: 1, correlationID: correlationID, clientID: "raw").flattened()
}
