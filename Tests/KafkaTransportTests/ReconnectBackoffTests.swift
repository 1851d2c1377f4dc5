import KafkaTransport
import Testing

@Suite struct ReconnectBackoffTests {
    @Test func theWaitDoublesUpToTheMaximum() {
        var backoff = ReconnectBackoff()
        let waits = (0..<8).map { _ in backoff.failed(random: 0.5) }
        #expect(waits == [50, 100, 200, 400, 800, 1000, 1000, 1000])
        backoff.succeeded()
        #expect(backoff.failed(random: 0.5) == 50)
    }

    @Test(arguments: [(0.0, Int64(40)), (0.25, 45), (0.5, 50), (0.75, 55), (0.999_999, 60)])
    func theWaitIsSpreadByAFifth(random: Double, expected: Int64) {
        var backoff = ReconnectBackoff()
        #expect(backoff.failed(random: random) == expected)
    }

    @Test func absurdSettingsDoNotTrap() {
        var huge = ReconnectBackoff(initialMs: .max / 4, maximumMs: .max / 2)
        for _ in 0..<100 {
            #expect(huge.failed(random: 0) > 0)
        }
        var negative = ReconnectBackoff(initialMs: -5, maximumMs: -9)
        #expect(negative.failed(random: 0.9) == 0)
        var reversed = ReconnectBackoff(initialMs: 500, maximumMs: 10)
        #expect(reversed.failed(random: 0.5) == 500)
        #expect(reversed.failed(random: 0.5) == 500)
    }
}
