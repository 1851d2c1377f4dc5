import KafkaStorage
import KafkaWire
import NIOCore

/// Reads what replicas have in their files, past their brokers.
enum VerifyReplicas {
    /// The batches of a partition, named as its folder is, below `end`.
    static func batches(of partition: String, in dataPath: String, below end: Int64) throws(CommandFailure)
        -> [VerifyHistory.StoredBatch]
    {
        do throws(StorageError) {
            return try read("\(dataPath)/\(partition)", below: end)
        } catch {
            throw CommandFailure("A replica cannot be read: \(error.description).")
        }
    }

    private static func read(_ folder: String, below end: Int64) throws(StorageError) -> [VerifyHistory.StoredBatch] {
        let files = PosixFileSystem()
        let segments = try files.list(folder).filter { name in
            LogFileName.parse(name).map { $0.suffix == LogFileName.log } ?? false
        }
        var found: [VerifyHistory.StoredBatch] = []
        for name in segments.sorted() {
            var scanner = try BatchScanner(path: "\(folder)/\(name)", fileSystem: files)
            while case .batch(let batch, _) = try scanner.next(), batch.header.baseOffset < end {
                found.append(
                    .init(
                        baseOffset: batch.header.baseOffset,
                        nextOffset: batch.header.nextOffset,
                        bytes: batch.sizeInBytes,
                        checksum: batch.buffer.withUnsafeReadableBytes { CRC32C.checksum($0) }
                    )
                )
            }
        }
        return found
    }
}
