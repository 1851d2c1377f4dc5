import KafkaMessages
import KafkaWire
import Logging
import NIOCore

/// The event-loop side of a client connection: feeds `InFlightRequests` from socket and timer, and does what it says.
final class ClientChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    /// The limit of an answer until the peer has proved to be a broker. What other protocols greet with is longer, if it
    /// is taken for a length.
    static let negotiationFrameLimit = 100 * 1024 * 1024

    private struct Waiting {
        let request: OutgoingRequest

        func fail(_ error: ConnectionError) {
            request.completion(.failure(error))
        }
    }

    private let peer: PeerAddress
    private let logger: Logger
    private let idleLimitMs: Int64?
    private var requests: InFlightRequests<Waiting>
    private var frames = FrameAccumulator(maximumFrameBytes: ClientChannelHandler.negotiationFrameLimit)
    private var context: ChannelHandlerContext?
    private var isNegotiated = false
    /// Why the connection ended, or will: the first reason counts.
    private(set) var end: ConnectionError?
    private let onEnd: @Sendable (ConnectionError) -> Void
    private var timer: (task: Scheduled<Void>, atMs: Int64)?

    init(
        peer: PeerAddress,
        idleLimit: Duration?,
        logger: Logger,
        onEnd: @escaping @Sendable (ConnectionError) -> Void
    ) {
        self.peer = peer
        self.logger = logger
        self.onEnd = onEnd
        idleLimitMs = idleLimit.map(\.inMilliseconds)
        requests = InFlightRequests(idleLimitMs: idleLimitMs, nowMs: Self.nowMs())
    }

    // MARK: From the owner

    /// The peer is a broker: answers may be large from here on, and an idle connection is closed.
    func negotiated(maximumResponseBytes: Int) {
        isNegotiated = true
        frames.maximumFrameBytes = maximumResponseBytes
        checkTime()
    }

    func process(_ items: [RequestPipe.Item]) {
        let nowMs = Self.nowMs()
        var wrote = false
        for item in items {
            switch item {
            case .request(let request):
                wrote = write(request, nowMs: nowMs) || wrote
            case .giveUp(let correlationID):
                requests.giveUp(correlationID: correlationID)?.fail(.cancelled(peer))
            }
        }
        if wrote {
            context?.flush()
        }
    }

    func close(_ reason: ConnectionError) {
        end = end ?? reason
        context?.close(promise: nil)
    }

    private func write(_ request: OutgoingRequest, nowMs: Int64) -> Bool {
        let waiting = Waiting(request: request)
        guard let context, end == nil else {
            waiting.fail(end ?? .closed(peer, .byUs))
            return false
        }
        guard request.expectsResponse else {
            guard requests.sendWithoutResponse(nowMs: nowMs) else {
                waiting.fail(.closed(peer, .byUs))
                return false
            }
            context.write(request.frame.parts)
            request.completion(.success(ByteBuffer()))
            return true
        }
        let action = requests.send(
            correlationID: request.correlationID,
            deadlineMs: nowMs + request.timeout.inMilliseconds,
            token: waiting,
            nowMs: nowMs
        )
        switch action {
        case .write(let checkAtMs):
            context.write(request.frame.parts)
            schedule(atMs: checkAtMs, nowMs: nowMs)
            return true
        case .refuse(let waiting):
            waiting.fail(.closed(peer, .byUs))
            return false
        }
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.append(unwrapInboundIn(data))
        do throws(FrameError) {
            while end == nil, let frame = try frames.next() {
                received(frame)
            }
        } catch {
            switch error {
            case .badLength(let prefix, _) where !isNegotiated:
                close(.notKafka(peer, ForeignProtocol(prefix: prefix)))
            case .badLength:
                close(.closed(peer, .failed(reason: error.description)))
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let reason = end ?? (isNegotiated ? .closed(peer, .byPeer) : .closedDuringNegotiation(peer))
        end = reason
        timer?.task.cancel()
        timer = nil
        onEnd(reason)
        for waiting in requests.close() {
            waiting.fail(reason)
        }
        logger.debug("Connection ended", metadata: ["peer": "\(peer)", "reason": "\(reason.failure)"])
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(
            isNegotiated
                ? .closed(peer, .failed(reason: ConnectionFailure.text(of: error))) : .closedDuringNegotiation(peer)
        )
    }

    private func received(_ frame: ByteBuffer) {
        var frame = frame
        guard let correlationID = frame.readInteger(as: Int32.self) else {
            return close(isNegotiated ? .closed(peer, .outOfStep) : .notKafka(peer, .garbage(prefix: 0)))
        }
        switch requests.received(correlationID: correlationID, nowMs: Self.nowMs()) {
        case .complete(let waiting):
            waiting.request.completion(.success(frame))
        case .discard:
            break
        case .outOfStep(let expected, let failed):
            logger.debug(
                "Answer out of order",
                metadata: [
                    "peer": "\(peer)", "correlation-id": "\(correlationID)",
                    "expected": "\(expected.map(String.init) ?? "none")",
                ]
            )
            let reason: ConnectionError =
                isNegotiated
                ? .closed(peer, .outOfStep) : .notKafka(peer, .garbage(prefix: UInt32(bitPattern: correlationID)))
            end = end ?? reason
            failed.forEach { $0.fail(reason) }
            context?.close(promise: nil)
        }
    }

    // MARK: Time

    private func checkTime() {
        let nowMs = Self.nowMs()
        switch requests.expire(nowMs: nowMs) {
        case .wait(let untilMs):
            if let untilMs {
                schedule(atMs: untilMs, nowMs: nowMs)
            }
        case .timedOut(let expired, let others):
            let api = expired.first?.request.api
            end = end ?? api.map { .closed(peer, .afterTimeout($0)) } ?? .closed(peer, .byUs)
            for waiting in expired {
                waiting.fail(.requestTimedOut(peer, api: waiting.request.api, after: waiting.request.timeout))
            }
            if let end {
                others.forEach { $0.fail(end) }
            }
            context?.close(promise: nil)
        case .closeIdle:
            close(.closed(peer, .idle))
        }
    }

    /// One timer serves all deadlines: it is set for the earliest seen, and set anew when it rings too early.
    private func schedule(atMs: Int64, nowMs: Int64) {
        if let timer, timer.atMs <= atMs { return }
        timer?.task.cancel()
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let task = context.eventLoop.scheduleTask(in: .milliseconds(max(0, atMs - nowMs))) {
            bound.value.timer = nil
            bound.value.checkTime()
        }
        timer = (task, atMs)
    }

    private static func nowMs() -> Int64 {
        Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
    }
}
