import KafkaWire
import NIOCore
import Testing

@Suite struct RecordBatchPatchTests {
    @Test func placeInTheLogLeavesTheChecksumRight() throws {
        var buffer = try makeBatch([PlainRecord(), PlainRecord()])
        let untouched = buffer
        RecordBatchView.patch(baseOffset: 42, leaderEpoch: 7, in: &buffer)
        let view = try RecordBatchView(buffer)
        #expect(view.header.baseOffset == 42)
        #expect(view.header.partitionLeaderEpoch == 7)
        #expect(view.isChecksumValid)
        #expect(try readAll(view).map(\.offset) == [42, 43])
        #expect(try RecordBatchView(untouched).header.baseOffset == 0)
    }

    @Test func theSecondBatchOfABufferIsPatched() throws {
        var buffer = ByteBuffer(string: "before")
        buffer.moveReaderIndex(forwardBy: 6)
        var first = try makeBatch([PlainRecord()])
        var second = try makeBatch([PlainRecord(key: "k")])
        let position = first.readableBytes
        buffer.writeBuffer(&first)
        buffer.writeBuffer(&second)
        RecordBatchView.patch(baseOffset: 9, leaderEpoch: 1, in: &buffer, at: position)
        try RecordBatchView.patch(maxTimestampMs: 5, type: .logAppendTime, in: &buffer, at: position)
        try RecordBatchView.patch(producerId: 3, producerEpoch: 2, baseSequence: 8, in: &buffer, at: position)
        var batches = RecordBatchSequence(buffer)
        #expect(try batches.next()?.buffer == makeBatch([PlainRecord()]))
        let view = try #require(try batches.next())
        #expect(view.isChecksumValid)
        #expect(view.header.baseOffset == 9)
        #expect(view.header.timestampType == .logAppendTime)
        #expect(view.header.producerId == 3)
        #expect(view.header.producerEpoch == 2)
        #expect(view.header.baseSequence == 8)
        #expect(try readAll(view).map(\.timestampMs) == [5])
    }

    @Test func appendTimeCoversAllRecordsAndIsTakenBack() throws {
        let records = [PlainRecord(timestampMs: 10), PlainRecord(timestampMs: 20)]
        var buffer = try makeBatch(records)
        let original = buffer
        try RecordBatchView.patch(maxTimestampMs: 99, type: .logAppendTime, in: &buffer)
        #expect(try RecordBatchView(buffer).isChecksumValid)
        #expect(try readAll(buffer).map(\.timestampMs) == [99, 99])
        try RecordBatchView.patch(maxTimestampMs: 20, type: .createTime, in: &buffer)
        #expect(buffer == original)
    }

    @Test func noBatchNoPatch() throws {
        var buffer = try makeBatch([PlainRecord()])
        #expect(throws: RecordError.truncated) {
            try RecordBatchView.patch(maxTimestampMs: 0, type: .createTime, in: &buffer, at: 1000)
        }
        var cut = buffer.getSlice(at: 0, length: buffer.readableBytes - 1) ?? ByteBuffer()
        #expect(throws: RecordError.truncated) {
            try RecordBatchView.patch(maxTimestampMs: 0, type: .createTime, in: &cut)
        }
    }
}
