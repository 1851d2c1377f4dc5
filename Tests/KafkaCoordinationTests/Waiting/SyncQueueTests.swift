import KafkaCoordination
import Testing

/// Whose turn it is to become durable.
@Suite struct SyncQueueTests {
    @Test func oneTurnServesAllWhoAskedBeforeIt() {
        var queue = SyncQueue<String>(limit: 2)
        #expect(queue.request("a") == true)
        #expect(queue.request("a") == false)
        #expect(queue.start() == ["a"])
        #expect(queue.start() == [])
        #expect(queue.finished("a") == false)
        #expect(queue.isIdle)
    }

    @Test func whoAsksMeanwhileGetsAnother() {
        var queue = SyncQueue<String>(limit: 2)
        _ = queue.request("a")
        _ = queue.start()
        #expect(queue.request("a") == false)
        #expect(queue.request("a") == false)
        #expect(queue.start() == [])
        #expect(queue.finished("a") == true)
        #expect(queue.start() == ["a"])
        #expect(queue.finished("a") == false)
        #expect(queue.isIdle)
    }

    @Test func noMoreThanTheLimitAndInTurn() {
        var queue = SyncQueue<Int>(limit: 2)
        #expect((0..<5).map { queue.request($0) } == [true, true, true, true, true])
        #expect(queue.start() == [0, 1])
        #expect(queue.request(0) == false)
        #expect(queue.request(5) == false)
        #expect(queue.start() == [])
        #expect(queue.finished(0) == true)
        #expect(queue.start() == [2])
        #expect(queue.finished(7) == false)
        #expect(queue.finished(3) == false)
        for key in [1, 2] { #expect(queue.finished(key) == true) }
        #expect(queue.start() == [3, 4])
        for key in [3, 4] { _ = queue.finished(key) }
        #expect(queue.start() == [5, 0])
    }
}
