import Testing

@testable import KafkaCoordination

@Suite struct TimerQueueTests {
    @Test func theEarliestComesFirst() {
        var queue = TimerQueue<String>()
        queue.set("b", atMs: 20)
        queue.set("a", atMs: 10)
        queue.set("c", atMs: 30)
        #expect(queue.nextDeadlineMs == 10)
        #expect(queue.popDue(nowMs: 9) == nil)
        #expect(queue.popDue(nowMs: 25) == "a")
        #expect(queue.popDue(nowMs: 25) == "b")
        #expect(queue.popDue(nowMs: 25) == nil)
        #expect(queue.count == 1)
    }

    @Test func aDeadlineThatMovedBackIsNotDueAtItsOldTime() {
        var queue = TimerQueue<String>()
        queue.set("a", atMs: 10)
        queue.set("a", atMs: 50)
        #expect(queue.nextDeadlineMs == 10, "early is allowed")
        #expect(queue.popDue(nowMs: 10) == nil)
        #expect(queue.nextDeadlineMs == 50)
        #expect(queue.popDue(nowMs: 50) == "a")
    }

    @Test func aDeadlineCanBeBroughtForwardAndCancelled() {
        var queue = TimerQueue<String>()
        queue.set("a", atMs: 50)
        queue.set("a", atMs: 10)
        #expect(queue.popDue(nowMs: 10) == "a")
        #expect(queue.popDue(nowMs: 100) == nil)
        queue.set("a", atMs: 50)
        queue.set("b", atMs: 60)
        queue.cancel("a")
        #expect(queue.popDue(nowMs: 100) == "b")
        #expect(queue.nextDeadlineMs == nil)
    }

    @Test func agreesWithASlowQueue() {
        var random = SystemRandomNumberGenerator()
        var queue = TimerQueue<Int>()
        var plain: [Int: Int64] = [:]
        var nowMs: Int64 = 0
        for _ in 0..<20_000 {
            let key = Int.random(in: 0..<50, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                let deadlineMs = nowMs + Int64.random(in: 1..<100, using: &random)
                queue.set(key, atMs: deadlineMs)
                plain[key] = deadlineMs
            case 2:
                queue.cancel(key)
                plain[key] = nil
            default:
                nowMs += Int64.random(in: 0..<20, using: &random)
                var due: Set<Int> = []
                while let key = queue.popDue(nowMs: nowMs) { due.insert(key) }
                #expect(due == Set(plain.filter { $0.value <= nowMs }.keys))
                plain = plain.filter { $0.value > nowMs }
            }
            if let first = plain.values.min(), let next = queue.nextDeadlineMs {
                #expect(next <= first)
            } else {
                #expect(plain.isEmpty)
            }
        }
    }
}
