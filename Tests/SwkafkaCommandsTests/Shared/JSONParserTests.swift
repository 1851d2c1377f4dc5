import Testing

@testable import SwkafkaCommands

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONDocument { try JSONParser.parse(Array(text.utf8)) }

    @Test func readsEveryKindOfValue() throws {
        #expect(
            try parse(" {\"a\" : [1, -2.5e3, true, false, null, \"x\"]} ")
                == .object([
                    "a": .array([.number("1"), .number("-2.5e3"), .bool(true), .bool(false), .null, .string("x")])
                ])
        )
        #expect(try parse("\"\\u00e4\\n\\\"\\ud83d\\ude00\\ud800x\"") == .string("ä\n\"😀\u{FFFD}x"))
        #expect(try parse("9223372036854775807") == .number("9223372036854775807"))
    }

    @Test(arguments: [
        "", "{", "[1,", "{\"a\"}", "{\"a\":}", "[1 2]", "tru", "01", "1.", "-", "\"a", "\"\\x\"", "\"\\u12\"", "[1]]",
        "\u{1}",
        "{a:1}", "\"\u{9}\"",
    ])
    func refusesWhatIsNotJSON(text: String) {
        #expect(throws: JSONParserError.self) { try parse(text) }
    }

    @Test func deepNestingIsAnErrorAndNoCrash() {
        #expect(throws: JSONParserError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    }
}
