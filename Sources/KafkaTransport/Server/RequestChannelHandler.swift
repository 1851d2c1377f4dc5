import KafkaWire
import Logging
import NIOCore

/// The event-loop side of a server connection: cuts frames, hands requests to the connection's task, writes its answers.
final class RequestChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = IOData

    private let exchange: RequestExchange
    private let info: ConnectionInfo
    private let idleLimit: Duration?
    private let logger: Logger
    private var frames: FrameAccumulator
    private var flow = RequestFlow()
    private var context: ChannelHandlerContext?
    private var isReading = false
    private var lastActivity = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?

    init(
        exchange: RequestExchange,
        info: ConnectionInfo,
        maximumRequestBytes: Int,
        idleLimit: Duration?,
        logger: Logger
    ) {
        self.exchange = exchange
        self.info = info
        self.idleLimit = idleLimit
        self.logger = logger
        frames = FrameAccumulator(maximumFrameBytes: maximumRequestBytes)
    }

    // MARK: From the connection's task

    /// Writes the replies that wait, with one flush.
    func writeReplies() {
        var wrote = false
        for reply in exchange.takeReplies() {
            flow.answered()
            switch reply {
            case .send(let parts):
                context?.write(parts)
                wrote = true
            case .nothing:
                break
            case .close:
                flow.abandon()
            }
        }
        lastActivity = .now()
        if wrote {
            context?.flush()
        }
        exchange.repliesWritten()
        pump()
    }

    /// Hands over no more requests, and closes when the last answer is out.
    func drain() {
        flow.drain()
        pump()
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive {
            begin()
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        frames.append(unwrapInboundIn(data))
        lastActivity = .now()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        pump()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flow.writabilityChanged(context.channel.isWritable)
        exchange.setWritable(context.channel.isWritable)
        pump()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            flow.inputClosed()
            pump()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleTimer?.cancel()
        idleTimer = nil
        exchange.finish()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        closeNow(reason: ConnectionFailure.text(of: error))
    }

    // MARK: Flow

    private func begin() {
        scheduleIdleCheck()
        pump()
    }

    private func pump() {
        guard let context else { return }
        do {
            while flow.mayHandOver, let frame = try frames.next() {
                let request = try IncomingRequest(frame: frame, connection: info)
                flow.handedOver(bytes: frame.readableBytes)
                exchange.put(request)
            }
        } catch {
            return closeNow(reason: "\(error)")
        }
        switch flow.next() {
        case .read where !isReading:
            isReading = true
            context.read()
        case .read, .wait:
            break
        case .close:
            closeAfterWrites()
        }
    }

    private func closeAfterWrites() {
        guard let context else { return }
        exchange.finish()
        let channel = context.channel
        // Writes end in their order: when this one has, all answers are out.
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private func closeNow(reason: String) {
        logger.debug(
            "Closing connection",
            metadata: ["connection": "\(info.id)", "remote": "\(info.remoteHost)", "reason": "\(reason)"]
        )
        context?.close(promise: nil)
    }

    private func scheduleIdleCheck() {
        guard let idleLimit, let context, idleTimer == nil else { return }
        let limit = TimeAmount.milliseconds(idleLimit.inMilliseconds)
        let due = lastActivity + limit
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        idleTimer = context.eventLoop.scheduleTask(deadline: due) {
            let handler = bound.value
            handler.idleTimer = nil
            if handler.lastActivity + limit <= .now(), handler.flow.isIdle {
                handler.closeNow(reason: "idle")
            } else {
                handler.scheduleIdleCheck()
            }
        }
    }
}
