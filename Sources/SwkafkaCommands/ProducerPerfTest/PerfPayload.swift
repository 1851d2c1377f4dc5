import KafkaWire

/// The values of the records of `producer-perf-test`: where the next ones lie in a block of bytes. No record is an
/// object, and no value is copied before the producer lays it into its batch.
struct PerfPayload {
    private enum Kind {
        /// Any stretch of the block, of this many bytes.
        case stretch(Int)
        /// One of the items of a file.
        case items([RecordSpan])
        /// The record's number as text, which is written into the block.
        case numbers
    }

    private(set) var block: [UInt8]
    private let kind: Kind
    private var generator: SplitMix
    private var spans: [RecordSpan] = []

    /// Random letters A to Z, the same in every run.
    init(letters size: Int) {
        generator = SplitMix(seed: 0)
        kind = .stretch(size)
        block = []
        block.reserveCapacity(size + Self.slack)
        for _ in 0..<size + Self.slack {
            block.append(UInt8(ascii: "A") + UInt8(generator.next() % 26))
        }
    }

    /// The items of a file, at random.
    /// - Parameter items: ranges in `block`, at least one.
    init(block: [UInt8], items: [Range<Int>]) {
        generator = SplitMix(seed: 0)
        self.block = block
        kind = .items(items.map { RecordSpan(valueOffset: Int32($0.lowerBound), valueLength: Int32($0.count)) })
    }

    /// 0, 1, 2, …
    init() {
        generator = SplitMix(seed: 0)
        block = []
        kind = .numbers
    }

    /// So many different places a stretch may begin at.
    private static let slack = 65_521

    /// The next `count` values, as places in ``block``.
    /// - Parameter first: the number of the first record.
    mutating func next(_ count: Int, from first: Int) -> [RecordSpan] {
        spans.removeAll(keepingCapacity: true)
        switch kind {
        case .stretch(let size):
            for _ in 0..<count {
                let start = Int32(generator.next() % UInt64(Self.slack))
                spans.append(RecordSpan(valueOffset: start, valueLength: Int32(size)))
            }
        case .items(let items):
            for _ in 0..<count { spans.append(items[Int(generator.next() % UInt64(items.count))]) }
        case .numbers:
            block.removeAll(keepingCapacity: true)
            for number in first..<first + count {
                let start = block.count
                block.append(contentsOf: String(number).utf8)
                spans.append(RecordSpan(valueOffset: Int32(start), valueLength: Int32(block.count - start)))
            }
        }
        return spans
    }
}

/// A fast generator with a seed (SplitMix64): the same letters in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
