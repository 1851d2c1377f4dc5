import KafkaMessages
import NIOCore
import Synchronization

/// The way from any thread to a connection's event loop: requests that are submitted before the loop gets to them are
/// written together with one flush.
final class RequestPipe: Sendable {
    enum Item: Sendable {
        case request(OutgoingRequest)
        case giveUp(correlationID: Int32)
    }

    let channel: any Channel
    private let handler: NIOLoopBound<ClientChannelHandler>
    private let outbox = Mutex<[Item]>([])
    private let lastCorrelationID = Atomic<Int32>(0)

    init(channel: any Channel, handler: NIOLoopBound<ClientChannelHandler>) {
        self.channel = channel
        self.handler = handler
    }

    func nextCorrelationID() -> Int32 {
        // Kept to 31 bits: some brokers and proxies take a negative number for garbage.
        lastCorrelationID.wrappingAdd(1, ordering: .relaxed).newValue & .max
    }

    func submit(_ item: Item) {
        let isFirst = outbox.withLock { items in
            items.append(item)
            return items.count == 1
        }
        if isFirst {
            scheduleDrain()
        }
    }

    func submit(_ requests: some Sequence<OutgoingRequest>) {
        let isFirst = outbox.withLock { items in
            let wasEmpty = items.isEmpty
            items.append(contentsOf: requests.lazy.map(Item.request))
            return wasEmpty && !items.isEmpty
        }
        if isFirst {
            scheduleDrain()
        }
    }

    /// Sends a request and waits for the bytes of its answer.
    func roundTrip(
        _ makeRequest: (@escaping OutgoingRequest.Completion) -> OutgoingRequest,
        afterSubmit: () -> Void = {}
    ) async -> Result<ByteBuffer, ConnectionError> {
        await withCheckedContinuation { continuation in
            submit(.request(makeRequest { continuation.resume(returning: $0) }))
            afterSubmit()
        }
    }

    func onLoop(_ body: @escaping @Sendable (ClientChannelHandler) -> Void) {
        channel.eventLoop.execute {
            body(self.handler.value)
        }
    }

    private func scheduleDrain() {
        onLoop { handler in
            handler.process(
                self.outbox.withLock { items in
                    let taken = items
                    items = []
                    return taken
                }
            )
        }
    }
}
