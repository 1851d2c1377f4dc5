/// What the hashes of the SHA-2 family differ in.
package protocol SHA2Variant: Sendable {
    associatedtype Word: FixedWidthInteger & UnsignedInteger & Sendable
    /// Bits, as in the standard.
    typealias Shifts = (Int, Int, Int)

    static var initialState: [Word] { get }
    /// One a round: the first bits of the cube roots of the first primes.
    static var constants: [Word] { get }
    /// The functions that spread a block over the rounds: two rotations and a shift each.
    static var scheduleShifts: (early: Shifts, late: Shifts) { get }
    /// The functions over the first and the fifth word of the state: three rotations each.
    static var roundShifts: (first: Shifts, fifth: Shifts) { get }
}

/// The frame of SHA-256 and SHA-512 (FIPS 180-4).
package struct SHA2<Variant: SHA2Variant>: DigestAlgorithm {
    package typealias Word = Variant.Word

    private static var wordSize: Int { Word.bitWidth / 8 }
    package static var blockSize: Int { 16 * wordSize }
    package static var digestSize: Int { 8 * wordSize }

    private var state = Variant.initialState
    /// Fewer bytes than a block, not taken in yet.
    private var pending: [UInt8] = []
    private var count: UInt64 = 0
    private var schedule = [Word](repeating: 0, count: Variant.constants.count)

    package init() {}

    package mutating func update(_ bytes: [UInt8]) {
        count &+= UInt64(bytes.count)
        pending += bytes
        var offset = 0
        while pending.count - offset >= Self.blockSize {
            compress(at: offset)
            offset += Self.blockSize
        }
        pending.removeFirst(offset)
    }

    package consuming func finish() -> [UInt8] {
        let bits = count &* 8
        var padded: [UInt8] = [0x80]
        // The length takes two words; no input here fills more than the last eight bytes of them.
        let end = Self.blockSize - 2 * Self.wordSize
        let rest = (pending.count + 1) % Self.blockSize
        let zeros = (end - rest + Self.blockSize) % Self.blockSize + 2 * Self.wordSize - 8
        padded.append(contentsOf: repeatElement(0, count: zeros))
        padded += Self.bytes(of: bits)
        update(padded)
        return state.flatMap { Self.bytes(of: $0) }
    }

    /// The bytes of a word, the highest first.
    private static func bytes(of word: some FixedWidthInteger) -> [UInt8] {
        stride(from: word.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }

    private mutating func compress(at offset: Int) {
        for index in 0..<16 {
            var word: Word = 0
            for byte in 0..<Self.wordSize {
                word = word << 8 | Word(truncatingIfNeeded: pending[offset + index * Self.wordSize + byte])
            }
            schedule[index] = word
        }
        let shifts = Variant.scheduleShifts
        for index in 16..<schedule.count {
            let (early, late) = (schedule[index - 15], schedule[index - 2])
            let first = Self.spread(early, shifts.early)
            let second = Self.spread(late, shifts.late)
            schedule[index] = schedule[index - 16] &+ first &+ schedule[index - 7] &+ second
        }
        let constants = Variant.constants
        let rotations = Variant.roundShifts
        // Named as in the standard.
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<schedule.count {
            let sum1 = Self.sum(e, rotations.fifth)
            let chosen = (e & f) ^ (~e & g)
            let first = h &+ sum1 &+ chosen &+ constants[index] &+ schedule[index]
            let sum0 = Self.sum(a, rotations.first)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ sum0 &+ majority)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    private static func spread(_ word: Word, _ bits: Variant.Shifts) -> Word {
        rotate(word, bits.0) ^ rotate(word, bits.1) ^ word >> bits.2
    }

    private static func sum(_ word: Word, _ bits: Variant.Shifts) -> Word {
        rotate(word, bits.0) ^ rotate(word, bits.1) ^ rotate(word, bits.2)
    }

    private static func rotate(_ word: Word, _ bits: Int) -> Word { word >> bits | word << (Word.bitWidth - bits) }
}
