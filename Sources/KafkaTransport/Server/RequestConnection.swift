import KafkaWire
import NIOCore

/// One client's connection to a listener: the task that answers its requests, one after another.
final class RequestConnection: Sendable {
    /// File ranges of fewer bytes are read on the storage thread and sent with the rest of the answer: one packet instead
    /// of two, and no disk access on the event loop.
    static let smallestSendfile = 16 * 1024

    /// What goes to the socket for one request.
    enum Reply: Sendable {
        case send([RecordData])
        case nothing
        case close

        var byteCount: Int {
            if case .send(let parts) = self { parts.reduce(0) { $0 + $1.count } } else { 0 }
        }
    }

    let info: ConnectionInfo
    private let exchange: RequestExchange
    private let channel: any Channel
    private let handler: NIOLoopBound<RequestChannelHandler>

    init(
        info: ConnectionInfo,
        exchange: RequestExchange,
        channel: any Channel,
        handler: NIOLoopBound<RequestChannelHandler>
    ) {
        self.info = info
        self.exchange = exchange
        self.channel = channel
        self.handler = handler
    }

    /// Answers requests until the connection ends.
    func run(_ requestHandler: some RequestHandler) async {
        while let request = await exchange.next() {
            let reply = Self.reply(await requestHandler.handle(request))
            if exchange.add(reply) {
                channel.eventLoop.execute {
                    self.handler.value.writeReplies()
                }
            }
            if case .close = reply { return }
        }
    }

    /// Takes no more requests, answers those it has, closes.
    func drain() {
        channel.eventLoop.execute {
            self.handler.value.drain()
        }
    }

    func closeNow() {
        channel.close(promise: nil)
    }

    private static func reply(_ action: ResponseAction) -> Reply {
        switch action {
        case .noResponse: .nothing
        case .close: .close
        case .respond(let frame): reply(frame.parts)
        }
    }

    /// Joins small file ranges with the bytes around them.
    private static func reply(_ parts: [RecordData]) -> Reply {
        guard parts.contains(where: isSmallFile) else { return .send(parts) }
        var joined: [RecordData] = []
        var bytes = ByteBuffer()
        for part in parts {
            guard !isLargeFile(part) else {
                joined.append(.bytes(bytes))
                bytes = ByteBuffer()
                joined.append(part)
                continue
            }
            // A file that cannot be read leaves an answer that cannot be completed.
            guard let piece = try? part.bytes() else { return .close }
            bytes.writeImmutableBuffer(piece)
        }
        if bytes.readableBytes > 0 {
            joined.append(.bytes(bytes))
        }
        return .send(joined)
    }

    private static func isSmallFile(_ part: RecordData) -> Bool {
        if case .file(let slice) = part { slice.count < smallestSendfile } else { false }
    }

    private static func isLargeFile(_ part: RecordData) -> Bool {
        if case .file(let slice) = part { slice.count >= smallestSendfile } else { false }
    }
}
