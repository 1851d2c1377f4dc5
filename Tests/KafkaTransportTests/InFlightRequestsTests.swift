import KafkaTransport
import Testing

@Suite struct InFlightRequestsTests {
    typealias Machine = InFlightRequests<String>

    /// Holds the machine where `#expect` can get at it: the macro cannot capture what cannot be copied.
    private final class Holder {
        private var machine: Machine

        init(idleLimitMs: Int64?) {
            machine = Machine(idleLimitMs: idleLimitMs, nowMs: 0)
        }

        var count: Int { machine.count }

        func send(correlationID: Int32, deadlineMs: Int64, token: String, nowMs: Int64) -> Machine.SendAction {
            machine.send(correlationID: correlationID, deadlineMs: deadlineMs, token: token, nowMs: nowMs)
        }

        func sendWithoutResponse(nowMs: Int64) -> Bool { machine.sendWithoutResponse(nowMs: nowMs) }

        func received(correlationID: Int32, nowMs: Int64) -> Machine.ReceiveAction {
            machine.received(correlationID: correlationID, nowMs: nowMs)
        }

        func giveUp(correlationID: Int32) -> String? { machine.giveUp(correlationID: correlationID) }
        func expire(nowMs: Int64) -> Machine.ExpireAction { machine.expire(nowMs: nowMs) }
        func close() -> [String] { machine.close() }
    }

    private func machine(idleLimitMs: Int64? = nil) -> Holder {
        Holder(idleLimitMs: idleLimitMs)
    }

    @Test func answersCompleteRequestsInTheirOrder() {
        let machine = machine()
        #expect(machine.send(correlationID: 1, deadlineMs: 100, token: "a", nowMs: 0) == .write(checkAtMs: 100))
        #expect(machine.send(correlationID: 2, deadlineMs: 90, token: "b", nowMs: 0) == .write(checkAtMs: 90))
        #expect(machine.count == 2)
        #expect(machine.received(correlationID: 1, nowMs: 1) == .complete("a"))
        #expect(machine.received(correlationID: 2, nowMs: 1) == .complete("b"))
        #expect(machine.count == 0)
    }

    @Test func anAnswerOutOfOrderEndsTheConnection() {
        let machine = machine()
        _ = machine.send(correlationID: 1, deadlineMs: 100, token: "a", nowMs: 0)
        _ = machine.send(correlationID: 2, deadlineMs: 100, token: "b", nowMs: 0)
        #expect(machine.received(correlationID: 2, nowMs: 1) == .outOfStep(expected: 1, failed: ["a", "b"]))
        #expect(machine.send(correlationID: 3, deadlineMs: 100, token: "c", nowMs: 2) == .refuse("c"))
        #expect(machine.close() == [])
    }

    @Test func anAnswerToNothingEndsTheConnection() {
        let machine = machine()
        #expect(machine.received(correlationID: 7, nowMs: 1) == .outOfStep(expected: nil, failed: []))
    }

    @Test func aRequestGivenUpKeepsItsPlace() {
        let machine = machine()
        _ = machine.send(correlationID: 1, deadlineMs: 100, token: "a", nowMs: 0)
        _ = machine.send(correlationID: 2, deadlineMs: 100, token: "b", nowMs: 0)
        #expect(machine.giveUp(correlationID: 1) == "a")
        #expect(machine.giveUp(correlationID: 1) == nil)
        #expect(machine.giveUp(correlationID: 9) == nil)
        #expect(machine.received(correlationID: 1, nowMs: 1) == .discard)
        #expect(machine.received(correlationID: 2, nowMs: 1) == .complete("b"))
    }

    @Test func timeUpFailsTheLateAndTheOthers() {
        let machine = machine()
        _ = machine.send(correlationID: 1, deadlineMs: 300, token: "a", nowMs: 0)
        _ = machine.send(correlationID: 2, deadlineMs: 100, token: "b", nowMs: 0)
        #expect(machine.expire(nowMs: 99) == .wait(untilMs: 100))
        #expect(machine.expire(nowMs: 100) == .timedOut(expired: ["b"], others: ["a"]))
        #expect(machine.expire(nowMs: 500) == .wait(untilMs: nil))
        #expect(machine.received(correlationID: 1, nowMs: 500) == .discard)
    }

    @Test func nothingInFlightNeverTimesOut() {
        let machine = machine()
        _ = machine.send(correlationID: 1, deadlineMs: 100, token: "a", nowMs: 0)
        _ = machine.received(correlationID: 1, nowMs: 50)
        #expect(machine.expire(nowMs: 1000) == .wait(untilMs: nil))
    }

    @Test func onlyAnIdleConnectionIsClosedAsIdle() {
        let machine = machine(idleLimitMs: 1000)
        #expect(machine.expire(nowMs: 999) == .wait(untilMs: 1000))
        _ = machine.send(correlationID: 1, deadlineMs: 5000, token: "a", nowMs: 999)
        #expect(machine.expire(nowMs: 3000) == .wait(untilMs: 5000))
        _ = machine.received(correlationID: 1, nowMs: 4000)
        #expect(machine.expire(nowMs: 4999) == .wait(untilMs: 5000))
        #expect(machine.sendWithoutResponse(nowMs: 4999))
        #expect(machine.expire(nowMs: 5500) == .wait(untilMs: 5999))
        #expect(machine.expire(nowMs: 5999) == .closeIdle)
        #expect(!machine.sendWithoutResponse(nowMs: 6000))
    }

    @Test func closingFailsWhatWaitsAndRefusesTheRest() {
        let machine = machine()
        _ = machine.send(correlationID: 1, deadlineMs: 100, token: "a", nowMs: 0)
        _ = machine.send(correlationID: 2, deadlineMs: 100, token: "b", nowMs: 0)
        _ = machine.giveUp(correlationID: 2)
        #expect(machine.close() == ["a"])
        #expect(machine.close() == [])
        #expect(machine.send(correlationID: 3, deadlineMs: 100, token: "c", nowMs: 1) == .refuse("c"))
        #expect(machine.giveUp(correlationID: 1) == nil)
        #expect(machine.count == 0)
    }
}
