import GenerateMessages
import Testing

@Suite struct SchemaParserTests {
    private func parse(_ text: String) throws -> Schema {
        try SchemaParser.parse(path: "x.schema", text: text).checked()
    }

    private func field(_ line: String, in versions: String = "versions 0-9 flexible 4+") throws -> Field {
        let text = """
            /// About it.
            data Thing \(versions) {
                \(line)
            }
            """
        return try #require(try parse(text).messages.first?.body.fields.first)
    }

    @Test func aPair() throws {
        let schema = try parse(
            """
            // A note.
            /// What it is for.
            api Ping key 7 on broker, controller versions 0-3 flexible 2+

            request {
                /// How often.
                count: int32 = 1
            }

            /// Its own words.
            response {
            }
            """
        )
        #expect(
            schema.api
                == API(name: "Ping", key: 7, listeners: ["broker", "controller"], documentation: ["What it is for."])
        )
        #expect(schema.messages.map(\.body.name) == ["PingRequest", "PingResponse"])
        #expect(schema.messages.map(\.kind) == [.request(key: 7), .response(key: 7)])
        #expect(schema.messages[0].versions == VersionRange(0, 3))
        #expect(schema.messages[0].flexible == VersionRange(2, 3))
        #expect(schema.messages[0].body.documentation == ["What it is for."])
        #expect(schema.messages[1].body.documentation == ["Its own words."])
        #expect(schema.messages[0].body.fields[0].documentation == ["How often."])
        #expect(schema.messages[0].body.fields[0].defaultValue == .integer(1))
    }

    @Test func fields() throws {
        #expect(try field("a: string").versions == VersionRange(0, 9))
        #expect(try field("a: string 3+").versions == VersionRange(3, 9))
        #expect(try field("a: string 3-5").versions == VersionRange(3, 5))
        #expect(try field("a: string 3").versions == VersionRange(3, 3))
        #expect(try field("a: string? 3+").nullable == VersionRange(3, 9))
        #expect(try field("a: string 3+ null 5+").nullable == VersionRange(5, 9))
        #expect(try field("a: [int32]").type == .array(.int32))
        #expect(try field("a: error").type == .error)
        #expect(try field("a: uuid 4+ tag 3 ignorable").tag == 3)
        #expect(try field("a: uuid 4+ tag 3 ignorable").ignorable)
        #expect(try field("a: string plain").plain)
        #expect(try field("a: string = \"x y\"").defaultValue == .string("x y"))
        #expect(try field("a: bool = true").defaultValue == .bool(true))
        #expect(try field("a: int64 = -1 ignorable").defaultValue == .integer(-1))
    }

    @Test func aSharedStructureHasTheVersionsOfAllItsUses() throws {
        let schema = try parse(
            """
            /// About it.
            data Thing versions 0-9 {
                old: [Part] 0-2
                new: Part 5-7
                struct Part {
                    x: int32
                    y: int32 6+
                }
            }
            """
        )
        let part = try #require(schema.messages[0].structures.first)
        #expect(part.versions == VersionRange(0, 7))
        #expect(part.fields.map(\.versions) == [VersionRange(0, 7), VersionRange(6, 7)])
    }

    @Test(arguments: [
        ("a string", "a colon must follow the field's name"),
        ("a: text", "text is no type"),
        ("a: [int32", "the bracket of the array is not closed"),
        ("a: [[int32]]", "a is an array of a type that stands in no array"),
        ("a: Part", "the structure Part is not defined"),
        ("a: int32?", "a is of a type that is never null"),
        ("a: string? null 3+", "null takes the versions in which the field may be null, and no ? before"),
        ("a: int32 = x", "x is no default"),
        ("a: int8 = 300", "the default of a does not suit its type"),
        ("a: string = null", "the default of a does not suit its type"),
        ("a: int32 3-", "3- is no version range; write 3, 0-4 or 2+"),
        ("a: int32 5-3", "5-3 is no version range; write 3, 0-4 or 2+"),
        ("a: int32 12", "a is in no version of Thing"),
        ("a: int32 3-12", "a names versions that the message does not have"),
        ("a: int32 2+ tag 0", "a has a tag in versions that are not flexible"),
        ("a: int32 4+ tag x", "tag and a number are missing"),
        ("a: int32 tomorrow", "tomorrow is not expected here"),
        ("a: int32 {", "only a structure or an array of structures has fields"),
        ("a: string = \"x", "the string is not closed"),
        ("unknownTaggedFields: int32", "unknownTaggedFields is there twice"),
        ("struct Part {", "the brace opened here is never closed"),
        ("9a: int32", "a field is missing"),
    ])
    func faultsOfFields(line: String, message: String) throws {
        let error = try #require(throws: SchemaError.self) { try field(line) }
        #expect(error.description == "x.schema:\(error.line): \(message)")
        #expect([2, 3].contains(error.line))
    }

    @Test(arguments: [
        ("request {\n}", 1, "request stands before the api line"),
        ("api X key 1 versions 0\nrequest {\n}", 1, "an api has one request and then one response"),
        ("table X {\n}", 1, "table is no declaration; one of api, request, response, header, data, record is"),
        ("data X {\n}", 1, "versions are missing"),
        ("data X versions {\n}", 1, "a version range must follow versions"),
        ("data X versions 0+ {\n}", 1, "the versions of a message must have an end"),
        ("data X versions 0-4 flexible 2-3 {\n}", 1, "flexible versions must reach to the last version"),
        ("data X versions 0 {\n}", 1, "X has no sentence that says what it is for"),
        ("record X versions 0 {\n}", 1, "key and a number are missing"),
        ("/// d\ndata X versions 0\n", 2, "an opening brace is missing"),
        ("/// d\ndata X versions 0 {", 2, "the brace opened here is never closed"),
        ("/// d\ndata X versions 0 {\na: int8\na: int8\n}", 4, "a is there twice"),
        ("/// d\ndata X versions 0 flexible 0+ {\na: int8 tag 0\nb: int8 tag 0\n}", 4, "tag 0 is taken"),
        ("/// d\ndata X versions 0 {\nstruct Y {\n}\n}", 3, "no field uses the structure Y"),
        ("/// d\ndata X versions 0 {\na: Y {\n}\nb: Y {\n}\n}", 5, "the structure Y is defined twice"),
        ("/// d\ndata X versions 0 {\na: Y {\nb: [Y]\n}\n}", 3, "the structure Y holds itself"),
    ])
    func faultsOfMessages(text: String, line: Int, message: String) {
        #expect(throws: SchemaError(path: "x.schema", line: line, message: message)) { try parse(text) }
    }

    @Test func faultsBetweenFiles() {
        let one = "/// d\ndata X versions 0 {\n}"
        #expect(throws: SchemaError(path: "Log/B.schema", line: 2, message: "X is described twice")) {
            try Generator.parse(["Log/A.schema": one, "Log/B.schema": one])
        }
        #expect(throws: SchemaError(path: "RPC/A.schema", line: 1, message: "another folder has a file of this name")) {
            try Generator.parse(["Log/A.schema": one, "RPC/A.schema": "/// d\ndata Y versions 0 {\n}"])
        }
        func record(_ name: String) -> String { "/// d\nrecord \(name) key 4 versions 0 {\n}" }
        #expect(throws: SchemaError(path: "Log/B.schema", line: 2, message: "record key 4 is taken")) {
            try Generator.parse(["Log/A.schema": record("A"), "Log/B.schema": record("B")])
        }
        func api(_ name: String) -> String {
            "/// d\napi \(name) key 4 versions 0\nrequest {\n}\nresponse {\n}"
        }
        #expect(throws: SchemaError(path: "RPC/B.schema", line: 1, message: "api key 4 is taken")) {
            try Generator.parse(["RPC/A.schema": api("A"), "RPC/B.schema": api("B")])
        }
    }
}
