import KafkaWire
import NIOCore
import Testing

@Suite struct RecordBatchBuilderSpansTests {
    /// A block, and spans in it: null, empty, short and long keys and values, overlapping as they like.
    private func input() -> (block: [UInt8], spans: [RecordSpan]) {
        let block = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let lengths: [Int32] = [-1, 0, 1, 62, 63, 64, 127, 128, 8191, 8192, 20_000]
        var spans: [RecordSpan] = []
        for (index, key) in lengths.enumerated() {
            for value in lengths {
                spans.append(
                    RecordSpan(
                        keyOffset: Int32(index),
                        keyLength: key,
                        valueOffset: Int32(index * 7),
                        valueLength: value
                    )
                )
            }
        }
        return (block, spans)
    }

    private func slice(_ block: UnsafeRawBufferPointer, _ offset: Int32, _ length: Int32) -> UnsafeRawBufferPointer? {
        length < 0 ? nil : UnsafeRawBufferPointer(rebasing: block[Int(offset)..<Int(offset) + Int(length)])
    }

    @Test(arguments: [0, 5, -70_000] as [Int64]) func spansGiveTheSameBytesAsRecords(delta: Int64) throws {
        let (block, spans) = input()
        var one = RecordBatchBuilder(maxBytes: .max)
        var many = RecordBatchBuilder(maxBytes: .max)
        block.withUnsafeBytes { bytes in
            for (part, timestampMs) in [(spans[..<60], 1_700_000_000_000), (spans[60...], 1_700_000_000_000 + delta)] {
                for span in part {
                    let isLaid = one.append(
                        key: slice(bytes, span.keyOffset, span.keyLength),
                        value: slice(bytes, span.valueOffset, span.valueLength),
                        timestampMs: timestampMs
                    )
                    #expect(isLaid)
                }
                let taken = many.append(part, in: bytes, timestampMs: timestampMs, sizeLimit: .max)
                #expect(taken == part.count)
            }
            #expect(many.recordCount == one.recordCount)
            #expect(many.maxTimestampMs == one.maxTimestampMs)
        }
        let batch = try many.finish()
        let expected = try one.finish()
        #expect(batch == expected)
    }

    @Test func nothingIsLaidBeyondTheLimit() throws {
        let (block, spans) = input()
        for limit in [0, 61, 100, 1000, 50_000] {
            var builder = RecordBatchBuilder(maxBytes: .max)
            let taken = block.withUnsafeBytes {
                builder.append(spans[...], in: $0, timestampMs: 1, sizeLimit: limit)
            }
            #expect(builder.uncompressedSize <= max(limit, RecordBatchHeader.size))
            #expect(Int(builder.recordCount) == taken)
            #expect(taken < spans.count)
        }
    }

    @Test func emptyRecordsNeedNoBlock() throws {
        var builder = RecordBatchBuilder(maxBytes: .max)
        let spans = [RecordSpan(valueOffset: 0, valueLength: 0), RecordSpan(valueOffset: 0, valueLength: -1)]
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(builder.append(spans[...], in: nothing, timestampMs: 1, sizeLimit: .max) == 2)
        var records = try RecordBatchView(builder.finish()).records()
        let first = try records.next()
        #expect(first?.value == ByteBuffer())
        let second = try records.next()
        #expect(second != nil && second?.value == nil)
    }
}
