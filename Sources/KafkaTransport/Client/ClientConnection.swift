package import KafkaMessages
import KafkaWire
import NIOCore
import Synchronization

/// One TCP connection to one broker, its versions negotiated. All methods may be called from any thread.
///
/// Requests are pipelined: any number may be on their way, and answers come in the order of the requests. A request whose
/// time is up closes the connection (see `InFlightRequests`). A closed connection stays closed; make a new one.
package final class ClientConnection: Sendable {
    package let peer: PeerAddress
    /// What the broker told about itself: offered versions, features.
    package let apiVersions: ApiVersionsResponse
    package let versions: VersionTable
    package let options: ConnectionOptions
    private let pipe: RequestPipe
    private let end: ConnectionEnd

    init(
        peer: PeerAddress,
        apiVersions: ApiVersionsResponse,
        options: ConnectionOptions,
        pipe: RequestPipe,
        end: ConnectionEnd
    ) {
        self.peer = peer
        self.apiVersions = apiVersions
        self.options = options
        self.pipe = pipe
        self.end = end
        versions = VersionTable(apiVersions, limits: options.versionLimits)
    }

    // MARK: State

    /// False once the connection has ended.
    package var isOpen: Bool { end.reason == nil }

    /// Why the connection ended; nil while it stands.
    package var closeReason: ConnectionError? { end.reason }

    /// Calls `body` once when the connection ends, on its event loop; at once if it has ended.
    package func whenClosed(_ body: @escaping @Sendable (ConnectionError) -> Void) {
        end.observe(body)
    }

    /// Closes the connection; requests in flight fail with `closed(_, .byUs)`. Does not wait.
    package func close() {
        let reason = ConnectionError.closed(peer, .byUs)
        pipe.onLoop { $0.close(reason) }
    }

    /// Closes the connection and waits until the socket is gone.
    package func closeAndWait() async {
        close()
        await withCheckedContinuation { continuation in
            whenClosed { _ in continuation.resume() }
        }
    }

    // MARK: Versions

    /// The highest version of an API that both sides know; nil when there is none.
    package func negotiatedVersion(for api: APIKey) -> Int16? {
        versions.highestCommon(api, within: api.validVersions)
    }

    /// The highest version of `R` that both sides know and that is not above `highest`.
    package func version<R: KafkaRequest>(
        of request: R.Type,
        atMost highest: Int16 = .max
    ) throws(ConnectionError) -> Int16 {
        let valid = R.validVersions
        let ours = valid.lowerBound...max(valid.lowerBound, min(valid.upperBound, highest))
        guard let version = versions.highestCommon(R.apiKey, within: ours) else {
            throw .unsupportedVersion(peer, api: R.apiKey, ours: ours, theirs: versions.offered[R.apiKey.rawValue])
        }
        return version
    }

    // MARK: Requests

    /// Sends a request and waits for its answer.
    ///
    /// Cancelling the task ends the waiting with `cancelled`; the request itself is not taken back.
    ///
    /// - Parameters:
    ///   - version: The version to speak; the highest common one when nil.
    ///   - timeout: How long to wait; the options' `requestTimeout` when nil.
    package func send<R: KafkaRequest>(
        _ request: R,
        version: Int16? = nil,
        timeout: Duration? = nil
    ) async throws(ConnectionError) -> R.Response {
        let chosen = try chosenVersion(of: R.self, wanted: version)
        let encoded = try encode(request, version: chosen)
        let id = encoded.correlationID
        let result = await withTaskCancellationHandler {
            await pipe.roundTrip { completion in
                outgoing(encoded, api: R.apiKey, version: chosen, timeout: timeout, completion: completion)
            } afterSubmit: {
                // A task that was cancelled before the request was submitted has given up a request unknown till now.
                if Task.isCancelled { pipe.submit(.giveUp(correlationID: id)) }
            }
        } onCancel: {
            pipe.submit(.giveUp(correlationID: id))
        }
        return try decode(R.self, version: chosen, from: try result.get())
    }

    /// Sends a request that has no answer (Produce with acks=0); returns once it stands in the socket's queue.
    package func sendWithoutResponse<R: KafkaRequest>(
        _ request: R,
        version: Int16? = nil
    ) async throws(ConnectionError) {
        let prepared = try chosenVersion(of: R.self, wanted: version)
        let encoded = try encode(request, version: prepared)
        let result = await pipe.roundTrip { completion in
            outgoing(
                encoded,
                api: R.apiKey,
                version: prepared,
                timeout: nil,
                expectsResponse: false,
                completion: completion
            )
        }
        _ = try result.get()
    }

    /// Encodes a request on the calling thread, for `submit`.
    ///
    /// - Parameters:
    ///   - expectsResponse: False for Produce with acks=0; `completion` then gets nil when the request was handed on.
    ///   - completion: Called exactly once, on the connection's event loop, where the answer was also decoded; it must
    ///     not block.
    package func prepare<R: KafkaRequest>(
        _ request: R,
        version: Int16? = nil,
        timeout: Duration? = nil,
        expectsResponse: Bool = true,
        capacity: Int = 256,
        completion: @escaping @Sendable (Result<R.Response?, ConnectionError>) -> Void
    ) throws(ConnectionError) -> OutgoingRequest {
        let chosen = try chosenVersion(of: R.self, wanted: version)
        let encoded = try encode(request, version: chosen, capacity: capacity)
        return outgoing(
            encoded,
            api: R.apiKey,
            version: chosen,
            timeout: timeout,
            expectsResponse: expectsResponse
        ) { [peer] result in
            switch result {
            case .success(let bytes) where expectsResponse:
                do throws(WireError) {
                    completion(.success(try RequestEncoder.decode(R.Response.self, version: chosen, from: bytes)))
                } catch {
                    completion(.failure(.malformedResponse(peer, api: R.apiKey, error)))
                }
            case .success:
                completion(.success(nil))
            case .failure(let error):
                completion(.failure(error))
            }
        }
    }

    /// Hands prepared requests of this connection to its event loop, in their order, to be written with one flush.
    /// Whatever happens to them is told to their completions.
    package func submit(_ requests: some Sequence<OutgoingRequest>) {
        pipe.submit(requests)
    }

    /// The same for one request.
    package func submit(_ request: OutgoingRequest) {
        pipe.submit(.request(request))
    }

    // MARK: Parts

    private struct Encoded {
        let frame: EncodedFrame
        let correlationID: Int32
    }

    private func chosenVersion<R: KafkaRequest>(of: R.Type, wanted: Int16?) throws(ConnectionError) -> Int16 {
        guard let wanted else { return try version(of: R.self) }
        guard let theirs = versions.offered[R.apiKey.rawValue], theirs.contains(wanted) else {
            let theirs = versions.offered[R.apiKey.rawValue]
            throw .unsupportedVersion(peer, api: R.apiKey, ours: wanted...wanted, theirs: theirs)
        }
        return wanted
    }

    private func encode<R: KafkaRequest>(
        _ request: R,
        version: Int16,
        capacity: Int = 256
    ) throws(ConnectionError) -> Encoded {
        let id = pipe.nextCorrelationID()
        do throws(WireError) {
            let frame = try RequestEncoder.encode(
                request,
                version: version,
                correlationID: id,
                clientID: options.clientID,
                capacity: capacity
            )
            return Encoded(frame: frame, correlationID: id)
        } catch {
            throw .unencodableRequest(peer, api: R.apiKey, error)
        }
    }

    private func outgoing(
        _ encoded: Encoded,
        api: APIKey,
        version: Int16,
        timeout: Duration?,
        expectsResponse: Bool = true,
        completion: @escaping OutgoingRequest.Completion
    ) -> OutgoingRequest {
        OutgoingRequest(
            api: api,
            version: version,
            correlationID: encoded.correlationID,
            frame: encoded.frame,
            timeout: timeout ?? options.requestTimeout,
            expectsResponse: expectsResponse,
            completion: completion
        )
    }

    private func decode<R: KafkaRequest>(
        _ type: R.Type,
        version: Int16,
        from bytes: ByteBuffer
    ) throws(ConnectionError) -> R.Response {
        do throws(WireError) {
            return try RequestEncoder.decode(R.Response.self, version: version, from: bytes)
        } catch {
            throw .malformedResponse(peer, api: R.apiKey, error)
        }
    }
}
