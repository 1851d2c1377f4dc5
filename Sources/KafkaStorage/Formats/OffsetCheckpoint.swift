/// One of the per-directory checkpoint files (`recovery-point-offset-checkpoint` and the like): an offset for each
/// partition, as text.
package enum OffsetCheckpoint {
    package static let recoveryPoint = "recovery-point-offset-checkpoint"
    package static let logStart = "log-start-offset-checkpoint"
    /// First offset that was not compacted yet.
    package static let cleaner = "cleaner-offset-checkpoint"
    package static let highWatermark = "replication-offset-checkpoint"

    package static func encode(_ offsets: [TopicPartition: Int64]) -> [UInt8] {
        var text = "0\n\(offsets.count)\n"
        for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            text += "\(partition.topic) \(partition.partition) \(offset)\n"
        }
        return Array(text.utf8)
    }

    /// Throws `.corrupt` on an unknown version, a wrong count or an entry that does not parse.
    package static func decode(_ bytes: [UInt8], path: String) throws(StorageError) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for entry in try checkpointEntries(bytes, fields: 3, path: path) {
            guard let partition = Int32(entry[1]), partition >= 0, let offset = Int64(entry[2]),
                LogOffset.isPossible(offset)
            else {
                throw .corrupt(path, "\"\(entry.joined(separator: " "))\" is not topic, partition and offset")
            }
            offsets[TopicPartition(topic: String(entry[0]), partition: partition)] = offset
        }
        return offsets
    }
}
