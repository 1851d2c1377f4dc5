import CZlib

/// CRC-32 (IEEE 802.3): checks message sets of magic 0 and 1, and is the key hash of librdkafka's default partitioner.
package enum CRC32 {
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        // zlib answers a null pointer with the checksum of nothing, which is right for an empty buffer.
        UInt32(truncatingIfNeeded: crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: Bytef.self), bytes.count))
    }
}
