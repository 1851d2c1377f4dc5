import KafkaCompression
import KafkaWire
import NIOCore
import Testing

@Suite struct HashingTests {
    @Test(arguments: RecordVectors.all("crc32c"))
    func crc32c(_ vector: RecordVectors.Vector) throws {
        let data = try #require(vector.fields.data).buffer
        let expected = try #require(vector.fields.crc32c.flatMap { UInt32($0, radix: 16) })
        data.withUnsafeReadableBytes { bytes in
            #expect(CRC32C.checksum(bytes) == expected)
            #expect(CRC32C.portableChecksum(bytes) == expected)
        }
    }

    @Test func crc32cOfTheCPUAndOfTheTableAgreeAtEveryLengthAndAlignment() {
        var random = SeededRandom(seed: 32)
        let bytes = (0..<8000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes.withUnsafeBytes { bytes in
            for count in Array(0..<900) + [3071, 3072, 3073, 3456, 6144, 6150, 7000] {
                let start = count % 9
                let part = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
                #expect(CRC32C.checksum(part) == CRC32C.portableChecksum(part))
                let cut = count / 3
                let first = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: part[..<cut]))
                let whole = CRC32C.extend(first, with: UnsafeRawBufferPointer(rebasing: part[cut...]))
                #expect(whole == CRC32C.checksum(part))
            }
        }
    }

    @Test func crc32() {
        ByteBuffer(string: "123456789").withUnsafeReadableBytes { #expect(CRC32.checksum($0) == 0xcbf4_3926) }
        #expect(CRC32.checksum(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
    }

    @Test(arguments: RecordVectors.all("murmur2"))
    func murmur2OfKeys(_ vector: RecordVectors.Vector) throws {
        let key = try #require(vector.fields.key).buffer
        let hash = key.withUnsafeReadableBytes { murmur2($0) }
        #expect(hash == vector.fields.murmur2_int32)
        #expect((hash & .max) % 48 == vector.fields.partition_of_48)
    }

    @Test(arguments: RecordVectors.all("coordinator_hash"))
    func coordinatorPartitions(_ vector: RecordVectors.Vector) throws {
        let id = try #require(vector.fields.id)
        #expect(JavaHash.hashCode(id) == vector.fields.java_hashCode)
        #expect(JavaHash.coordinatorPartition(for: id, partitionCount: 50) == vector.fields.partition_of_50)
        #expect(JavaHash.coordinatorPartition(for: id, partitionCount: 3) == vector.fields.partition_of_3)
    }
}
