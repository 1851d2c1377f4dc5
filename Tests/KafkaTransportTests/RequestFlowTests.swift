import Testing

@testable import KafkaTransport

@Suite struct RequestFlowTests {
    @Test func twoRequestsOfAnySizeAreHandedOver() {
        var flow = RequestFlow()
        #expect(flow.next() == .read)
        flow.handedOver(bytes: RequestFlow.byteLimit * 50)
        #expect(flow.mayHandOver)
        #expect(flow.next() == .read)
        flow.handedOver(bytes: RequestFlow.byteLimit * 50)
        #expect(!flow.mayHandOver)
        #expect(flow.next() == .wait)
        flow.answered()
        #expect(flow.mayHandOver)
        #expect(flow.next() == .read)
    }

    @Test func manySmallRequestsAreHandedOver() {
        var flow = RequestFlow()
        for _ in 0..<RequestFlow.countLimit {
            #expect(flow.mayHandOver)
            flow.handedOver(bytes: 10)
        }
        #expect(!flow.mayHandOver)
        flow.answered()
        #expect(flow.mayHandOver)
        flow.handedOver(bytes: RequestFlow.byteLimit)
        flow.answered()
        #expect(!flow.mayHandOver)
    }

    @Test func aHandlerThatClosesAbandonsTheRest() {
        var flow = RequestFlow()
        flow.handedOver(bytes: 10)
        flow.handedOver(bytes: 10)
        flow.answered()
        flow.abandon()
        #expect(flow.next() == .close)
        flow.answered()
        #expect(flow.next() == .wait)
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
        flow.handedOver(bytes: 10)
        flow.inputClosed()
        #expect(flow.mayHandOver)
        #expect(flow.next() == .wait)
        flow.answered()
        #expect(flow.next() == .close)
        #expect(flow.next() == .wait)
    }

    @Test func drainingFinishesWhatWasHandedOver() {
        var flow = RequestFlow()
        flow.handedOver(bytes: 10)
        flow.handedOver(bytes: 10)
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
