import KafkaMessages
import KafkaWire
package import Logging
package import NIOCore
import NIOPosix

extension ClientConnection {
    /// Connects, negotiates versions and, where options say so, authenticates.
    ///
    /// A name with several addresses, IPv6 among them, is tried as "happy eyeballs" (RFC 8305) has it.
    package static func connect(
        to peer: PeerAddress,
        options: ConnectionOptions = ConnectionOptions(),
        on group: any EventLoopGroup,
        logger: Logger
    ) async throws(ConnectionError) -> ClientConnection {
        let end = ConnectionEnd()
        let pipe = try await openChannel(to: peer, options: options, on: group, logger: logger, end: end)
        do throws(ConnectionError) {
            let apiVersions = try await negotiate(over: pipe, peer: peer, options: options)
            pipe.onLoop { $0.negotiated(maximumResponseBytes: options.maximumResponseBytes) }
            let connection = ClientConnection(
                peer: peer,
                apiVersions: apiVersions,
                options: options,
                pipe: pipe,
                end: end
            )
            try await options.authenticator?.authenticate(connection)
            logger.debug("Connected", metadata: ["peer": "\(peer)"])
            return connection
        } catch {
            pipe.onLoop { $0.close(error) }
            throw error
        }
    }

    private static func openChannel(
        to peer: PeerAddress,
        options: ConnectionOptions,
        on group: any EventLoopGroup,
        logger: Logger,
        end: ConnectionEnd
    ) async throws(ConnectionError) -> RequestPipe {
        guard (1...65535).contains(peer.port) else {
            throw .unreachable(peer, reason: "the port must be 1 to 65535")
        }
        try await options.faults?.awaitWay(to: peer, limit: options.connectTimeout)
        let bootstrap = ClientBootstrap(group: group)
            .connectTimeout(.milliseconds(options.connectTimeout.inMilliseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let faults = options.faults {
                        try channel.pipeline.syncOperations.addHandler(FaultyLinkHandler(faults, peer: peer))
                    }
                    try options.security?.install(on: channel, peer: peer)
                    let handler = ClientChannelHandler(
                        peer: peer,
                        idleLimit: options.idleLimit,
                        logger: logger,
                        onEnd: end.ended
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            let connected: EventLoopFuture<any Channel>
            if let literal = try? SocketAddress(ipAddress: peer.host, port: peer.port) {
                connected = bootstrap.connect(to: literal)
            } else {
                connected = bootstrap.connect(host: peer.host, port: peer.port)
            }
            return try await connected.flatMapThrowing { channel in
                let handler = try channel.pipeline.syncOperations.handler(type: ClientChannelHandler.self)
                return RequestPipe(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
            }.get()
        } catch {
            throw ConnectionFailure.connecting(to: peer, timeout: options.connectTimeout, error: error)
        }
    }

    private static func negotiate(
        over pipe: RequestPipe,
        peer: PeerAddress,
        options: ConnectionOptions
    ) async throws(ConnectionError) -> ApiVersionsResponse {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = options.softwareName
        request.clientSoftwareVersion = options.softwareVersion
        let deadline = ContinuousClock.now + options.negotiationTimeout
        var negotiation = VersionNegotiation()
        var action = negotiation.start
        while true {
            switch action {
            case .ask(let version):
                let timeout = max(.zero, deadline - ContinuousClock.now)
                let body = try await ask(request, version: version, over: pipe, timeout: timeout, peer: peer, options)
                action = negotiation.received(body)
            case .done(let response):
                return response
            case .refused(let code):
                throw .negotiationFailed(peer, code)
            case .unreadable(let cause):
                throw .malformedResponse(peer, api: .apiVersions, cause)
            }
        }
    }

    private static func ask(
        _ request: ApiVersionsRequest,
        version: Int16,
        over pipe: RequestPipe,
        timeout: Duration,
        peer: PeerAddress,
        _ options: ConnectionOptions
    ) async throws(ConnectionError) -> ByteBuffer {
        let id = pipe.nextCorrelationID()
        let frame: EncodedFrame
        do throws(WireError) {
            frame = try RequestEncoder.encode(request, version: version, correlationID: id, clientID: options.clientID)
        } catch {
            throw .unencodableRequest(peer, api: .apiVersions, error)
        }
        let result = await pipe.roundTrip { completion in
            OutgoingRequest(
                api: .apiVersions,
                version: version,
                correlationID: id,
                frame: frame,
                timeout: timeout,
                expectsResponse: true,
                completion: completion
            )
        }
        do throws(ConnectionError) {
            return try result.get()
        } catch {
            guard case .requestTimedOut = error else { throw error }
            throw .negotiationTimedOut(peer, after: options.negotiationTimeout)
        }
    }
}
