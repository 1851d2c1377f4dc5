import KafkaCompression
import KafkaWire
import NIOCore
import Testing

@Suite struct RecordBatchValidatorTests {
    static let now: Int64 = 1_700_000_000_000

    private func prepare(
        _ batch: ByteBuffer,
        _ change: (inout RecordBatchRules) -> Void = { _ in }
    ) throws(RejectedBatch) -> (ValidatedBatch, ByteBuffer) {
        var rules = RecordBatchRules()
        change(&rules)
        var batch = batch
        let validated = try RecordBatchValidator.prepare(&batch, rules: rules, nowMs: Self.now)
        return (validated, batch)
    }

    private func expectRejection(
        _ kind: RejectedBatch.Kind,
        of batch: ByteBuffer,
        records: [Int32] = [],
        _ change: (inout RecordBatchRules) -> Void = { _ in },
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try prepare(batch, change)
            Issue.record("the batch was taken", sourceLocation: sourceLocation)
        } catch {
            #expect(error.kind == kind, sourceLocation: sourceLocation)
            #expect(error.records.map(\.index) == records, sourceLocation: sourceLocation)
        }
    }

    private func batch(_ stamps: [Int64] = [Self.now], codec: CompressionCodec = .none) throws -> ByteBuffer {
        try makeBatch(stamps.map { PlainRecord(key: "k", timestampMs: $0) }, codec: codec)
    }

    @Test(arguments: CompressionCodec.allCases)
    func aSoundBatchIsTakenUntouched(_ codec: CompressionCodec) throws {
        let stamps = [Self.now - 5, Self.now, Self.now - 1, Self.now]
        let original = try batch(stamps, codec: codec)
        let (validated, taken) = try prepare(original)
        #expect(taken == original)
        #expect(validated.header == (try RecordBatchView(original).header))
        #expect(validated.maxTimestampMs == Self.now)
        #expect(validated.maxTimestampOffsetDelta == 1)
        #expect(validated.logAppendTimeMs == -1)
    }

    @Test func exactlyOneBatch() throws {
        var two = try batch()
        var second = try batch()
        two.writeBuffer(&second)
        expectRejection(.invalidRecord, of: two)
        expectRejection(.invalidRecord, of: ByteBuffer())
        expectRejection(.invalidRecord, of: ByteBuffer(repeating: 0, count: 11))
    }

    @Test func legacyMessagesAreRefused() throws {
        for vector in RecordVectors.all("message_set") { expectRejection(.invalidRecord, of: vector.buffer) }
    }

    @Test func baseOffsetMustBeZeroFromClients() throws {
        var original = try batch()
        RecordBatchView.patch(baseOffset: 1, leaderEpoch: 0, in: &original)
        expectRejection(.invalidRecord, of: original)
        _ = try prepare(original) { $0.origin = .coordinator }
    }

    @Test func sizeLimit() throws {
        let original = try batch()
        _ = try prepare(original) { $0.maxMessageBytes = original.readableBytes }
        expectRejection(.messageTooLarge, of: original) { $0.maxMessageBytes = original.readableBytes - 1 }
    }

    @Test func checksum() throws {
        var original = try batch()
        original.setInteger(0 as UInt32, at: 17)
        expectRejection(.corruptMessage, of: original)
    }

    @Test func controlBatchesAreNotForClients() throws {
        let marker = try EndTransactionMarker(isCommit: true, coordinatorEpoch: 0)
            .batch(producerId: 1, producerEpoch: 0, timestampMs: Self.now)
        expectRejection(.invalidRecord, of: marker)
        _ = try prepare(marker) { $0.origin = .coordinator }
    }

    @Test func aProducerIdNeedsASequence() throws {
        expectRejection(.invalidRecord, of: try makeBatch([PlainRecord()], producerId: 1, producerEpoch: 0))
        _ = try prepare(makeBatch([PlainRecord()], producerId: 1, producerEpoch: 0, baseSequence: 0))
    }

    @Test func countAndLastOffsetMustAgree() throws {
        var original = try batch([1, 2, 3])
        original.setInteger(3 as Int32, at: 23)
        expectRejection(.invalidRecord, of: resealed(original))
        var empty = try makeBatch([])
        expectRejection(.invalidRecord, of: empty)
        empty.setInteger(0 as Int32, at: 23)
        expectRejection(.invalidRecord, of: resealed(empty))
    }

    @Test(arguments: CompressionCodec.allCases)
    func offsetsMustCountFromZero(_ codec: CompressionCodec) throws {
        // Three records, of which the second is left out; the header is then made to agree.
        let source = try makeBatch((0..<3).map { PlainRecord(key: "\($0)") })
        var builder = RecordBatchBuilder(codec: codec)
        try RecordBatchView(source).forEachRecord { record in
            record.offset == 1 || builder.append(record, keepingOffset: true)
        }
        var gap = try builder.finish()
        gap.setInteger(1 as Int32, at: 23)
        expectRejection(.invalidRecord, of: resealed(gap), records: [1])
    }

    @Test(arguments: [CompressionCodec.none, .zstd])
    func compactedTopicsNeedKeys(_ codec: CompressionCodec) throws {
        let records = [PlainRecord(key: "a"), PlainRecord(key: nil), PlainRecord(key: ""), PlainRecord(key: nil)]
        let original = try makeBatch(records, codec: codec)
        _ = try prepare(original)
        expectRejection(.invalidRecord, of: original, records: [1, 3]) { $0.requiresKeys = true }
        _ = try prepare(makeBatch([PlainRecord(key: "")])) { $0.requiresKeys = true }
    }

    @Test func onlySoManyRecordsAreNamed() throws {
        let original = try makeBatch((0..<1000).map { _ in PlainRecord(key: nil) })
        expectRejection(.invalidRecord, of: original, records: Array(0..<100)) { $0.requiresKeys = true }
    }

    @Test func timestampsMustLieNearNow() throws {
        let hour: Int64 = 3_600_000
        _ = try prepare(batch([Self.now + hour, 0, -1]))
        expectRejection(.invalidTimestamp, of: try batch([Self.now, Self.now + hour + 1]), records: [1])
        let near: (inout RecordBatchRules) -> Void = { $0.timestampBeforeMaxMs = 10 }
        _ = try prepare(batch([Self.now - 10, -1]), near)
        expectRejection(.invalidTimestamp, of: try batch([Self.now, Self.now - 11, -1, 0]), records: [1, 3], near)
        _ = try prepare(batch([Self.now - 11])) {
            $0.timestampBeforeMaxMs = 10
            $0.timestampType = .logAppendTime
        }
        _ = try prepare(batch([Int64.max - 1])) { $0.timestampAfterMaxMs = .max }
    }

    @Test func timestampsBeyondAllTime() throws {
        expectRejection(.invalidTimestamp, of: try batch([.max, .min + 1, 0])) { $0.timestampAfterMaxMs = .max }
    }

    @Test func appendTimeIsNotTheProducersToSay() throws {
        var original = try batch()
        try RecordBatchView.patch(maxTimestampMs: 1, type: .logAppendTime, in: &original)
        expectRejection(.invalidTimestamp, of: original)
        let (validated, _) = try prepare(original) { $0.timestampType = .logAppendTime }
        #expect(validated.logAppendTimeMs == Self.now)
    }

    @Test(arguments: CompressionCodec.allCases)
    func appendTimeIsStamped(_ codec: CompressionCodec) throws {
        let (validated, taken) = try prepare(batch([5, 6], codec: codec)) { $0.timestampType = .logAppendTime }
        let view = try RecordBatchView(taken)
        #expect(view.isChecksumValid)
        #expect(view.header == validated.header)
        #expect(view.header.timestampType == .logAppendTime)
        #expect(validated.maxTimestampMs == Self.now)
        #expect(try readAll(view).map(\.timestampMs) == [Self.now, Self.now])
    }

    @Test func aWrongMaximumIsPutRight() throws {
        var original = try batch([5, 6])
        try RecordBatchView.patch(maxTimestampMs: 1000, type: .createTime, in: &original)
        let (validated, taken) = try prepare(original)
        #expect(validated.header.maxTimestamp == 6)
        #expect(try taken == batch([5, 6]))
    }

    @Test(arguments: CompressionCodec.allCases, CompressionCodec.allCases)
    func theTopicsCodecIsKept(_ from: CompressionCodec, _ to: CompressionCodec) throws {
        let records = (0..<50).map {
            PlainRecord(
                key: "k\($0)",
                value: $0 == 3 ? nil : "value \($0)",
                headers: [RecordHeader(key: "h", value: ByteBuffer(string: "x"))],
                timestampMs: Self.now - Int64($0)
            )
        }
        let original = try makeBatch(records, codec: from, producerId: 9, producerEpoch: 1, baseSequence: 4)
        let (validated, taken) = try prepare(original) { $0.codec = to }
        let view = try RecordBatchView(taken)
        #expect(view.isChecksumValid)
        #expect(view.header == validated.header)
        #expect(view.header.codec == to)
        #expect(view.header.baseSequence == 4)
        #expect(try readAll(view) == readAll(original))
        if from == to { #expect(taken == original) }
    }

    @Test func aBatchThatOutgrowsTheLimitIsRefused() throws {
        let original = try makeBatch([PlainRecord(value: String(repeating: "a", count: 10_000))], codec: .zstd)
        expectRejection(.messageTooLarge, of: original) {
            $0.codec = CompressionCodec.none
            $0.maxMessageBytes = 1000
        }
    }
}
