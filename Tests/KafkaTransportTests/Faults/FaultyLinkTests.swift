import KafkaMessages
import NIOCore
import Synchronization
import Testing

@testable import KafkaTransport

/// Connections that fail on purpose.
@Suite(.timeLimit(.minutes(1))) struct FaultyLinkTests {
    /// A fault that a test sets.
    private final class Switch: ConnectionFaults {
        private let state = Mutex(LinkCondition.sound)
        private let questions = Mutex(0)

        var isAsked: Int { questions.withLock { $0 } }

        func set(_ condition: LinkCondition) { state.withLock { $0 = condition } }

        func condition(ofConnectionTo peer: PeerAddress?) -> LinkCondition {
            questions.withLock { $0 += 1 }
            return state.withLock { $0 }
        }
    }

    @Test func nothingComesThroughUntilACutEnds() async throws {
        let faults = Switch()
        try await withListener(PlainHandler()) { listener in
            let connection = try await connect(port: listener.port) { $0.faults = faults }
            _ = try await connection.send(MetadataRequest())
            faults.set(LinkCondition(cut: .silent))
            async let answer = connection.send(MetadataRequest())
            let asked = faults.isAsked
            // It is held, and looked at again and again.
            while faults.isAsked < asked + 5 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(connection.isOpen)
            faults.set(.sound)
            _ = try await answer
            await connection.closeAndWait()
        }
    }

    @Test func aSilentCutEndsInTimeouts() async throws {
        let faults = Switch()
        try await withListener(PlainHandler()) { listener in
            let connection = try await connect(port: listener.port) { $0.faults = faults }
            faults.set(LinkCondition(cut: .silent))
            await #expect(throws: ConnectionError.self) {
                try await connection.send(MetadataRequest(), timeout: .milliseconds(50))
            }
            await connection.closeAndWait()
            let error = await #expect(throws: ConnectionError.self) {
                try await connect(port: listener.port) {
                    $0.faults = faults
                    $0.connectTimeout = .milliseconds(50)
                }
            }
            guard case .connectTimedOut? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func aRefusingCutEndsConnections() async throws {
        let faults = Switch()
        try await withListener(PlainHandler()) { listener in
            let connection = try await connect(port: listener.port) { $0.faults = faults }
            _ = try await connection.send(MetadataRequest())
            faults.set(LinkCondition(cut: .refused))
            let error = await #expect(throws: ConnectionError.self) { try await connection.send(MetadataRequest()) }
            #expect(error == .closed(connection.peer, .byPeer))
            await #expect(throws: ConnectionError.refused(connection.peer)) {
                try await connect(port: listener.port) { $0.faults = faults }
            }
        }
    }

    @Test func answersAreLateAndInOrder() async throws {
        let faults = Switch()
        try await withListener(PlainHandler(), configure: { $0.faults = faults }) { listener in
            let connection = try await connect(port: listener.port)
            faults.set(LinkCondition(delayMs: 100))
            let begin = ContinuousClock.now
            async let first = connection.send(MetadataRequest())
            async let second = connection.send(MetadataRequest())
            _ = try await (first, second)
            #expect(ContinuousClock.now - begin >= .milliseconds(100))
            // What comes after the fault does not overtake.
            async let third = connection.send(MetadataRequest())
            faults.set(.sound)
            _ = try await third
            await connection.closeAndWait()
        }
    }

    @Test func whatIsHeldKeepsItsOrder() {
        var queue = HeldQueue<String>()
        queue.hold("a", untilMs: 100)
        queue.hold("b", untilMs: 50)
        #expect(queue.nextDueMs == 100 && queue.release(nowMs: 99) == nil)
        #expect(queue.release(nowMs: 100) == "a" && queue.release(nowMs: 100) == "b" && queue.isEmpty)
        queue.hold("c", untilMs: 0)
        #expect(queue.removeAll() == ["c"] && queue.isEmpty)
    }
}
