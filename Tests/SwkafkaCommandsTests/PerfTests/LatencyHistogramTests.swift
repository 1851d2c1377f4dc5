import Testing

@testable import SwkafkaCommands

@Suite struct LatencyHistogramTests {
    @Test func nothing() {
        let histogram = LatencyHistogram()
        #expect(histogram.averageMs == 0 && histogram.maximumMs == 0 && histogram.percentile(0.99) == 0)
        #expect(histogram.doublings.isEmpty)
    }

    @Test func percentilesCountAsKafkas() {
        var histogram = LatencyHistogram()
        for latency in 1...100 { histogram.add(1, from: latency, to: latency) }
        #expect(
            histogram.percentile(0.5) == 51 && histogram.percentile(0.99) == 100 && histogram.percentile(0.999) == 100
        )
        #expect(histogram.averageMs == 50.5 && histogram.maximumMs == 100 && histogram.count == 100)
    }

    @Test(arguments: [(7, 0, 3), (3, 10, 19), (1000, 5, 5), (1, 0, 131_072), (10, 0, 9), (11, 3, 12)])
    func spreadsEvenlyAndLosesNone(count: Int, low: Int, high: Int) {
        var histogram = LatencyHistogram()
        histogram.add(count, from: low, to: high)
        #expect(histogram.doublings.reduce(0) { $0 + $1.count } == count)
        #expect(histogram.count == count)
        #expect((low...high).contains(histogram.percentile(0)) && (low...high).contains(histogram.percentile(1)))
        let middle = Double(histogram.percentile(0.5))
        #expect(abs(middle - Double(low + high) / 2) <= Double(high - low) / 2 + 1)
    }

    @Test func boundsWhatItIsGiven() {
        var histogram = LatencyHistogram()
        histogram.add(2, from: -5, to: .max)
        #expect(histogram.maximumMs == LatencyHistogram.ceilingMs)
        histogram.add(0, from: 1, to: 2)
        #expect(histogram.count == 2)
    }

    @Test func doublingRanges() {
        var histogram = LatencyHistogram()
        histogram.add(3, from: 1, to: 1)
        histogram.add(5, from: 6, to: 6)
        #expect(histogram.doublings.map(\.range) == [1...1, 2...3, 4...7])
        #expect(histogram.doublings.map(\.count) == [3, 0, 5])
    }

    @Test(
        arguments: [
            (0, 2, "0.00"), (1.005, 1, "1.0"), (-1.25, 1, "-1.3"), (-0.001, 2, "0.00"), (195.456, 2, "195.46"),
            (12, 0, "12"), (0.00476, 4, "0.0048"), (.nan, 2, "NaN"), (.infinity, 2, "Infinity"),
        ] as [(Double, Int, String)]
    )
    func fixedPoint(value: Double, places: Int, text: String) {
        #expect(FixedPoint.text(value, places: places) == text)
    }
}
