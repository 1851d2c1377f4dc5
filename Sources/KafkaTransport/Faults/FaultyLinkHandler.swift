import NIOCore

/// Stands next to the socket of a connection that may be made to fail, and holds back or ends what goes through it.
///
/// While nothing is wrong and nothing is held, data pass straight through. While something is wrong it looks again every
/// few milliseconds for as long as it holds anything; a connection that carries nothing needs no look.
final class FaultyLinkHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// How soon the end of a cut is noticed.
    static let glanceMs: Int64 = 10

    private enum Outgoing {
        case write(NIOAny, EventLoopPromise<Void>?)
        case flush
    }

    private let faults: any ConnectionFaults
    private let peer: PeerAddress?
    private var outgoing = HeldQueue<Outgoing>()
    /// What has come in while the connection is cut.
    private var incoming = HeldQueue<ByteBuffer>()
    private var hasReadCompleted = false
    /// Somebody asked for more to be read while the connection is cut.
    private var wantsRead = false
    private var timer: Scheduled<Void>?

    init(_ faults: any ConnectionFaults, peer: PeerAddress?) {
        self.faults = faults
        self.peer = peer
    }

    private var condition: LinkCondition { faults.condition(ofConnectionTo: peer) }

    private var holds: Bool { !outgoing.isEmpty || !incoming.isEmpty || wantsRead || hasReadCompleted }

    private static func nowMs() -> Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let condition = condition
        guard condition != .sound || !outgoing.isEmpty else { return context.write(data, promise: promise) }
        outgoing.hold(.write(data, promise), untilMs: Self.nowMs() + condition.delayMs)
        goOn(context, condition)
    }

    func flush(context: ChannelHandlerContext) {
        guard !outgoing.isEmpty else { return context.flush() }
        outgoing.hold(.flush, untilMs: 0)
        goOn(context, condition)
    }

    func read(context: ChannelHandlerContext) {
        guard condition.cut != nil else { return context.read() }
        wantsRead = true
        goOn(context, condition)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard condition.cut != nil || !incoming.isEmpty else { return context.fireChannelRead(data) }
        incoming.hold(unwrapInboundIn(data), untilMs: 0)
        goOn(context, condition)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard !incoming.isEmpty else { return context.fireChannelReadComplete() }
        hasReadCompleted = true
    }

    func channelInactive(context: ChannelHandlerContext) {
        abandon()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { abandon() }

    // MARK: Going on

    private func goOn(_ context: ChannelHandlerContext, _ condition: LinkCondition) {
        switch condition.cut {
        case .refused: return context.close(promise: nil)
        case .silent: break
        case nil: letThrough(context)
        }
        look(context, isCut: condition.cut != nil)
    }

    private func letThrough(_ context: ChannelHandlerContext) {
        let nowMs = Self.nowMs()
        while let item = outgoing.release(nowMs: nowMs) {
            switch item {
            case .write(let data, let promise): context.write(data, promise: promise)
            case .flush: context.flush()
            }
        }
        while let bytes = incoming.release(nowMs: nowMs) { context.fireChannelRead(wrapInboundOut(bytes)) }
        if hasReadCompleted {
            hasReadCompleted = false
            context.fireChannelReadComplete()
        }
        if wantsRead {
            wantsRead = false
            context.read()
        }
    }

    /// Looks again when something is due or the cut may be over.
    private func look(_ context: ChannelHandlerContext, isCut: Bool) {
        guard holds, timer == nil else { return }
        let waitMs = isCut ? Self.glanceMs : max(1, (outgoing.nextDueMs ?? 0) - Self.nowMs())
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .milliseconds(waitMs)) {
            let (handler, context) = bound.value
            handler.timer = nil
            handler.goOn(context, handler.condition)
        }
    }

    /// The connection has ended.
    private func abandon() {
        timer?.cancel()
        timer = nil
        _ = incoming.removeAll()
        wantsRead = false
        hasReadCompleted = false
        for case .write(_, let promise?) in outgoing.removeAll() { promise.fail(ChannelError.ioOnClosedChannel) }
    }
}
