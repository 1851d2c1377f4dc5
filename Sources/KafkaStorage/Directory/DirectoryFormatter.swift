import KafkaMessages
import KafkaWire
import NIOCore

/// Makes a data directory belong to a node of a cluster, with the levels of features that the cluster begins with.
package struct DirectoryFormatter {
    private let path: String
    private let fileSystem: any FileSystem

    package init(path: String, fileSystem: any FileSystem = PosixFileSystem()) {
        self.path = path
        self.fileSystem = fileSystem
    }

    /// Writes `bootstrap.checkpoint` and then, which makes the directory a formatted one, `meta.properties`.
    package func format(
        _ identity: MetaProperties,
        features: [(name: String, level: Int16)],
        nowMs: Int64
    ) throws(StorageError) {
        try fileSystem.makeDirectory(path)
        let bootstrap: [UInt8]
        do {
            bootstrap = try Self.snapshot(of: features, nowMs: nowMs)
        } catch {
            throw StorageError(
                kind: .invalidArgument,
                operation: "format",
                path: path,
                reason: "a feature's name cannot be written: \(error)"
            )
        }
        try fileSystem.replace("\(path)/bootstrap.checkpoint", with: bootstrap)
        try fileSystem.replace("\(path)/\(MetaProperties.fileName)", with: identity.encode())
    }

    /// Header, records, footer, as every metadata snapshot has them; offsets count from 0.
    private static func snapshot(of features: [(name: String, level: Int16)], nowMs: Int64) throws -> [UInt8] {
        var records = RecordBatchBuilder()
        for feature in features {
            let record = MetadataRecord.featureLevel(
                FeatureLevelRecord(name: feature.name, featureLevel: feature.level)
            )
            let value = try record.encoded()
            _ = value.withUnsafeReadableBytes { records.append(key: nil, value: $0, timestampMs: nowMs) }
        }
        var batches = [try control(.snapshotHeader, try SnapshotHeaderRecord().encoded(version: 0), nowMs)]
        if !records.isEmpty { batches.append(try records.finish()) }
        batches.append(try control(.snapshotFooter, try SnapshotFooterRecord().encoded(version: 0), nowMs))
        var bytes: [UInt8] = []
        var offset: Int64 = 0
        for var batch in batches {
            let count = try RecordBatchView(batch).header.recordCount
            // Base offset and leader epoch lie outside the checksum.
            batch.setInteger(offset, at: batch.readerIndex)
            batch.setInteger(Int32(0), at: batch.readerIndex + 12)
            bytes += batch.readableBytesView
            offset += Int64(count)
        }
        return bytes
    }

    private static func control(
        _ type: ControlRecordType,
        _ value: ByteBuffer,
        _ nowMs: Int64
    ) throws(RecordError) -> ByteBuffer {
        try RecordBatchBuilder.controlBatch(type, value: value, timestampMs: nowMs)
    }
}
