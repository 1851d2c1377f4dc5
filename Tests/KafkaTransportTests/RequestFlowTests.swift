import Testing

@testable import KafkaTransport

@Suite struct RequestFlowTests {
    @Test func readsUntilTwoRequestsAreWithTheHandler() {
        var flow = RequestFlow()
        #expect(flow.mayHandOver)
        #expect(flow.next() == .read)
        flow.handedOver()
        #expect(flow.mayHandOver)
        #expect(flow.next() == .read)
        flow.handedOver()
        #expect(!flow.mayHandOver)
        #expect(flow.next() == .wait)
        flow.answered()
        #expect(flow.mayHandOver)
        #expect(flow.next() == .read)
    }

    @Test func aSlowReaderStopsEverything() {
        var flow = RequestFlow()
        flow.writabilityChanged(false)
        #expect(!flow.mayHandOver)
        #expect(flow.next() == .wait)
        flow.inputClosed()
        #expect(flow.next() == .wait)
        flow.writabilityChanged(true)
        #expect(flow.next() == .close)
    }

    @Test func whatCameBeforeTheEndIsAnswered() {
        var flow = RequestFlow()
        flow.handedOver()
        flow.inputClosed()
        #expect(flow.mayHandOver)
        #expect(flow.next() == .wait)
        flow.answered()
        #expect(flow.next() == .close)
        #expect(flow.next() == .wait)
    }

    @Test func drainingFinishesWhatWasHandedOver() {
        var flow = RequestFlow()
        flow.handedOver()
        flow.handedOver()
        flow.drain()
        #expect(!flow.mayHandOver)
        #expect(flow.next() == .wait)
        flow.answered()
        #expect(flow.next() == .wait)
        flow.answered()
        #expect(flow.isIdle)
        #expect(flow.next() == .close)
        flow.drain()
        #expect(flow.next() == .wait)
    }

    @Test func drainingAnIdleConnectionClosesIt() {
        var flow = RequestFlow()
        flow.drain()
        #expect(flow.next() == .close)
    }
}
