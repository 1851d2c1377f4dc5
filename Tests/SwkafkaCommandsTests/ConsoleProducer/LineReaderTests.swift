import KafkaWire
import Testing

@testable import SwkafkaCommands

/// Reads all lines of the input, handed over in pieces of the given size.
private func lines(
    of input: [UInt8],
    piece: Int,
    blockSize: Int = 64,
    maximumLineLength: Int = 1024
) throws -> [[UInt8]] {
    var reader = LineReader(blockSize: blockSize, maximumLineLength: maximumLineLength)
    var rest = input[...]
    var result: [[UInt8]] = []
    while try reader.read(from: { space in
        let count = min(piece, rest.count, space.count)
        space.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
    }) {
        #expect(reader.linesBefore == result.count)
        reader.withBlock { block in
            for line in reader.lines {
                let start = Int(line.valueOffset)
                result.append(Array(block[start..<start + Int(line.valueLength)]))
            }
        }
    }
    return result
}

@Suite struct LineReaderTests {
    @Test(
        arguments: [
            ("", []),
            ("a\nb", ["a", "b"]),
            ("hello\nworld\n", ["hello", "world"]),
            ("\nx\n\n", ["", "x", ""]),
            ("a\r\nb\rc\n", ["a", "b", "c"]),
            ("\r\r\n\n\r", ["", "", "", ""]),
            ("a\r", ["a"]),
            ("a\r\n\r\nb", ["a", "", "b"]),
            ("grüße 日本\n", ["grüße 日本"]),
            ("\n", [""]),
        ] as [(String, [String])]
    )
    func everyWayToCutTheInputGivesTheSameLines(input: String, expected: [String]) throws {
        let bytes = Array(input.utf8)
        for piece in 1...max(1, bytes.count) {
            for blockSize in [1, 2, 3, 64] {
                let read = try lines(of: bytes, piece: piece, blockSize: blockSize)
                #expect(read == expected.map { Array($0.utf8) }, "piece \(piece), block \(blockSize)")
            }
        }
    }

    @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() throws {
        let input: [UInt8] = [0x6F, 0x6B, 0x0A, 0xFF, 0xFE, 0x00, 0x61, 0x0A, 0xC3, 0xBC, 0x0A]
        for piece in 1...input.count {
            let read = try lines(of: input, piece: piece)
            #expect(read == [Array("ok".utf8), Array("\u{FFFD}\u{FFFD}\0a".utf8), Array("ü".utf8)])
        }
    }

    @Test func aLongLineGrowsTheBlockUpToTheLimit() throws {
        let longest = [UInt8](repeating: 0x61, count: 1024)
        #expect(try lines(of: longest + [0x0A, 0x62], piece: 7) == [longest, [0x62]])
        #expect(try lines(of: longest, piece: 4096) == [longest])
    }

    @Test(arguments: [[], [0x0A], [0x61, 0x61]] as [[UInt8]])
    func aLineAboveTheLimitIsAnErrorThatNamesIt(end: [UInt8]) {
        let input: [UInt8] = [0x78, 0x0A] + [UInt8](repeating: 0x61, count: 1025) + end
        for piece in [1, 100, 4096] {
            #expect(throws: LineReaderError.lineTooLong(line: 2, limit: 1024)) {
                try lines(of: input, piece: piece)
            }
        }
    }

    @Test func randomInputMatchesAPlainSplit() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let alphabet: [UInt8] = [0x61, 0x62, 0x0A, 0x0D]
            let input = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0
            }
            let text = String(decoding: input, as: UTF8.self)
            // Swift treats CRLF as one character, and it counts as a newline as CR and LF do.
            var expected = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
                Array($0.utf8)
            }
            if expected.last == [] { expected.removeLast() }
            #expect(try lines(of: input, piece: Int.random(in: 1...50, using: &generator)) == expected, "\(input)")
        }
    }

    @Test func spansCanBeChangedInPlace() throws {
        var reader = LineReader()
        var given = false
        let input = Array("key:value\n".utf8)
        let more = try reader.read { space in
            defer { given = true }
            guard !given else { return 0 }
            space.copyBytes(from: input)
            return input.count
        }
        #expect(more)
        reader.withLines { lines, _ in
            lines[0] = RecordSpan(keyOffset: 0, keyLength: 3, valueOffset: 4, valueLength: 5)
        }
        #expect(reader.lines == [RecordSpan(keyOffset: 0, keyLength: 3, valueOffset: 4, valueLength: 5)])
    }
}
