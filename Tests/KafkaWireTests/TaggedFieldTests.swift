import KafkaWire
import NIOCore
import Testing

@Suite struct TaggedFieldTests {
    private func reader(_ bytes: [UInt8]) -> WireReader { WireReader(ByteBuffer(bytes: bytes)) }

    @Test func unknownFieldsAreKeptAndWrittenAgain() throws {
        let section: [UInt8] = [2, 0, 1, 9, 0xAC, 0x02, 2, 7, 8]
        var reader = reader(section + [42])
        let fields = try reader.readTaggedFields(flexible: true)
        #expect(fields.map(\.tag) == [0, 300])
        #expect(reader.remaining == 1)
        var writer = WireWriter()
        try writer.writeTaggedFields(fields, flexible: true)
        #expect(Array(writer.buffer.readableBytesView) == section)
    }

    @Test func knownFieldsAreDecodedInPlace() throws {
        var reader = reader([2, 1, 4, 0, 0, 0, 5, 2, 1, 9])
        var known: Int32 = 0
        let rest = try reader.readTaggedFields { (tag, field) throws(WireError) in
            guard tag == 1 else { return false }
            known = try field.readInt32()
            return true
        }
        #expect(known == 5)
        #expect(rest == [UnknownTaggedField(tag: 2, value: ByteBuffer(bytes: [9]))])
    }

    @Test func knownAndUnknownFieldsAreWrittenInOrder() throws {
        var list = TaggedFieldList([UnknownTaggedField(tag: 1, value: ByteBuffer(bytes: [9]))])
        try list.add(2) { (writer) throws(WireError) in writer.writeInt8(2) }
        try list.add(0) { (writer) throws(WireError) in writer.writeInt8(0) }
        var writer = WireWriter()
        try writer.writeTaggedFields(list)
        #expect(Array(writer.buffer.readableBytesView) == [3, 0, 1, 0, 1, 1, 9, 2, 1, 2])
    }

    @Test func aTagMustNotComeTwice() throws {
        var list = TaggedFieldList([UnknownTaggedField(tag: 1, value: ByteBuffer())])
        try list.add(1) { (_) throws(WireError) in }
        var writer = WireWriter()
        #expect(throws: WireError.tagOutOfOrder(1)) { try writer.writeTaggedFields(list) }
        #expect(throws: WireError.tagOutOfOrder(1)) {
            var reader = reader([2, 1, 0, 1, 0])
            _ = try reader.readTaggedFields(flexible: true)
        }
    }

    @Test func tagsMustRise() {
        #expect(throws: WireError.tagOutOfOrder(0)) {
            var reader = reader([2, 1, 0, 0, 0])
            _ = try reader.readTaggedFields(flexible: true)
        }
    }

    @Test func aSizeBeyondTheInputIsAnError() {
        #expect(throws: WireError.truncated(needed: 200, remaining: 1)) {
            var reader = reader([1, 0, 0xC8, 0x01, 1])
            _ = try reader.readTaggedFields(flexible: true)
        }
    }

    @Test func anAbsurdCountEndsWithTheInput() {
        #expect(throws: WireError.truncated(needed: 1, remaining: 0)) {
            var reader = reader([0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0, 0])
            _ = try reader.readTaggedFields(flexible: true)
        }
    }

    @Test func aKnownFieldMustFillItsSize() {
        #expect(throws: WireError.taggedFieldSize(tag: 0, announced: 3, used: 2)) {
            var reader = reader([1, 0, 3, 0, 0, 0])
            _ = try reader.readTaggedFields { (_, field) throws(WireError) in
                _ = try field.readInt16()
                return true
            }
        }
    }

    @Test func versionsThatAreNotFlexibleHaveNoSection() throws {
        var reader = reader([])
        #expect(try reader.readTaggedFields(flexible: false).isEmpty)
        var writer = WireWriter()
        try writer.writeTaggedFields([], flexible: false)
        #expect(writer.count == 0)
        #expect(throws: WireError.self) {
            try writer.writeTaggedFields([UnknownTaggedField(tag: 0, value: ByteBuffer())], flexible: false)
        }
    }
}
