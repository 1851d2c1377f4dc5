/// A set of Unicode scalar values, as sorted ranges that do not touch.
struct ScalarSet: Equatable, Sendable {
    static let last: UInt32 = 0x10FFFF

    private(set) var ranges: [ClosedRange<UInt32>]

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let end = self.ranges.last?.upperBound, range.lowerBound <= end + 1 {
                let start = self.ranges.removeLast().lowerBound
                self.ranges.append(start...max(end, range.upperBound))
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(_ scalar: UInt32) { ranges = [scalar...scalar] }

    static let everything = ScalarSet([0...last])
    static let exceptNewline = ScalarSet(0x0A).inverted
    static let digits = ScalarSet([0x30...0x39])
    static let upper = ScalarSet([0x41...0x5A])
    static let lower = ScalarSet([0x61...0x7A])
    static let letters = upper.union(lower)
    static let word = letters.union(digits).union(ScalarSet(0x5F))
    /// RE2's `\s`: without the vertical tab.
    static let space = ScalarSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])

    func contains(_ scalar: UInt32) -> Bool {
        for range in ranges {
            if scalar < range.lowerBound { return false }
            if scalar <= range.upperBound { return true }
        }
        return false
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return ScalarSet(gaps)
    }

    /// With the other case of each ASCII letter in it. Topic names have no other letters.
    var ignoringCase: ScalarSet {
        var folded = ranges
        for range in ranges {
            if let part = range.overlap(with: 0x41...0x5A) {
                folded.append((part.lowerBound + 0x20)...(part.upperBound + 0x20))
            }
            if let part = range.overlap(with: 0x61...0x7A) {
                folded.append((part.lowerBound - 0x20)...(part.upperBound - 0x20))
            }
        }
        return ScalarSet(folded)
    }
}

extension ClosedRange<UInt32> {
    fileprivate func overlap(with other: ClosedRange<UInt32>) -> ClosedRange<UInt32>? {
        overlaps(other) ? clamped(to: other) : nil
    }
}
