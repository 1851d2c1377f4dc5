/// The 32-bit MurmurHash2 of `bytes` with the seed that Kafka's Java client uses to choose a partition for a key.
package func murmur2(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    let multiplier: UInt32 = 0x5bd1_e995
    let seed: UInt32 = 0x9747_b28c
    let count = bytes.count
    var hash = seed ^ UInt32(truncatingIfNeeded: count)
    var position = 0
    while count - position >= 4 {
        var word = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
        word = word &* multiplier
        word ^= word >> 24
        word = word &* multiplier
        hash = (hash &* multiplier) ^ word
        position += 4
    }
    if position < count {
        for tail in stride(from: count - 1, through: position, by: -1) {
            hash ^= UInt32(bytes[tail]) << UInt32(8 * (tail - position))
        }
        hash = hash &* multiplier
    }
    hash ^= hash >> 13
    hash = hash &* multiplier
    hash ^= hash >> 15
    return Int32(bitPattern: hash)
}
