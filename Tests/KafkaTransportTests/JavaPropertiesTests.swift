import Testing

@testable import KafkaTransport

@Suite struct JavaPropertiesTests {
    @Test func readsSeparatorsCommentsAndEscapes() throws {
        let text = """
            # comment
            ! another
            a=1
              b : two words \u{20}
            c three
            empty=
            bare
            tab=x\\ty\\u00e9\\=\\:
            wide=\\uD83D\\uDE00
            spaced\\ key=v
            """
        #expect(
            try JavaProperties(parsing: text).values == [
                "a": "1", "b": "two words  ", "c": "three", "empty": "", "bare": "", "tab": "x\tyé=:",
                "wide": "\u{1F600}", "spaced key": "v",
            ]
        )
    }

    @Test func joinsContinuedLines() throws {
        let properties = try JavaProperties(parsing: "list=a,\\\n    b,\\\r\n\tc\nnext=1\n# no \\\ncontinued=2")
        #expect(properties.values == ["list": "a,b,c", "next": "1", "continued": "2"])
        #expect(properties.entries.map(\.line) == [1, 4, 6])
    }

    @Test func lastValueWins() throws {
        let properties = try JavaProperties(parsing: "k=1\nk=2")
        #expect(properties.values == ["k": "2"])
        #expect(properties.entries.count == 2)
    }

    @Test func fallsBackToLatin1() throws {
        #expect(try JavaProperties(parsing: [0x6B, 0x3D, 0xE9]).values == ["k": "é"])
    }

    @Test func refusesBrokenEscapes() {
        #expect(throws: JavaPropertiesError.malformedUnicodeEscape(line: 2)) {
            try JavaProperties(parsing: "a=1\nb=\\u12")
        }
        #expect(throws: JavaPropertiesError.self) { try JavaProperties(contentsOf: "/no/such/file") }
    }
}
