import KafkaClient
import KafkaTransport
import Testing

@Suite struct ConnectionSlotsTests {
    private let error = KafkaClientError(.connectionFailed, "refused")

    private func name(_ action: ConnectionSlots<String>.Action) -> String {
        switch action {
        case .use(let connection): "use \(connection)"
        case .connect: "connect"
        case .wait: "wait"
        case .fail(let error): "fail \(error)"
        case .closed: "closed"
        }
    }

    /// A machine that cannot be copied cannot stand inside `#expect`.
    private func request(
        _ slots: inout ConnectionSlots<String>,
        _ key: ConnectionSlots<String>.Key,
        at nowMs: Int64,
        isUsable: Bool = true,
        gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let action = name(slots.request(key, nowMs: nowMs) { _ in isUsable })
        #expect(action == expected, sourceLocation: sourceLocation)
    }

    @Test func oneConnectsAndTheOthersWait() {
        var slots = ConnectionSlots<String>(backoff: ReconnectBackoff(initialMs: 100, maximumMs: 1000))
        let key = ConnectionSlots<String>.Key.node(1, .general)
        request(&slots, key, at: 0, gives: "connect")
        request(&slots, key, at: 0, gives: "wait")
        request(&slots, .node(1, .fetch), at: 0, gives: "connect")
        let answer1 = slots.connected(key, "a")
        #expect(answer1 == true)
        request(&slots, key, at: 0, gives: "use a")
        // The broker closed it, or has another address now.
        request(&slots, key, at: 0, isUsable: false, gives: "connect")
    }

    @Test func failuresRestAndGrow() {
        var slots = ConnectionSlots<String>(backoff: ReconnectBackoff(initialMs: 100, maximumMs: 1000))
        let key = ConnectionSlots<String>.Key.node(1, .general)
        _ = slots.request(key, nowMs: 0) { _ in true }
        slots.failed(key, error, nowMs: 0, random: 0.5)
        request(&slots, key, at: 99, gives: "fail refused")
        let answer2 = slots.isResting(key, nowMs: 99)
        #expect(answer2)
        request(&slots, key, at: 100, gives: "connect")
        slots.failed(key, error, nowMs: 100, random: 0.5)
        let answer3 = slots.isResting(key, nowMs: 299)
        #expect(answer3)
        let rests300 = slots.isResting(key, nowMs: 300)
        #expect(!rests300)
        _ = slots.request(key, nowMs: 300) { _ in true }
        let answer4 = slots.connected(key, "a")
        #expect(answer4 == true)
        _ = slots.request(key, nowMs: 300) { _ in false }
        slots.failed(key, error, nowMs: 300, random: 0.5)
        let rests400 = slots.isResting(key, nowMs: 400)
        #expect(!rests400)
    }

    @Test func anAbandonedAttemptIsTakenOver() {
        var slots = ConnectionSlots<String>(backoff: ReconnectBackoff())
        let key = ConnectionSlots<String>.Key.node(1, .general)
        _ = slots.request(key, nowMs: 0) { _ in true }
        slots.abandoned(key)
        request(&slots, key, at: 0, gives: "connect")
    }

    @Test func closingHandsBackWhatIsOpen() {
        var slots = ConnectionSlots<String>(backoff: ReconnectBackoff())
        let first = ConnectionSlots<String>.Key.node(1, .general)
        let second = ConnectionSlots<String>.Key.node(2, .general)
        _ = slots.request(first, nowMs: 0) { _ in true }
        _ = slots.request(second, nowMs: 0) { _ in true }
        let answer5 = slots.connected(first, "a")
        #expect(answer5 == true)
        let answer6 = slots.close()
        #expect(answer6 == ["a"])
        // The second attempt ends after the closing: its connection must be closed by whoever made it.
        let answer7 = slots.connected(second, "b")
        #expect(answer7 == false)
        request(&slots, first, at: 0, gives: "closed")
    }
}
