import KafkaWire
import NIOCore
import Testing

@Suite struct WireWriterTests {
    private func written(_ body: (inout WireWriter) throws -> Void) rethrows -> [UInt8] {
        var writer = WireWriter()
        try body(&writer)
        return Array(writer.buffer.readableBytesView)
    }

    @Test func fixedWidthValuesAreBigEndian() {
        let bytes = written { writer in
            writer.writeInt8(-1)
            writer.writeInt16(0x0102)
            writer.writeInt32(256)
            writer.writeInt64(-2)
            writer.writeUInt16(9092)
            writer.writeUInt32(.max)
            writer.writeBool(true)
            writer.writeFloat64(1.5)
        }
        let expected: [UInt8] = [
            0xFF, 0x01, 0x02, 0x00, 0x00, 0x01, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0x23, 0x84, 0xFF,
            0xFF, 0xFF, 0xFF, 0x01, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0,
        ]
        #expect(bytes == expected)
    }

    @Test func lengthsOfBothForms() throws {
        #expect(try written { try $0.writeString("hi", flexible: false) } == [0, 2, 0x68, 0x69])
        #expect(try written { try $0.writeString("hi", flexible: true) } == [3, 0x68, 0x69])
        #expect(try written { try $0.writeNullableString(nil, flexible: false) } == [0xFF, 0xFF])
        #expect(try written { try $0.writeNullableString(nil, flexible: true) } == [0])
        let bytes = ByteBuffer(bytes: [9])
        #expect(try written { try $0.writeBytes(bytes, flexible: false) } == [0, 0, 0, 1, 9])
        #expect(try written { try $0.writeBytes(bytes, flexible: true) } == [2, 9])
        #expect(try written { try $0.writeNullableBytes(nil, flexible: false) } == [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try written { try $0.writeNullableRecords(nil, flexible: true) } == [0])
        #expect(try written { try $0.writeInt16s([1, 2], flexible: true) } == [3, 0, 1, 0, 2])
        #expect(try written { try $0.writeInt32s(nil, flexible: false) } == [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(try written { try $0.writeStrings(["a"], flexible: true) } == [2, 2, 0x61])
        let pair = Pair(left: 1, right: 2)
        #expect(try written { try $0.writeArray([pair], version: 0, flexible: true) } == [2, 0, 1, 0, 2])
        #expect(try written { try $0.writeNullableStruct(pair, version: 0) } == [1, 0, 1, 0, 2])
        #expect(try written { try $0.writeNullableStruct(nil as Pair?, version: 0) } == [0xFF])
        #expect(try written { try $0.writeNullableTaggedStruct(nil as Pair?, version: 0) } == [0])
    }

    @Test(arguments: [false, true])
    func stringsThatAreTooLongAreErrors(flexible: Bool) throws {
        var writer = WireWriter()
        try writer.writeString(String(repeating: "a", count: 32767), flexible: flexible)
        #expect(throws: WireError.stringTooLong(32768)) {
            try writer.writeString(String(repeating: "a", count: 32768), flexible: flexible)
        }
    }

    @Test func aFrameBeginsWithItsLength() throws {
        let frame = try WireWriter.frame { (writer) throws(WireError) in
            try writer.writeString("hi", flexible: false)
        }
        #expect(Array(try frame.flattened().readableBytesView) == [0, 0, 0, 4, 0, 2, 0x68, 0x69])
        #expect(frame.splices.isEmpty)
        #expect(frame.byteCount == 8)
        #expect(frame.parts == [.bytes(frame.buffer)])
    }

    @Test func largeRecordsAreSplicedAndSmallOnesCopied() throws {
        let small = ByteBuffer(repeating: 1, count: 10)
        let large = ByteBuffer(repeating: 2, count: 10_000)
        let frame = try WireWriter.frame { (writer) throws(WireError) in
            try writer.writeRecords(.bytes(small), flexible: false)
            try writer.writeRecords(.bytes(large), flexible: false)
            writer.writeInt8(7)
            try writer.writeRecords(.bytes(large), flexible: false)
        }
        #expect(frame.splices.count == 2)
        #expect(frame.byteCount == 4 + 14 + 10_004 + 1 + 10_004)
        #expect(frame.parts.map(\.count) == [22, 10_000, 5, 10_000])
        var reader = WireReader(try frame.flattened())
        #expect(Int(try reader.readInt32()) == frame.byteCount - 4)
        #expect(try reader.readBytes(flexible: false) == small)
        #expect(try reader.readBytes(flexible: false) == large)
        #expect(try reader.readInt8() == 7)
        #expect(try reader.readBytes(flexible: false) == large)
        try reader.requireEnd()
    }

    @Test func emptyRecordsLeaveNoPart() throws {
        let frame = try WireWriter.frame { (writer) throws(WireError) in
            try writer.writeRecords(.empty, flexible: true)
        }
        #expect(frame.parts.count == 1)
        #expect(frame.byteCount == 5)
        #expect(EncodedFrame(buffer: ByteBuffer()).parts.isEmpty)
    }
}
