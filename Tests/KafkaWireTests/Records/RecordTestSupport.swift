import KafkaCompression
import KafkaWire
import NIOCore

/// A record to be written, in the plainest form.
struct PlainRecord: Equatable {
    var key: String? = nil
    var value: String? = "v"
    var headers: [RecordHeader] = []
    var timestampMs: Int64 = 1_700_000_000_000
}

extension RecordBatchBuilder {
    mutating func append(_ record: PlainRecord) -> Bool {
        withBytes(of: record.key) { key, builder in
            builder.withBytes(of: record.value) { value, builder in
                builder.append(key: key, value: value, headers: record.headers, timestampMs: record.timestampMs)
            }
        }
    }

    mutating func append(key: ByteBuffer?, value: ByteBuffer?, headers: [RecordHeader], timestampMs: Int64) -> Bool {
        let key = key.map { Array($0.readableBytesView) }
        let value = value.map { Array($0.readableBytesView) }
        return withBytes(of: key) { key, builder in
            builder.withBytes(of: value) { value, builder in
                builder.append(key: key, value: value, headers: headers, timestampMs: timestampMs)
            }
        }
    }

    private mutating func withBytes(
        of text: String?,
        _ body: (UnsafeRawBufferPointer?, inout RecordBatchBuilder) -> Bool
    ) -> Bool {
        withBytes(of: text.map { Array($0.utf8) }, body)
    }

    private mutating func withBytes(
        of bytes: [UInt8]?,
        _ body: (UnsafeRawBufferPointer?, inout RecordBatchBuilder) -> Bool
    ) -> Bool {
        guard let bytes else { return body(nil, &self) }
        return bytes.withUnsafeBytes { body($0, &self) }
    }
}

/// A finished batch of `records`, all of which must fit.
func makeBatch(
    _ records: [PlainRecord],
    codec: CompressionCodec = .none,
    producerId: Int64 = -1,
    producerEpoch: Int16 = -1,
    baseSequence: Int32 = -1
) throws -> ByteBuffer {
    var builder = RecordBatchBuilder(codec: codec, maxBytes: 1 << 30)
    for record in records where !builder.append(record) { throw RecordError.tooLarge }
    return try builder.finish(producerId: producerId, producerEpoch: producerEpoch, baseSequence: baseSequence)
}

/// All records of `batch`.
func readAll(_ batch: ByteBuffer) throws(RecordError) -> [RecordView] {
    try readAll(RecordBatchView(batch))
}

func readAll(_ view: RecordBatchView, limit: Int = 1 << 24) throws(RecordError) -> [RecordView] {
    var iterator = try view.records(decompressionLimit: limit)
    var records: [RecordView] = []
    while let record = try iterator.next() { records.append(record) }
    return records
}

/// `batch` with the right checksum for its bytes.
func resealed(_ batch: ByteBuffer) -> ByteBuffer {
    var batch = batch
    let crc = batch.withUnsafeReadableBytes { CRC32C.checksum(UnsafeRawBufferPointer(rebasing: $0[21...])) }
    batch.setInteger(crc, at: batch.readerIndex + 17)
    return batch
}
