import Foundation
import Testing

@testable import SwkafkaCommands

@Suite struct EmitterTests {
    private let tree = DataValue.members([
        "name": .string("a \"quoted\"\n\u{1}ünï\u{2028}"), "none": .null, "flag": .bool(true), "count": .int(.min),
        "ids": .numbers([1, 2] as [Int32]), "empty": .array([]), "nothing": .object([]),
        "list": .array([.members(["x": .string("1"), "y": .string("no")]), .string("plain"), .array([.string("in")])]),
    ])

    @Test func jsonIsReadByOthers() throws {
        for text in [JSONText.pretty(tree), JSONText.compact(tree)] {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            #expect(object["name"] as? String == "a \"quoted\"\n\u{1}ünï\u{2028}")
            #expect(object["count"] as? Int == .min)
            #expect(object["ids"] as? [Int] == [1, 2])
            #expect(object["none"] is NSNull)
            #expect((object["list"] as? [Any])?.count == 3)
        }
        #expect(JSONText.compact(.members(["a": .int(1), "b": .array([.null])])) == "{\"a\":1,\"b\":[null]}")
    }

    @Test func jsonEscapesEveryControlCharacter() throws {
        for value in UInt8(0)...0x1F {
            let string = String(UnicodeScalar(value))
            let text = JSONText.compact(.array([.string(string)]))
            #expect(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String] == [string])
        }
    }

    @Test func yamlQuotesWhatIsNotPlain() {
        let text = YAMLText.document(
            .members([
                "plain": .string("orders.v1"), "number": .string("12"), "word": .string("no"), "blank": .string("a b"),
                "colon": .string("a: b"), "dash": .string("-a"), "empty": .string(""), "tilde": .string("~"),
                "hex": .string("0x1F"), "ids": .numbers([3, 4] as [Int32]), "none": .null,
            ])
        )
        #expect(
            text == """
                plain: orders.v1
                number: "12"
                word: "no"
                blank: "a b"
                colon: "a: b"
                dash: "-a"
                empty: ""
                tilde: "~"
                hex: "0x1F"
                ids: [3, 4]
                none: null

                """
        )
    }

    @Test func yamlNests() {
        let text = YAMLText.document(
            .array([
                .members(["topic": .string("a"), "partitions": .array([.members(["id": .int(0), "isr": .array([])])])]),
                .string("b"), .array([.int(1)]),
            ])
        )
        #expect(
            text == """
                - topic: a
                  partitions:
                    - id: 0
                      isr: []
                - b
                -
                  - 1

                """
        )
        #expect(YAMLText.document(.array([])) == "[]\n")
    }

    @Test func tablesAlign() {
        var table = TextTable([.left("NAME"), .right("SIZE"), .left("STATE")])
        table.add([.init("a"), .init("12345"), .init("ok", .green)])
        table.add([.init("longer"), .init("1"), .init("")])
        #expect(table.text() == "NAME     SIZE  STATE\na       12345  ok\nlonger      1  \n")
        #expect(table.text(colour: true).contains("\u{1B}[32mok\u{1B}[0m"))
    }

    @Test func sizesForPeople() {
        #expect(ByteCount.text(0) == "0 B")
        #expect(ByteCount.text(1023) == "1023 B")
        #expect(ByteCount.text(1536) == "1.5 KiB")
        #expect(ByteCount.text(10 * 1024 * 1024) == "10 MiB")
        #expect(ByteCount.text(.max) == "8.0 EiB")
    }

    @Test func tabSeparatedValues() {
        #expect(
            TSVText.document(
                .array([
                    .members([
                        "a": .string("t\tab\\"), "b": .null, "ids": .numbers([1, 2]), "at": .members(["x": .int(1)]),
                    ]),
                    .members(["a": .string("l\n\r"), "c": .bool(true), "configs": .members(["k": .string("v")])]),
                ])
            ) == "a\tb\tids\tat.x\tc\tconfigs\n" + #"t\tab\\\#t\N\#t1,2\#t1\#t\N\#t\N"# + "\n"
                + #"l\n\r\#t\N\#t\N\#t\N\#ttrue\#t{"k":"v"}"# + "\n"
        )
    }

    /// Lists of objects in objects are lines of their own, after what holds them; several are several tables.
    @Test func tabSeparatedTrees() {
        let tree = DataValue.members([
            "id": .string("c"), "brokers": .array([.members(["broker": .int(1)]), .members(["broker": .int(2)])]),
            "topics": .array([
                .members(["topic": .string("t"), "id": .int(7), "partitions": .array([.members(["p": .int(0)])])]),
                .members(["topic": .string("u"), "id": .int(8), "partitions": .array([])]),
            ]),
        ])
        #expect(
            TSVText.document(tree) == """
                id\tbroker
                c\t1
                c\t2

                id\ttopic\ttopics.id\tp
                c\tt\t7\t0
                c\tu\t8\t\\N

                """
        )
        #expect(TSVText.document(.array([])).isEmpty)
        #expect(TSVText.document(.array([.int(1), .string("a")])) == "value\n1\na\n")
    }
}
