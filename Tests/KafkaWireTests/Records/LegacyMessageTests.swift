import KafkaCompression
import KafkaWire
import NIOCore
import Testing

/// Message sets of magic 0 and 1, made here by hand, as nothing of ours writes them.
@Suite struct LegacyMessageTests {
    private func message(
        offset: Int64,
        magic: Int8,
        attributes: Int8 = 0,
        timestampMs: Int64 = 1000,
        key: ByteBuffer? = nil,
        value: ByteBuffer?
    ) -> ByteBuffer {
        var body = ByteBuffer()
        body.writeInteger(magic)
        body.writeInteger(attributes)
        if magic == 1 { body.writeInteger(timestampMs) }
        for field in [key, value] {
            guard var field else {
                body.writeInteger(-1 as Int32)
                continue
            }
            body.writeInteger(Int32(field.readableBytes))
            body.writeBuffer(&field)
        }
        var message = ByteBuffer()
        message.writeInteger(offset)
        message.writeInteger(Int32(4 + body.readableBytes))
        message.writeInteger(body.withUnsafeReadableBytes { CRC32.checksum($0) })
        message.writeBuffer(&body)
        return message
    }

    private func set(_ messages: [ByteBuffer]) -> ByteBuffer {
        var set = ByteBuffer()
        for var message in messages { set.writeBuffer(&message) }
        return set
    }

    @Test(arguments: [CompressionCodec.gzip, .snappy, .lz4])
    func compressedMagic1CountsBackFromTheWrapper(_ codec: CompressionCodec) throws {
        let inner = set(
            (0..<5).map { message(offset: $0, magic: 1, timestampMs: 10 + $0, value: ByteBuffer(string: "v\($0)")) }
        )
        let wrapped = try codec.compress(inner)
        for (bit, stamps) in [(Int8(0), Array(10...14) as [Int64]), (8, [77, 77, 77, 77, 77])] {
            let wrapper = message(
                offset: 104,
                magic: 1,
                attributes: Int8(codec.rawValue) | bit,
                timestampMs: 77,
                value: wrapped
            )
            let view = try RecordBatchView(wrapper)
            #expect(view.isChecksumValid)
            #expect(view.header.nextOffset == 105)
            #expect(view.header.maxTimestamp == 77)
            let records = try readAll(view)
            #expect(records.map(\.offset) == [100, 101, 102, 103, 104])
            #expect(records.map(\.timestampMs) == stamps)
        }
    }

    @Test func compressedMagic1AfterCompaction() throws {
        let inner = set([2, 7].map { message(offset: $0, magic: 1, value: ByteBuffer()) })
        let wrapper = message(offset: 57, magic: 1, attributes: 1, value: try CompressionCodec.gzip.compress(inner))
        #expect(try readAll(wrapper).map(\.offset) == [52, 57])
    }

    @Test(arguments: [CompressionCodec.gzip, .snappy, .lz4])
    func compressedMagic0KeepsItsOffsets(_ codec: CompressionCodec) throws {
        let inner = set([100, 105].map { message(offset: $0, magic: 0, value: nil) })
        var wrapped = try codec.compress(inner)
        // Java's checksum of the lz4 header was wrong in magic 0.
        if codec == .lz4 { wrapped.setInteger(0 as UInt8, at: 6) }
        let wrapper = message(offset: 105, magic: 0, attributes: Int8(codec.rawValue), value: wrapped)
        let records = try readAll(wrapper)
        #expect(records.map(\.offset) == [100, 105])
        #expect(records.allSatisfy { $0.timestampMs == -1 && $0.value == nil })
    }

    @Test func formatsMayBeMixedInOneFetch() throws {
        var batch = try makeBatch([PlainRecord(), PlainRecord()])
        RecordBatchView.patch(baseOffset: 12, leaderEpoch: 0, in: &batch)
        let cut = batch.getSlice(at: 0, length: 70) ?? ByteBuffer()
        let fetched = set([
            message(offset: 10, magic: 0, value: ByteBuffer(string: "a")),
            message(offset: 11, magic: 1, value: ByteBuffer(string: "b")), batch, cut,
        ])
        var sequence = RecordBatchSequence(fetched)
        var offsets: [Int64] = []
        while let view = try sequence.next() { offsets += try readAll(view).map(\.offset) }
        #expect(offsets == [10, 11, 12, 13])
        #expect(sequence.remainingBytes == 70)
    }

    @Test func damagedMessagesAreErrors() throws {
        let inner = set([message(offset: 0, magic: 1, value: ByteBuffer(string: "v"))])
        let wrapped = try CompressionCodec.gzip.compress(inner)
        // A compressed message inside a compressed one.
        let nested = try CompressionCodec.gzip.compress(message(offset: 0, magic: 1, attributes: 1, value: wrapped))
        #expect(throws: RecordError.malformedMessage(.nestedCompression)) {
            try readAll(message(offset: 0, magic: 1, attributes: 1, value: nested))
        }
        // zstd is younger than these formats.
        let zstd = try CompressionCodec.zstd.compress(inner)
        #expect(throws: RecordError.unknownCodec(4)) {
            try readAll(message(offset: 0, magic: 1, attributes: 4, value: zstd))
        }
        // Another format within.
        let mixed = try CompressionCodec.gzip.compress(message(offset: 0, magic: 0, value: nil))
        #expect(throws: RecordError.unsupportedMagic(0)) {
            try readAll(message(offset: 0, magic: 1, attributes: 1, value: mixed))
        }
        // A bomb.
        let bomb = try CompressionCodec.gzip.compress(ByteBuffer(repeating: 0, count: 1 << 20))
        let view = try RecordBatchView(message(offset: 0, magic: 1, attributes: 1, value: bomb))
        #expect(throws: RecordError.compression(.outputTooLarge(limit: 1000))) { try readAll(view, limit: 1000) }
        // A checksum of something else.
        var damaged = message(offset: 0, magic: 1, value: ByteBuffer(string: "v"))
        damaged.setInteger(UInt8(ascii: "w"), at: damaged.writerIndex - 1)
        #expect(try !RecordBatchView(damaged).isChecksumValid)
        // A value longer than the message.
        var long = message(offset: 0, magic: 0, value: ByteBuffer(string: "v"))
        long.setInteger(2 as Int32, at: long.writerIndex - 5)
        #expect(throws: RecordError.malformedMessage(.cutShort)) { try readAll(long) }
    }
}
