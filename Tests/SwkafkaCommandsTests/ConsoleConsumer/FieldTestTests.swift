import Testing

@testable import SwkafkaCommands

@Suite struct FieldTestTests {
    private func holds(_ test: String, _ json: String) throws -> Bool {
        let test = try FieldTest(test)
        return json.withBytes { test.holds(for: $0) }
    }

    private static let order = """
        {"id": 7, "user": {"name": "Zo\\u00eb \\"Z\\"", "id": "7", "vip": true, "none": null, "off": false},
         "items": [{"sku": "a", "price": 9.5}, {"sku": "b", "price": 12e0, "n": [[1, 2], [3]]}],
         "odd name": "x", "big": 9007199254740993, "": 1, "text": "a}b]\\\\", "t": "2026-01-31T12:00:00Z"}
        """

    @Test(arguments: [
        ".id=7", ".id==7.0", ".id = 7", ".id!=8", ".id>6", ".id>=7", ".id<7.5", ".id<=7", ".user.id=7",
        ".user.id=\"7\"", ".user.name=Zoë \"Z\"", ".user.name~^Zo.*Z", ".user.vip", ".user.vip=true", ".user.none=null",
        ".user", ".items[0].sku=a", ".items[1].price=12", ".items[].sku=b", ".items[].price>10",
        ".items[1].n[0][1]=2", ".items[1].n[][]=3", ".[\"odd name\"]=x", ".\"odd name\"=x", "[\"odd name\"]=x",
        ".big=9007199254740993", ".big>9007199254740992", ".missing!=1", ".missing!~a", ".items[9]!=1",
        ".text=a}b]\\", ".t>=2026-01-31", ".t<2026-02", ".", ".user.none!=1", ".items[].sku!=c",
    ])
    func holds(test: String) throws {
        #expect(try holds(test, Self.order))
    }

    @Test(arguments: [
        ".id=8", ".id=\"7\"", ".id!=7", ".id~8", ".missing", ".missing=1", ".missing<1", ".missing.deeper=1",
        ".user.none", ".user.off", ".user.name=zoë", ".items=1", ".items.sku=a", ".items[2].sku=a", ".id.x=1",
        ".items[].sku=c", ".big=9007199254740992", ".user.vip>0", ".items[].sku!=a",
    ])
    func failsTo(test: String) throws {
        #expect(try !holds(test, Self.order))
    }

    @Test(arguments: [
        "", "{", "{\"id\"", "{\"id\":", "{\"id\" 7}", "hello", "{\"x\":\"", "{\"x\":[", "]", "{]}", "{\"a\\",
    ])
    func noJSON(json: String) throws {
        #expect(try !holds(".id!=8", json) || json == "hello")
        #expect(try !holds(".id=7", json))
    }

    @Test func scalarsAreValuesToo() throws {
        #expect(try holds(".=7", " 7 "))
        #expect(try holds(".>6", "7"))
        #expect(try holds(".=abc", "\"abc\""))
        #expect(try holds(".[1]=2", "[1,2]"))
        #expect(try holds("[1]=2", "[1,2]"))
    }

    /// Neither depth nor a path of its length takes stack in proportion to the data.
    @Test func deepValues() throws {
        let depth = 200_000
        let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try holds(".id=7", "{\"deep\":\(deep),\"id\":7}"))
    }

    @Test(arguments: ["", "id=7", ".id=", ".id=\"7", ".a..b", ".a[x]", ".a[1", ".a[-1]", ".id ? 7", ".a~(", ".a%3"])
    func noTests(text: String) {
        #expect(throws: CommandFailure.self) { try FieldTest(text) }
    }

    @Test func patterns() throws {
        let cases: [(String, String, Bool)] = [
            ("", "", true), ("b", "abc", true), ("bc", "abc", true), ("bd", "abcbd", true), ("abcd", "abc", false),
            ("^b", "abc", false), ("c$", "abc", true), ("b$", "a\0b", true), ("x|b", "abc", true),
            ("ö", "schön", true),
            ("^$", "", true), ("a", "", false),
        ]
        for (pattern, text, expected) in cases {
            let pattern = try BytePattern(pattern)
            #expect(text.withBytes { pattern.occurs(in: $0) } == expected, "\(text)")
        }
        #expect(throws: CommandFailure.self) { try BytePattern("(") }
    }
}
