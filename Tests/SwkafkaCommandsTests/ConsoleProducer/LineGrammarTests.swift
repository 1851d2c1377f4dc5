import Testing

@testable import SwkafkaCommands

@Suite struct LineGrammarTests {
    struct Record: Equatable {
        var headers: [[String?]] = []
        var key: String?
        var value: String?
    }

    private func parse(_ line: String, number: Int = 1, _ properties: [String: String]) throws -> Record {
        let grammar = try LineGrammar(try ReaderProperties(properties))
        let bytes = Array(line.utf8)
        return try bytes.withUnsafeBytes { buffer in
            let parsed = try grammar.parse(buffer, number: number)
            func text(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }
            return Record(
                headers: parsed.headers.map { [text($0.key), $0.value.map(text)] },
                key: parsed.key.map(text),
                value: parsed.value.map(text)
            )
        }
    }

    @Test func aLineIsAValue() throws {
        #expect(try parse("hello", [:]) == Record(value: "hello"))
        #expect(try parse("", [:]) == Record(value: ""))
        #expect(try parse("k\tv", ["parse.key": "yes"]) == Record(value: "k\tv"))
    }

    @Test func keys() throws {
        let colon = ["parse.key": " TRUE ", "key.separator": ":"]
        #expect(try parse("k\tv", ["parse.key": "true"]) == Record(key: "k", value: "v"))
        #expect(try parse("a:1", colon) == Record(key: "a", value: "1"))
        #expect(try parse("a:b:c", colon) == Record(key: "a", value: "b:c"))
        #expect(try parse(":x", colon) == Record(key: "", value: "x"))
        #expect(try parse("z:", colon) == Record(key: "z", value: ""))
        #expect(try parse("a->1", ["parse.key": "true", "key.separator": "->"]) == Record(key: "a", value: "1"))
        #expect(try parse("a-b->1", ["parse.key": "true", "key.separator": "->"]) == Record(key: "a-b", value: "1"))
    }

    @Test func aMissingSeparatorIsAnErrorUnlessIgnored() throws {
        let error = #expect(throws: CommandFailure.self) {
            try parse("nosep", number: 2, ["parse.key": "true", "key.separator": ":"])
        }
        #expect(error?.message == "No key separator found on line number 2: 'nosep'.")
        let ignoring = ["parse.key": "true", "key.separator": ":", "ignore.error": "true"]
        #expect(try parse("nosep", ignoring) == Record(value: "nosep"))
    }

    @Test func nullMarkers() throws {
        let properties = ["parse.key": "true", "key.separator": ":", "null.marker": "NIL"]
        #expect(try parse("NIL:v", properties) == Record(value: "v"))
        #expect(try parse("k:NIL", properties) == Record(key: "k"))
        #expect(try parse("NIL:NIL", properties) == Record())
        #expect(try parse("NIL", ["null.marker": "NIL"]) == Record())
        #expect(try parse("NILx", ["null.marker": "NIL"]) == Record(value: "NILx"))
    }

    @Test func headers() throws {
        let both = ["parse.headers": "true", "parse.key": "true"]
        #expect(
            try parse("h1:v1,h2:v2\tvalue", ["parse.headers": "true"])
                == Record(headers: [["h1", "v1"], ["h2", "v2"]], value: "value")
        )
        #expect(
            try parse("h1:v1,h2:v2\tkey\tvalue", both)
                == Record(headers: [["h1", "v1"], ["h2", "v2"]], key: "key", value: "value")
        )
        let own = [
            "parse.headers": "true", "headers.delimiter": "|", "headers.separator": ";", "headers.key.separator": "=",
        ]
        #expect(try parse("a=1;b=2=3|v", own) == Record(headers: [["a", "1"], ["b", "2=3"]], value: "v"))
        #expect(try parse("a:1,\tv", ["parse.headers": "true"]) == Record(headers: [["a", "1"]], value: "v"))
        #expect(try parse(",\tv", ["parse.headers": "true", "ignore.error": "true"]) == Record(value: "v"))
    }

    @Test func headerSeparatorsAreRegularExpressions() throws {
        let properties = ["parse.headers": "true", "headers.separator": "[;,] *"]
        #expect(
            try parse("a:1; b:ü,c:3\tv", properties)
                == Record(headers: [["a", "1"], ["b", "ü"], ["c", "3"]], value: "v")
        )
        #expect(throws: CommandFailure.self) { try parse("", ["parse.headers": "true", "headers.separator": "["]) }
    }

    @Test func nullsInHeaders() throws {
        let properties = ["parse.headers": "true", "parse.key": "true", "null.marker": "NIL"]
        #expect(try parse("NIL\tk\tv", properties) == Record(key: "k", value: "v"))
        #expect(try parse("h:NIL\tk\tv", properties) == Record(headers: [["h", nil]], key: "k", value: "v"))
        #expect(throws: CommandFailure.self) { try parse("NIL:x\tk\tv", properties) }
    }

    @Test(arguments: ["novalue", "h1\tv", "\tv"])
    func wrongHeadersAreErrors(line: String) {
        #expect(throws: CommandFailure.self) { try parse(line, ["parse.headers": "true"]) }
    }

    @Test func wrongHeadersCanBeIgnored() throws {
        let properties = ["parse.headers": "true", "parse.key": "true", "ignore.error": "true"]
        #expect(try parse("plain", properties) == Record(value: "plain"))
        #expect(try parse("h1\tk\tv", properties) == Record(headers: [["h1", nil]], key: "k", value: "v"))
        #expect(try parse("h:1\tv", properties) == Record(headers: [["h", "1"]], value: "v"))
    }

    @Test(arguments: [
        ["null.marker": ":", "key.separator": ":"], ["headers.separator": ":"], ["headers.delimiter": ","],
        ["headers.delimiter": ":"], ["null.marker": ","], ["null.marker": "\t"],
    ])
    func separatorsMustDiffer(properties: [String: String]) {
        #expect(throws: CommandFailure.self) { try ReaderProperties(properties) }
    }
}
