/// Java's string hash, which decides the partition of `__consumer_offsets` and `__transaction_state` that an id lives in.
package enum JavaHash {
    /// What `String.hashCode()` gives in Java: over UTF-16 code units, with 32-bit wrap.
    package static func hashCode(_ text: String) -> Int32 {
        var hash: Int32 = 0
        for unit in text.utf16 {
            hash = hash &* 31 &+ Int32(unit)
        }
        return hash
    }

    /// The partition, of `partitionCount` (at least 1), that coordinates the group or transactional id `id`.
    package static func coordinatorPartition(for id: String, partitionCount: Int32) -> Int32 {
        let hash = hashCode(id)
        // Kafka defines the absolute value of Int32.min, which has none, as 0.
        let magnitude = hash == .min ? 0 : abs(hash)
        return magnitude % max(partitionCount, 1)
    }
}
