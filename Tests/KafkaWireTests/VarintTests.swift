import Foundation
import KafkaWire
import NIOCore
import Testing

@Suite struct VarintTests {
    struct Vector: Codable, Sendable, CustomTestStringConvertible {
        let kind: String
        let value: Int64
        let hex: String

        var testDescription: String { "\(kind) \(value)" }
    }

    static func vectors(_ kind: String) -> [Vector] {
        guard
            let url = Bundle.module.url(forResource: "varints", withExtension: "json", subdirectory: "Vectors"),
            let data = try? Data(contentsOf: url),
            let all = try? JSONDecoder().decode([Vector].self, from: data)
        else { return [] }
        return all.filter { $0.kind == kind }
    }

    @Test func allVectorsAreThere() {
        #expect(Self.vectors("varint_zigzag").count == 18)
        #expect(Self.vectors("varint_unsigned").count == 13)
    }

    @Test(arguments: vectors("varint_zigzag"))
    func zigzag(vector: Vector) throws {
        let bytes = bytes(vector.hex)
        var reader = WireReader(ByteBuffer(bytes: bytes))
        #expect(try reader.readVarlong() == vector.value)
        #expect(reader.remaining == 0)
        var writer = WireWriter()
        writer.writeVarlong(vector.value)
        #expect(Array(writer.buffer.readableBytesView) == bytes)
        guard let narrow = Int32(exactly: vector.value) else { return }
        var narrowReader = WireReader(ByteBuffer(bytes: bytes))
        #expect(try narrowReader.readVarint() == narrow)
        var narrowWriter = WireWriter()
        narrowWriter.writeVarint(narrow)
        #expect(Array(narrowWriter.buffer.readableBytesView) == bytes)
    }

    @Test(arguments: vectors("varint_unsigned"))
    func unsigned(vector: Vector) throws {
        let bytes = bytes(vector.hex)
        var reader = WireReader(ByteBuffer(bytes: bytes))
        #expect(Int64(try reader.readUnsignedVarint()) == vector.value)
        #expect(reader.remaining == 0)
        var writer = WireWriter()
        writer.writeUnsignedVarint(UInt32(vector.value))
        #expect(Array(writer.buffer.readableBytesView) == bytes)
    }

    @Test(arguments: ["ffffffff1f", "ffffffff10", "808080808000", "ffffffffffffffff"])
    func tooLongFor32Bits(hex: String) {
        #expect(throws: WireError.varintTooLong) {
            var reader = WireReader(ByteBuffer(bytes: bytes(hex)))
            _ = try reader.readUnsignedVarint()
        }
    }

    @Test(arguments: ["ffffffffffffffffff02", "ffffffffffffffffff7f", "8080808080808080808000"])
    func tooLongFor64Bits(hex: String) {
        #expect(throws: WireError.varintTooLong) {
            var reader = WireReader(ByteBuffer(bytes: bytes(hex)))
            _ = try reader.readVarlong()
        }
    }

    @Test(arguments: ["", "80", "ffff", "ffffffff"])
    func truncated(hex: String) {
        #expect(throws: WireError.truncated(needed: 1, remaining: 0)) {
            var reader = WireReader(ByteBuffer(bytes: bytes(hex)))
            _ = try reader.readUnsignedVarint()
        }
    }

    /// Leading zero groups make a number longer than it must be; Kafka reads them, and so do we.
    @Test func paddedNumbersAreRead() throws {
        var reader = WireReader(ByteBuffer(bytes: bytes("8100")))
        #expect(try reader.readUnsignedVarint() == 1)
    }

    @Test func randomValuesSurviveARoundTrip() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let value = Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64)
            var writer = WireWriter()
            writer.writeVarlong(value)
            writer.writeVarint(Int32(truncatingIfNeeded: value))
            writer.writeUnsignedVarint(UInt32(truncatingIfNeeded: value))
            var reader = WireReader(writer.buffer)
            #expect(try reader.readVarlong() == value)
            #expect(try reader.readVarint() == Int32(truncatingIfNeeded: value))
            #expect(try reader.readUnsignedVarint() == UInt32(truncatingIfNeeded: value))
        }
    }

    private func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { offset in
            UInt8(hex.dropFirst(offset).prefix(2), radix: 16)
        }
    }
}
