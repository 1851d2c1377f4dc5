import KafkaCompression
import KafkaWire
import NIOCore
import Testing

/// Bytes that no honest peer sends: always a typed error, never a crash, never memory without reason.
@Suite struct HostileRecordTests {
    private static let headers = [
        RecordHeader(key: "name", value: ByteBuffer(string: "x")), RecordHeader(key: "", value: nil),
    ]
    private static let records = (0..<20).map {
        PlainRecord(key: $0 % 3 == 0 ? nil : "key\($0)", value: $0 % 5 == 0 ? nil : "value \($0)", headers: headers)
    }

    /// Every way there is to read `bytes`; what is thrown is of the right type by the compiler's word.
    private func readInAllWays(_ bytes: ByteBuffer) {
        var sequence = RecordBatchSequence(bytes)
        do throws(RecordError) {
            while let view = try sequence.next() {
                try? view.validateChecksum()
                _ = try? readAll(view, limit: 1 << 16)
                try? view.forEachRecord(decompressionLimit: 1 << 16) { raw in
                    raw.forEachHeader { _, _ in true }
                    return true
                }
                for record in (try? readAll(view, limit: 1 << 16)) ?? [] {
                    _ = EndTransactionMarker(record)
                    #expect(Array(record.headers).count == record.headers.count)
                }
            }
        } catch {
            #expect(!"\(error)".isEmpty)
        }
    }

    private func judge(_ bytes: ByteBuffer, _ rules: RecordBatchRules = RecordBatchRules()) throws(RejectedBatch) {
        var bytes = bytes
        _ = try RecordBatchValidator.prepare(&bytes, rules: rules, nowMs: 1_700_000_000_000)
    }

    @Test(arguments: CompressionCodec.allCases)
    func aCutBatchIsNoBatch(_ codec: CompressionCodec) throws {
        let whole = try makeBatch(Self.records, codec: codec)
        for count in 0..<whole.readableBytes {
            let cut = whole.getSlice(at: 0, length: count) ?? ByteBuffer()
            var sequence = RecordBatchSequence(cut)
            #expect(try sequence.next() == nil, "cut at \(count)")
            #expect(sequence.remainingBytes == count)
            #expect(throws: RecordError.truncated) { try RecordBatchView(cut) }
            #expect(throws: RejectedBatch.self) { try judge(cut) }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func recordsCutShortUnderARightLengthAreErrors(_ codec: CompressionCodec) throws {
        let whole = try makeBatch(Self.records, codec: codec)
        for count in RecordBatchHeader.size..<whole.readableBytes {
            var cut = whole.getSlice(at: 0, length: count) ?? ByteBuffer()
            cut.setInteger(Int32(count - 12), at: 8)
            cut = resealed(cut)
            #expect(throws: RecordError.self, "cut at \(count)") { try readAll(cut) }
            #expect(throws: RejectedBatch.self, "cut at \(count)") { try judge(cut) }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func oneChangedByteIsSeen(_ codec: CompressionCodec) throws {
        let whole = try makeBatch(Self.records, codec: codec)
        for at in 0..<whole.readableBytes {
            var changed = whole
            changed.setInteger((whole.getInteger(at: at, as: UInt8.self) ?? 0) ^ 0x10, at: at)
            readInAllWays(changed)
            // Leader epoch: outside the checksum and the leader's to write.
            if (12..<16).contains(at) { continue }
            #expect(throws: RejectedBatch.self, "changed at \(at)") { try judge(changed) }
        }
    }

    @Test(arguments: CompressionCodec.allCases)
    func mutatedBatchesNeverCrash(_ codec: CompressionCodec) throws {
        var random = SeededRandom(seed: 1000 + UInt64(codec.rawValue))
        let whole = try makeBatch(Self.records, codec: codec)
        var rules = RecordBatchRules()
        rules.decompressionLimit = 1 << 16
        rules.requiresKeys = true
        for round in 0..<4000 {
            var changed = whole
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let at = Int.random(in: 0..<whole.readableBytes, using: &random)
                let edges: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: .min ... .max, using: &random)]
                changed.setInteger(edges.randomElement(using: &random) ?? 0, at: at)
            }
            if round % 2 == 0 {
                // Past the doors: the right magic and offset, a right length and checksum.
                changed.setInteger(0 as Int64, at: 0)
                changed.setInteger(Int32(changed.readableBytes - 12), at: 8)
                changed.setInteger(2 as Int8, at: 16)
                changed = resealed(changed)
            }
            readInAllWays(changed)
            rules.codec = CompressionCodec.allCases.randomElement(using: &random)
            rules.timestampType = Bool.random(using: &random) ? .createTime : .logAppendTime
            do {
                try judge(changed, rules)
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }

    @Test func noiseNeverCrashes() {
        var random = SeededRandom(seed: 4)
        for size in 0..<600 {
            var noise = ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &random) })
            readInAllWays(noise)
            guard size > 62 else { continue }
            noise.setInteger(Int32(size - 12), at: 8)
            for magic: Int8 in 0...3 {
                noise.setInteger(magic, at: 16)
                readInAllWays(noise)
                try? judge(noise)
            }
        }
    }

    @Test(arguments: [Int32.min, -1, 0, 13, 48, .max])
    func absurdLengths(_ length: Int32) throws {
        var batch = try makeBatch([PlainRecord()])
        batch.setInteger(length, at: 8)
        #expect(throws: RecordError.self) { try RecordBatchView(batch) }
        #expect(throws: RejectedBatch.self) { try judge(batch) }
    }

    @Test(arguments: [Int32.min, -1, 0, 2, 1000, .max])
    func absurdRecordCounts(_ count: Int32) throws {
        var batch = try makeBatch([PlainRecord()])
        batch.setInteger(count, at: 57)
        batch = resealed(batch)
        #expect(throws: RecordError.self) { try readAll(batch) }
        #expect(throws: RejectedBatch.self) { try judge(batch) }
        batch.setInteger(count &- 1, at: 23)
        batch = resealed(batch)
        #expect(throws: RejectedBatch.self) { try judge(batch) }
    }

    @Test(arguments: [5, 6, 7] as [Int16])
    func unknownCodecs(_ bits: Int16) throws {
        var batch = try makeBatch([PlainRecord()])
        batch.setInteger(bits, at: 21)
        batch = resealed(batch)
        #expect(throws: RecordError.unknownCodec(UInt8(bits))) { try readAll(batch) }
        #expect { try judge(batch) } throws: { ($0 as? RejectedBatch)?.kind == .unsupportedCompression }
    }

    @Test func aBombIsRefused() throws {
        let bomb = try makeBatch(
            [PlainRecord(value: String(repeating: "0", count: 1 << 20))],
            codec: .zstd
        )
        var rules = RecordBatchRules()
        rules.decompressionLimit = 1 << 18
        #expect { try judge(bomb, rules) } throws: { ($0 as? RejectedBatch)?.kind == .messageTooLarge }
        let view = try RecordBatchView(bomb)
        #expect(throws: RecordError.compression(.outputTooLarge(limit: 1 << 18))) { try readAll(view, limit: 1 << 18) }
    }
}
