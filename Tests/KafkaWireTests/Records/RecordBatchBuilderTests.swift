import KafkaCompression
import KafkaWire
import NIOCore
import Testing

@Suite struct RecordBatchBuilderTests {
    @Test(arguments: CompressionCodec.allCases)
    func randomRecordsComeBack(_ codec: CompressionCodec) throws {
        var random = SeededRandom(seed: 5)
        func text(_ random: inout SeededRandom) -> String? {
            let length = Int.random(in: -1...200, using: &random)
            guard length >= 0 else { return nil }
            return String(decoding: (0..<length).map { _ in UInt8.random(in: 97...110, using: &random) }, as: UTF8.self)
        }
        for count in [1, 2, 63, 64, 65, 500, 9000] {
            let records = (0..<count).map { _ in
                PlainRecord(
                    key: text(&random),
                    value: text(&random),
                    headers: (0..<Int.random(in: 0...2, using: &random)).map { _ in
                        RecordHeader(key: text(&random) ?? "", value: text(&random).map { ByteBuffer(string: $0) })
                    },
                    timestampMs: Int64.random(in: -1...1 << 45, using: &random)
                )
            }
            let batch = try makeBatch(records, codec: codec)
            let view = try RecordBatchView(batch)
            #expect(view.isChecksumValid)
            #expect(view.header.codec == codec)
            #expect(view.header.lastOffset == Int64(count) - 1)
            #expect(view.header.baseTimestamp == records.first?.timestampMs)
            #expect(view.header.maxTimestamp == records.map(\.timestampMs).max())
            let read = try readAll(view)
            #expect(read.map(\.offset) == Array(0..<Int64(count)))
            #expect(
                read.map { record in
                    PlainRecord(
                        key: record.key.map { String(buffer: $0) },
                        value: record.value.map { String(buffer: $0) },
                        headers: Array(record.headers),
                        timestampMs: record.timestampMs
                    )
                } == records
            )
        }
    }

    @Test func extremeTimestampsComeBack() throws {
        let stamps: [Int64] = [0, .max, .min, -1, 1]
        let batch = try makeBatch(stamps.map { PlainRecord(timestampMs: $0) })
        #expect(try readAll(batch).map(\.timestampMs) == stamps)
    }

    @Test func aFullBatchTakesNoMore() throws {
        let record = PlainRecord(value: String(repeating: "x", count: 93))
        var builder = RecordBatchBuilder(maxBytes: 61 + 3 * 100)
        var added = 0
        while builder.append(record) { added += 1 }
        #expect(added == 2)  // 93 bytes of value take 101: a length of two bytes, and of the value's length two more
        #expect(builder.recordCount == 2)
        let size = builder.estimatedSize
        let batch = try builder.finish()
        #expect(batch.readableBytes == size)
        #expect(builder.isEmpty)
        let fitsNext = builder.append(record)
        #expect(fitsNext)
    }

    @Test func theFirstRecordAlwaysFits() throws {
        var builder = RecordBatchBuilder(maxBytes: 10)
        let fitsFirst = builder.append(PlainRecord(value: String(repeating: "x", count: 1000)))
        let fitsSecond = builder.append(PlainRecord(value: ""))
        #expect(fitsFirst && !fitsSecond)
        #expect(RecordBatchBuilder.sizeOfBatch(keyCount: nil, valueCount: 1000) == builder.uncompressedSize)
        let batch = try builder.finish()
        #expect(try readAll(batch).count == 1)
    }

    @Test func theExpectedRatioLetsMoreIn() {
        var plain = RecordBatchBuilder(codec: .zstd, maxBytes: 1000)
        var packed = RecordBatchBuilder(codec: .zstd, maxBytes: 1000, expectedRatio: 0.1)
        let record = PlainRecord(value: String(repeating: "x", count: 100))
        while plain.append(record) {}
        while packed.append(record) {}
        #expect(plain.recordCount == 8)
        #expect(packed.recordCount > 80)
    }

    @Test func aBufferIsUsedAgain() throws {
        var builder = RecordBatchBuilder(reusing: ByteBuffer(repeating: 0xff, count: 500))
        _ = builder.append(PlainRecord(value: "one"))
        let first = try builder.finish()
        let expected = try makeBatch([PlainRecord(value: "one")])
        #expect(first == expected)
        builder.reset(reusing: first)
        _ = builder.append(PlainRecord(value: "two"))
        let second = try builder.finish()
        #expect(try second == makeBatch([PlainRecord(value: "two")]))
        #expect(first == expected)
    }

    @Test func recordsAreCopiedWithTheirOffsets() throws {
        let headers = [RecordHeader(key: "h", value: nil)]
        var source = try makeBatch((0..<10).map { PlainRecord(key: "k\($0)", headers: headers, timestampMs: 100 + $0) })
        RecordBatchView.patch(baseOffset: 1000, leaderEpoch: 3, in: &source)
        var compacted = RecordBatchBuilder()
        var fresh = RecordBatchBuilder()
        try RecordBatchView(source).forEachRecord { record in
            guard record.offset % 3 == 0 else { return true }
            return compacted.append(record, keepingOffset: true) && fresh.append(record)
        }
        let kept = try readAll(source).filter { $0.offset % 3 == 0 }
        let compactedBytes = try compacted.finish()
        let compactedBatch = try RecordBatchView(compactedBytes)
        #expect(compactedBatch.header.baseOffset == 1002)
        #expect(compactedBatch.header.lastOffset == 1008)
        #expect(try readAll(compactedBatch) == kept)
        let freshBatch = try fresh.finish()
        #expect(try readAll(freshBatch).map(\.offset) == [0, 1, 2])
        #expect(try readAll(freshBatch).map(\.key) == kept.map(\.key))
    }

    @Test func anOffsetThatGoesBackOrTooFarIsRefused() throws {
        var source = try makeBatch([PlainRecord()])
        var builder = RecordBatchBuilder()
        var taken: [Int64] = []
        for offset: Int64 in [5, 5, 4, 5 + Int64(Int32.max) + 1, 7] {
            RecordBatchView.patch(baseOffset: offset, leaderEpoch: 0, in: &source)
            try RecordBatchView(source).forEachRecord { record in
                if builder.append(record, keepingOffset: true) { taken.append(record.offset) }
                return true
            }
        }
        #expect(taken == [5, 7])
    }

    @Test func sequenceNumbersWrap() throws {
        let batch = try makeBatch(
            [PlainRecord(), PlainRecord(), PlainRecord()],
            producerId: 1,
            producerEpoch: 0,
            baseSequence: .max - 1
        )
        #expect(try RecordBatchView(batch).header.lastSequence == 0)
        #expect(RecordBatchHeader.sequence(.max, advancedBy: 1) == 0)
    }
}
