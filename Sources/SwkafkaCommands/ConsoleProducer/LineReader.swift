import Glibc
import KafkaWire

/// Why a line could not be read.
enum LineReaderError: Error, Equatable, CustomStringConvertible {
    /// The line with this number (from 1) is longer than the limit in bytes.
    case lineTooLong(line: Int, limit: Int)
    /// The system refused to read; the value is `errno`.
    case unreadable(CInt)

    var description: String {
        switch self {
        case .lineTooLong(let line, let limit):
            "line \(line) is longer than \(limit) bytes, the most that one line may have"
        case .unreadable(let code):
            "cannot read the input: \(String(cString: strerror(code)))"
        }
    }
}

/// Cuts a stream of bytes into lines, block by block, without an object or a copy for a line.
///
/// A line ends with LF, CR or CRLF, which do not belong to it; what follows the last line end is a line too unless it
/// is empty. Bytes that are not UTF-8 become U+FFFD, as in Kafka's own reader. A line that a block cuts in two is
/// carried over, and a block grows for a long line up to a limit, so memory stays bounded whatever the input.
///
/// After ``read(from:)`` the whole lines of the block are in ``lines``, as spans into the bytes that ``withBlock(_:)``
/// shows. A command that parses keys changes the spans in place (``withLines(_:)``).
struct LineReader: ~Copyable {
    /// The most bytes of one line unless told otherwise: far above any broker's limit, far below the machine's memory.
    static let defaultMaximumLineLength = 64 << 20

    /// The lines of this block as values of records without key.
    private(set) var lines: [RecordSpan] = []
    /// How many lines came before the first of ``lines``.
    private(set) var linesBefore = 0

    private let maximumLineLength: Int
    private var storage: UnsafeMutableRawBufferPointer
    /// Where the first line that has not ended yet begins; what lies before was handed out.
    private var lineStart = 0
    /// How far the line ends have been looked for.
    private var scanned = 0
    /// How much of the storage holds input.
    private var filled = 0
    /// The last byte seen was a CR, so that a LF that follows belongs to it.
    private var endedWithCarriageReturn = false
    private var reachedEnd = false
    /// Replaces the block's bytes when some of them were not UTF-8.
    private var repaired: [UInt8]?

    /// - Parameters:
    ///   - blockSize: how many bytes are asked for at once.
    ///   - maximumLineLength: the longest line accepted, in bytes without its end.
    init(blockSize: Int = 256 << 10, maximumLineLength: Int = Self.defaultMaximumLineLength) {
        precondition(blockSize > 0 && maximumLineLength > 0 && maximumLineLength < 1 << 30)
        self.maximumLineLength = maximumLineLength
        storage = .allocate(byteCount: blockSize, alignment: 64)
    }

    deinit {
        storage.deallocate()
    }

    /// Reads on until at least one whole line is there. False at the end of the input, when no line is left.
    ///
    /// - Parameter source: puts bytes into the space given and says how many; 0 means the end.
    mutating func read(from source: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Bool {
        linesBefore += lines.count
        lines.removeAll(keepingCapacity: true)
        repaired = nil
        makeRoom()
        while lines.isEmpty, !reachedEnd {
            try growForLongLine()
            let count = try source(UnsafeMutableRawBufferPointer(rebasing: storage[filled...]))
            if count == 0 {
                finish()
            } else {
                filled += count
                scan()
            }
        }
        if let tooLong = lines.firstIndex(where: { Int($0.valueLength) > maximumLineLength }) {
            throw LineReaderError.lineTooLong(line: linesBefore + tooLong + 1, limit: maximumLineLength)
        }
        repairUTF8()
        return !lines.isEmpty
    }

    /// Shows the bytes that ``lines`` point into.
    func withBlock<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        if let repaired {
            return try repaired.withUnsafeBytes(body)
        }
        return try body(UnsafeRawBufferPointer(rebasing: storage[..<filled]))
    }

    /// Lets the spans be changed in place, beside the bytes they point into.
    mutating func withLines<Result>(
        _ body: (inout [RecordSpan], UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        if let repaired {
            return try repaired.withUnsafeBytes { try body(&lines, $0) }
        }
        return try body(&lines, UnsafeRawBufferPointer(rebasing: storage[..<filled]))
    }

    // MARK: Blocks

    /// Moves the line that has not ended to the front.
    private mutating func makeRoom() {
        guard lineStart > 0, let base = storage.baseAddress else { return }
        memmove(base, base + lineStart, filled - lineStart)
        filled -= lineStart
        scanned -= lineStart
        lineStart = 0
    }

    /// Doubles the block when one line fills it.
    private mutating func growForLongLine() throws {
        guard filled == storage.count else { return }
        guard filled <= maximumLineLength else {
            throw LineReaderError.lineTooLong(line: linesBefore + 1, limit: maximumLineLength)
        }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: storage.count * 2, alignment: 64)
        larger.copyMemory(from: UnsafeRawBufferPointer(storage))
        storage.deallocate()
        storage = larger
    }

    // MARK: Line ends

    private mutating func scan() {
        guard let base = storage.baseAddress else { return }
        if endedWithCarriageReturn {
            endedWithCarriageReturn = false
            if storage[scanned] == 0x0A {
                scanned += 1
                lineStart = scanned
            }
        }
        if memchr(base + scanned, 0x0D, filled - scanned) == nil {
            while let hit = memchr(base + scanned, 0x0A, filled - scanned) {
                let end = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
                endLine(at: end)
                scanned = end + 1
                lineStart = scanned
            }
            scanned = filled
        } else {
            scanWithCarriageReturns()
        }
    }

    private mutating func scanWithCarriageReturns() {
        while scanned < filled {
            let byte = storage[scanned]
            scanned += 1
            guard byte == 0x0A || byte == 0x0D else { continue }
            endLine(at: scanned - 1)
            if byte == 0x0D {
                if scanned == filled {
                    endedWithCarriageReturn = true
                } else if storage[scanned] == 0x0A {
                    scanned += 1
                }
            }
            lineStart = scanned
        }
    }

    private mutating func endLine(at end: Int) {
        // Offsets stay below 2³¹: the block grows to at most twice the longest line, which is below 2³⁰.
        lines.append(
            RecordSpan(
                valueOffset: Int32(truncatingIfNeeded: lineStart),
                valueLength: Int32(truncatingIfNeeded: end - lineStart)
            )
        )
    }

    private mutating func finish() {
        reachedEnd = true
        guard lineStart < filled else { return }
        endLine(at: filled)
        lineStart = filled
        scanned = filled
    }

    // MARK: UTF-8

    /// Checks all lines of the block at once; only when that fails, each line for itself.
    private mutating func repairUTF8() {
        guard let first = lines.first, let last = lines.last else { return }
        let whole = Int(first.valueOffset)..<Int(last.valueOffset + last.valueLength)
        guard !isUTF8(whole) else { return }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(whole.count + 64)
        for index in lines.indices {
            let start = Int(lines[index].valueOffset)
            let range = start..<start + Int(lines[index].valueLength)
            let offset = bytes.count
            if isUTF8(range) {
                bytes.append(contentsOf: storage[range])
            } else {
                bytes.append(contentsOf: String(decoding: storage[range], as: UTF8.self).utf8)
            }
            lines[index] = RecordSpan(
                valueOffset: Int32(truncatingIfNeeded: offset),
                valueLength: Int32(truncatingIfNeeded: bytes.count - offset)
            )
        }
        repaired = bytes
    }

    private func isUTF8(_ range: Range<Int>) -> Bool {
        let bytes = UnsafeRawBufferPointer(rebasing: storage[range])
        if isASCII(bytes) { return true }
        return (try? UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)) != nil
    }

    private func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var seen: UInt64 = 0
        var index = 0
        while index + 8 <= bytes.count {
            seen |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            seen |= UInt64(bytes[index])
            index += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}

extension LineReader {
    /// Reads from a file descriptor; a signal that interrupts the call does not end it.
    mutating func read(descriptor: CInt) throws -> Bool {
        try read { space in
            while true {
                let count = Glibc.read(descriptor, space.baseAddress, space.count)
                if count >= 0 { return count }
                guard errno == EINTR else { throw LineReaderError.unreadable(errno) }
            }
        }
    }
}
