import KafkaCompression
import KafkaWire
import NIOCore
import Testing

/// Batches and messages of other implementations, read and, where they can be, written again byte for byte.
@Suite struct RecordVectorTests {
    @Test(arguments: RecordVectors.all("record_batch"))
    func aBatchIsRead(_ vector: RecordVectors.Vector) throws {
        let fields = vector.fields
        let view = try RecordBatchView(vector.buffer)
        #expect(view.header.baseOffset == fields.baseOffset)
        #expect(view.header.batchLength == fields.batchLength)
        #expect(view.header.partitionLeaderEpoch == fields.partitionLeaderEpoch)
        #expect(view.header.crc == fields.crc32c.flatMap { UInt32($0, radix: 16) })
        #expect(view.header.attributes == fields.attributes)
        #expect(view.header.lastOffsetDelta == fields.lastOffsetDelta)
        #expect(view.header.baseTimestamp == fields.baseTimestamp)
        #expect(view.header.maxTimestamp == fields.maxTimestamp)
        #expect(view.header.producerId == fields.producerId)
        #expect(view.header.producerEpoch == fields.producerEpoch)
        #expect(view.header.baseSequence == fields.baseSequence)
        #expect(view.isChecksumValid)
        try expect(try readAll(view), are: fields.records ?? [], baseOffset: fields.baseOffset ?? 0)
        try expectWalkAgrees(view)
    }

    @Test(arguments: RecordVectors.all("record_batch"))
    func aBatchIsWritten(_ vector: RecordVectors.Vector) throws {
        let header = try RecordBatchView(vector.buffer).header
        var builder = RecordBatchBuilder(codec: header.codec ?? .none, maxBytes: 1 << 20)
        for record in vector.fields.records ?? [] {
            let fits = builder.append(
                key: record.key?.buffer,
                value: record.value?.buffer,
                headers: (record.headers ?? []).map { RecordHeader(key: $0.key, value: $0.value?.buffer) },
                timestampMs: record.timestamp ?? -1
            )
            #expect(fits)
        }
        let batch = try builder.finish(
            producerId: header.producerId,
            producerEpoch: header.producerEpoch,
            baseSequence: header.baseSequence,
            isTransactional: header.isTransactional,
            isControl: header.isControl,
            partitionLeaderEpoch: header.partitionLeaderEpoch
        )
        if vector.compare == nil {
            #expect(batch.hex == vector.hex)
        } else {
            #expect(try readAll(batch) == readAll(vector.buffer))
        }
    }

    @Test func theVectorsAreAllThere() {
        #expect(RecordVectors.all("record_batch").count == 16)
        #expect(RecordVectors.all("message_set").count == 3)
    }

    @Test(arguments: RecordVectors.all("message_set"))
    func aMessageSetIsRead(_ vector: RecordVectors.Vector) throws {
        var sequence = RecordBatchSequence(vector.buffer)
        var records: [RecordView] = []
        while let message = try sequence.next() {
            #expect(message.header.magic == vector.fields.magic)
            try message.validateChecksum()
            records += try readAll(message)
            try expectWalkAgrees(message)
        }
        #expect(sequence.remainingBytes == 0)
        try expect(records, are: vector.fields.messages ?? [], baseOffset: 0)
    }

    /// What librdkafka wrote: snappy without framing.
    @Test func rawSnappyOfLibrdkafka() throws {
        let hex = """
            0000000000000000000000fd00000000021184e61d000200000013000001a209cb1b48000001a209cb1b48ffffffffffffffffffffffff\
            ffff00000014f609207c000000046b306476c201002c02026802787c000002046b31ea3f000c04046b32ea3f000c06046b33ea3f000c08\
            046b34ea3f000c0a046b35ea3f000c0c046b36ea3f000c0e046b37ea3f000c10046b38ea3f000c12046b39de3f00187e000014066b31e2\
            77021c7e000016066b3131ea80000c18066b31e27902187e00001a066b31e27a02187e00001c066b31e27b02187e00001e066b31e27c02\
            187e000020066b31e27d02187e000022066b31e27e02187e000024066b31e27f021c7e000026066b3139de0002
            """
        let view = try RecordBatchView(ByteBuffer(hex: hex))
        #expect(view.header.codec == .snappy)
        #expect(view.isChecksumValid)
        let records = try readAll(view)
        #expect(records.count == 20)
        #expect(records.map { $0.key.map { String(buffer: $0) } } == (0..<20).map { "k\($0)" })
        #expect(records.map(\.offset) == Array(0..<20))
        #expect(records.allSatisfy { $0.headers.count == 1 })
    }

    private func expect(
        _ records: [RecordView],
        are expected: [RecordVectors.Record],
        baseOffset: Int64
    ) throws {
        try #require(records.count == expected.count)
        for (record, wanted) in zip(records, expected) {
            #expect(record.offset == wanted.offset ?? baseOffset + (wanted.offsetDelta ?? 0))
            #expect(record.timestampMs == wanted.timestamp ?? -1)
            #expect(record.key == wanted.key?.buffer)
            #expect(record.value == wanted.value?.buffer)
            let headers = (wanted.headers ?? []).map { RecordHeader(key: $0.key, value: $0.value?.buffer) }
            #expect(Array(record.headers) == headers)
        }
    }

    private func expectWalkAgrees(_ view: RecordBatchView) throws {
        var walked: [RecordView] = []
        try view.forEachRecord { raw in
            var headers: [RecordHeader] = []
            raw.forEachHeader { key, value in
                headers.append(
                    RecordHeader(key: String(decoding: key, as: UTF8.self), value: value.map { ByteBuffer(bytes: $0) })
                )
                return true
            }
            let record = RecordView(
                offset: raw.offset,
                timestampMs: raw.timestampMs,
                key: raw.key.map { ByteBuffer(bytes: $0) },
                value: raw.value.map { ByteBuffer(bytes: $0) },
                headers: RecordHeaders(headers)
            )
            walked.append(record)
            return true
        }
        #expect(try walked == readAll(view))
    }
}
