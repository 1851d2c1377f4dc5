import KafkaWire
import NIOCore
import Testing

@Suite struct WireReaderTests {
    private func reader(_ bytes: [UInt8]) -> WireReader { WireReader(ByteBuffer(bytes: bytes)) }

    @Test func fixedWidthValuesAreBigEndian() throws {
        var reader = reader([
            0xFF, 0x01, 0x02, 0x00, 0x00, 0x01, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0x23, 0x84, 0x00,
            0x3F, 0xF8, 0, 0, 0, 0, 0, 0,
        ])
        #expect(try reader.readInt8() == -1)
        #expect(try reader.readInt16() == 0x0102)
        #expect(try reader.readInt32() == 256)
        #expect(try reader.readInt64() == -2)
        #expect(try reader.readUInt16() == 9092)
        #expect(try reader.readBool() == false)
        #expect(try reader.readFloat64() == 1.5)
        #expect(throws: WireError.truncated(needed: 1, remaining: 0)) { try reader.readBool() }
    }

    @Test func valuesThatAreCutOffAreErrors() {
        for length in 0..<8 {
            let buffer = ByteBuffer(repeating: 0, count: length)
            #expect(throws: WireError.truncated(needed: 8, remaining: length)) {
                var reader = WireReader(buffer)
                _ = try reader.readInt64()
            }
        }
    }

    @Test func stringsOfBothForms() throws {
        var plain = reader([0, 2, 0x68, 0x69, 0xFF, 0xFF])
        #expect(try plain.readString(flexible: false) == "hi")
        #expect(try plain.readNullableString(flexible: false) == nil)
        var compact = reader([3, 0x68, 0x69, 0, 1])
        #expect(try compact.readString(flexible: true) == "hi")
        #expect(try compact.readNullableString(flexible: true) == nil)
        #expect(try compact.readNullableString(flexible: true) == "")
    }

    @Test func aNullWhereNoneMayBeIsAnError() {
        #expect(throws: WireError.unexpectedNull("")) {
            var reader = reader([0xFF, 0xFF])
            _ = try reader.readString(flexible: false)
        }
        #expect(throws: WireError.unexpectedNull("")) {
            var reader = reader([0])
            _ = try reader.readBytes(flexible: true)
        }
        #expect(throws: WireError.unexpectedNull("")) {
            var reader = reader([0xFF, 0xFF, 0xFF, 0xFF])
            _ = try reader.readInt32s(flexible: false)
        }
    }

    @Test func negativeLengthsAreErrors() {
        #expect(throws: WireError.invalidLength(-2)) {
            var reader = reader([0xFF, 0xFE, 0, 0])
            _ = try reader.readNullableString(flexible: false)
        }
        #expect(throws: WireError.invalidLength(-3)) {
            var reader = reader([0xFF, 0xFF, 0xFF, 0xFD, 0])
            _ = try reader.readNullableBytes(flexible: false)
        }
        #expect(throws: WireError.invalidLength(Int(Int32.min))) {
            var reader = reader([0x80, 0, 0, 0, 0])
            _ = try reader.readNullableStrings(flexible: false)
        }
        #expect(throws: WireError.invalidLength(-1)) {
            var reader = reader([1])
            _ = try reader.readSlice(-1)
        }
        #expect(throws: WireError.invalidLength(-1)) {
            var reader = reader([1])
            try reader.skip(-1)
        }
    }

    /// Each of these counts would take gigabytes if it were believed.
    @Test(arguments: [false, true])
    func countsBeyondTheInputAreErrorsBeforeAnythingIsAllocated(flexible: Bool) {
        let count: [UInt8] = flexible ? [0xFF, 0xFF, 0xFF, 0xFF, 0x0F] : [0x7F, 0xFF, 0xFF, 0xFF]
        let input = count + [1, 2, 3]
        #expect(throws: WireError.self) {
            var reader = reader(input)
            _ = try reader.readInt64s(flexible: flexible)
        }
        #expect(throws: WireError.self) {
            var reader = reader(input)
            _ = try reader.readStrings(flexible: flexible)
        }
        #expect(throws: WireError.self) {
            var reader = reader(input)
            _ = try reader.readUUIDs(flexible: flexible)
        }
        #expect(throws: WireError.self) {
            var reader = reader(input)
            _ = try reader.readBytes(flexible: flexible)
        }
        #expect(throws: WireError.self) {
            var reader = reader(input)
            let _: [Pair] = try reader.readArray(version: 0, flexible: flexible)
        }
    }

    @Test func stringsBeyondTheCeilingOfTheProtocolAreErrors() {
        var input = ByteBuffer()
        input.writeBytes([0x81, 0x80, 0x02])
        input.writeRepeatingByte(0x61, count: 40000)
        #expect(throws: WireError.invalidLength(32768)) {
            var reader = WireReader(input)
            _ = try reader.readString(flexible: true)
        }
    }

    @Test func bytesThatAreNoTextAreReplaced() throws {
        var reader = reader([0, 2, 0xC3, 0x28])
        #expect(try reader.readString(flexible: false) == "\u{FFFD}(")
    }

    @Test func arraysOfAllKinds() throws {
        var integers = reader([0, 0, 0, 2, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try integers.readInt32s(flexible: false) == [1, -1])
        var strings = reader([3, 2, 0x61, 1])
        #expect(try strings.readStrings(flexible: true) == ["a", ""])
        var pairs = reader([2, 0, 7, 0, 8])
        #expect(try pairs.readArray(version: 0, flexible: true) == [Pair(left: 7, right: 8)])
        var nothing = reader([0])
        let none: [Pair]? = try nothing.readNullableArray(version: 0, flexible: true)
        #expect(none == nil)
    }

    @Test func aStructureThatMayBeAbsent() throws {
        var present = reader([1, 0, 7, 0, 8])
        #expect(try present.readNullableStruct(version: 0) == Pair(left: 7, right: 8))
        var absent = reader([0xFF])
        let none: Pair? = try absent.readNullableStruct(version: 0)
        #expect(none == nil)
        #expect(throws: WireError.invalidLength(2)) {
            var wrong = reader([2, 0, 7, 0, 8])
            let _: Pair? = try wrong.readNullableStruct(version: 0)
        }
    }

    @Test func bytesAreSlicesOfTheInput() throws {
        let input = ByteBuffer(bytes: [0, 0, 0, 3, 1, 2, 3])
        var reader = WireReader(input)
        let slice = try reader.readBytes(flexible: false)
        input.withUnsafeReadableBytes { whole in
            slice.withUnsafeReadableBytes { part in
                #expect(part.baseAddress == whole.baseAddress.map { $0 + 4 })
            }
        }
    }

    @Test func endAndSkip() throws {
        var reader = reader([1, 2, 3])
        try reader.skip(2)
        #expect(throws: WireError.trailingBytes(1)) { try reader.requireEnd() }
        #expect(throws: WireError.truncated(needed: 2, remaining: 1)) { try reader.skip(2) }
        try reader.skip(1)
        try reader.requireEnd()
    }
}

/// The smallest structure there is to test with.
struct Pair: WireStruct {
    var left: Int16 = 0
    var right: Int16 = 0

    init() {}

    init(left: Int16, right: Int16) {
        self.left = left
        self.right = right
    }

    init(from reader: inout WireReader, version: Int16) throws(WireError) {
        left = try reader.readInt16()
        right = try reader.readInt16()
    }

    func write(to writer: inout WireWriter, version: Int16) throws(WireError) {
        writer.writeInt16(left)
        writer.writeInt16(right)
    }
}
