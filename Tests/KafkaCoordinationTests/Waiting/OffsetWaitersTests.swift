import Testing

@testable import KafkaCoordination

@Suite struct OffsetWaitersTests {
    @Test func wakesThoseWhoseOffsetCameInOrder() {
        var waiters = OffsetWaiters<String>()
        _ = waiters.add("a", until: 5)
        _ = waiters.add("b", until: 3)
        _ = waiters.add("c", until: 5)
        #expect(waiters.advance(to: 2) == [])
        #expect(waiters.advance(to: 4) == ["b"])
        #expect(waiters.advance(to: 10) == ["a", "c"])
        #expect(waiters.isEmpty)
    }

    @Test func forgetsThoseWhoLeave() {
        var waiters = OffsetWaiters<String>()
        let id = waiters.add("a", until: 1)
        _ = waiters.add("b", until: 7)
        waiters.remove(id)
        waiters.remove(id)
        #expect(waiters.advance(to: 6) == [])
        #expect(waiters.wakeAll() == ["b"])
        #expect(waiters.count == 0)
    }
}
