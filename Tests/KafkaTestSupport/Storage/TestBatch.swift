import KafkaWire
package import NIOCore

/// Batches of records for tests.
package enum TestBatch {
    /// A batch with these values, one for each offset from a base on; `nil` leaves a hole where compaction took a record
    /// out. The first value must be there.
    package static func bytes(
        _ values: [String?],
        at baseOffset: Int64,
        leaderEpoch: Int32 = 0,
        isControl: Bool = false
    ) throws -> ByteBuffer {
        var builder = RecordBatchBuilder(maxBytes: 64 << 20)
        for (index, value) in values.enumerated() {
            guard let value else { continue }
            let isIn = ByteBuffer(string: value).withUnsafeReadableBytes { bytes in
                builder.append(
                    RawRecord(
                        offset: Int64(index),
                        timestampMs: 1_700_000_000_000,
                        key: nil,
                        value: bytes,
                        headerCount: 0,
                        headers: UnsafeRawBufferPointer(start: nil, count: 0)
                    ),
                    keepingOffset: true
                )
            }
            guard isIn else { throw RecordError.tooLarge }
        }
        var batch = try builder.finish(isControl: isControl)
        RecordBatchView.patch(baseOffset: baseOffset, leaderEpoch: leaderEpoch, in: &batch)
        return batch
    }
}
