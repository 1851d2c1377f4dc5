import Testing

@testable import SwkafkaCommands

@Suite struct SendPaceTests {
    @Test func withoutLimitSendsWholeChunks() {
        let pace = SendPace(rate: nil, chunk: 1000)
        #expect(pace.step(sent: 0, left: 2500, elapsedNs: 0) == .send(1000))
        #expect(pace.step(sent: 2000, left: 500, elapsedNs: 0) == .send(500))
    }

    @Test(arguments: [0.5, 3, 200, 1500, 123_456])
    func keepsTheRate(rate: Double) {
        let pace = SendPace(rate: rate, chunk: 1000)
        var (sent, elapsed) = (0, UInt64(0))
        let end: UInt64 = 20_000_000_000
        while elapsed < end {
            switch pace.step(sent: sent, left: .max, elapsedNs: elapsed) {
            case .send(let count): sent += count
            case .sleep(let ns): elapsed += ns
            }
            #expect(Double(sent) <= Double(elapsed) / 1e9 * rate + 1)
        }
        #expect(Double(sent) >= 20 * rate * 0.99 - 1)
    }

    @Test func neverSleepsAwayASecondOrSpins() {
        let pace = SendPace(rate: 0.01, chunk: 10)
        #expect(pace.step(sent: 1, left: 5, elapsedNs: 0) == .sleep(ns: 1_000_000_000))
        #expect(SendPace(rate: 1e7, chunk: 1).step(sent: 5, left: 5, elapsedNs: 100) == .sleep(ns: 1_000_000))
    }
}
