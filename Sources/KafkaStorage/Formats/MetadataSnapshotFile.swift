package import KafkaMessages
import KafkaWire
import NIOCore

/// The bytes of a metadata snapshot: header, records, footer; offsets count from 0 (KIP-630).
package enum MetadataSnapshotFile {
    /// A batch is closed when it has grown to this size.
    private static let batchBytes = 1 << 20

    /// - Parameters:
    ///   - epoch: that of the last record that the snapshot stands for.
    ///   - lastMs: when that record was written; 0 when there is none.
    ///   - voters: those of a quorum whose voters can change at run time (KIP-853).
    ///   - nowMs: stamps the records.
    package static func encode(
        _ content: [MetadataRecord],
        voters: VotersRecord? = nil,
        epoch: Int32 = 0,
        lastMs: Int64 = 0,
        nowMs: Int64
    ) throws -> [UInt8] {
        let header = SnapshotHeaderRecord(lastContainedLogTimestamp: lastMs)
        var file = Assembly(epoch: epoch)
        try file.add(try control(.snapshotHeader, try header.encoded(version: 0), nowMs))
        if let voters {
            let version = KRaftVersionRecord(kRaftVersion: 1)
            try file.add(try control(.kraftVersion, try version.encoded(version: 0), nowMs))
            try file.add(try control(.kraftVoters, try voters.encoded(version: 0), nowMs))
        }
        var records = RecordBatchBuilder(maxBytes: batchBytes)
        for record in content {
            let value = try record.encoded()
            if add(value, to: &records, nowMs) { continue }
            try file.add(try records.finish())
            records = RecordBatchBuilder(maxBytes: batchBytes)
            // The first record of a batch is taken whatever its size.
            _ = add(value, to: &records, nowMs)
        }
        if !records.isEmpty { try file.add(try records.finish()) }
        try file.add(try control(.snapshotFooter, try SnapshotFooterRecord().encoded(version: 0), nowMs))
        return file.bytes
    }

    /// Puts batches one behind the other.
    private struct Assembly {
        let epoch: Int32
        var bytes: [UInt8] = []
        private var offset: Int64 = 0

        init(epoch: Int32) { self.epoch = epoch }

        mutating func add(_ batch: ByteBuffer) throws {
            var batch = batch
            let count = try RecordBatchView(batch).header.recordCount
            // Base offset and leader epoch lie outside the checksum.
            batch.setInteger(offset, at: batch.readerIndex)
            batch.setInteger(epoch, at: batch.readerIndex + 12)
            batch.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
            offset += Int64(count)
        }
    }

    private static func add(_ value: ByteBuffer, to builder: inout RecordBatchBuilder, _ nowMs: Int64) -> Bool {
        value.withUnsafeReadableBytes { builder.append(key: nil, value: $0, timestampMs: nowMs) }
    }

    private static func control(
        _ type: ControlRecordType,
        _ value: ByteBuffer,
        _ nowMs: Int64
    ) throws(RecordError) -> ByteBuffer {
        try RecordBatchBuilder.controlBatch(type, value: value, timestampMs: nowMs)
    }
}
