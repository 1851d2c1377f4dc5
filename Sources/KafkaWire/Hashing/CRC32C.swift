import CCRC32C

/// CRC-32C (Castagnoli), the checksum of record batches, with the CPU's own instruction where it has one.
package enum CRC32C {
    package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        swkafka_crc32c_extend(0, bytes.baseAddress, bytes.count)
    }

    /// The checksum of what `crc` is the checksum of, followed by `bytes`.
    package static func extend(_ crc: UInt32, with bytes: UnsafeRawBufferPointer) -> UInt32 {
        swkafka_crc32c_extend(crc, bytes.baseAddress, bytes.count)
    }

    /// The same as ``checksum(_:)`` without the CPU's instruction: what machines that lack it get.
    package static func portableChecksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        swkafka_crc32c_extend_portable(0, bytes.baseAddress, bytes.count)
    }
}
