import KafkaCompression
package import NIOCore

/// Judges a batch that a producer sent, before it is appended: everything that the bytes and the topic's rules decide.
package enum RecordBatchValidator {
    /// At most this many records are named in an error: a client can do no more with the ten-thousandth.
    static let mostNamedRecords = 100

    /// Checks the one batch that `buffer` should be, and brings it into the shape that the topic demands: other codec,
    /// append time, corrected maximum timestamp. A batch that needs none of this stays as it is, untouched.
    ///
    /// - Parameter nowMs: ms since 1970.
    package static func prepare(
        _ buffer: inout ByteBuffer,
        rules: RecordBatchRules,
        nowMs: Int64
    ) throws(RejectedBatch) -> ValidatedBatch {
        let (validated, records) = try inspect(buffer, rules: rules, nowMs: nowMs)
        var result = validated
        do {
            if let codec = rules.codec, codec != validated.header.codec {
                buffer = try recompress(records, header: validated.header, codec: codec, level: rules.compressionLevel)
            } else if validated.header.needsSeal(comparedWith: buffer) {
                try buffer.seal(validated.header)
            } else {
                return validated
            }
            result.header = try RecordBatchView(buffer).header
        } catch {
            throw RejectedBatch(error)
        }
        guard result.header.sizeInBytes <= rules.maxMessageBytes else {
            throw tooLarge(result.header.sizeInBytes, rules: rules)
        }
        return result
    }

    /// Checks the one batch that `buffer` should be. The header in the answer has the maximum timestamp and timestamp
    /// type that the batch should have.
    package static func validate(
        _ buffer: ByteBuffer,
        rules: RecordBatchRules,
        nowMs: Int64
    ) throws(RejectedBatch) -> ValidatedBatch {
        try inspect(buffer, rules: rules, nowMs: nowMs).validated
    }

    private static func inspect(
        _ buffer: ByteBuffer,
        rules: RecordBatchRules,
        nowMs: Int64
    ) throws(RejectedBatch) -> (validated: ValidatedBatch, records: ByteBuffer) {
        let batch = try onlyBatch(in: buffer)
        try checkHeader(of: batch, rules: rules)
        let records: ByteBuffer
        do {
            records = try batch.uncompressedRecords(limit: rules.decompressionLimit)
        } catch {
            throw RejectedBatch(error)
        }
        var header = batch.header
        let survey = try records.withUnsafeReadableBytes { bytes throws(RejectedBatch) in
            let survey = try RecordSurvey(bytes, header: header)
            if rules.requiresKeys && survey.hasNullKey
                || rules.timestampType == .createTime && survey.hasOutlier(rules, nowMs)
            {
                try survey.nameFaults(in: bytes, header: header, rules: rules, nowMs: nowMs)
            }
            return survey
        }
        guard rules.timestampType == .createTime else {
            header.attributes |= RecordBatchHeader.logAppendTimeBit
            header.maxTimestamp = nowMs
            let validated = ValidatedBatch(
                header: header,
                maxTimestampMs: nowMs,
                maxTimestampOffsetDelta: 0,
                logAppendTimeMs: nowMs
            )
            return (validated, records)
        }
        header.maxTimestamp = survey.maxTimestampMs
        let validated = ValidatedBatch(
            header: header,
            maxTimestampMs: survey.maxTimestampMs,
            maxTimestampOffsetDelta: survey.maxTimestampOffsetDelta,
            logAppendTimeMs: -1
        )
        return (validated, records)
    }

    /// Check 4 of Kafka's order: exactly one batch, of magic 2.
    private static func onlyBatch(in buffer: ByteBuffer) throws(RejectedBatch) -> RecordBatchView {
        var batches = RecordBatchSequence(buffer)
        let next: RecordBatchView?
        do {
            next = try batches.next()
        } catch {
            throw RejectedBatch(error)
        }
        guard let batch = next else {
            throw RejectedBatch(.invalidRecord, "The request holds no whole batch of records.")
        }
        guard batch.header.magic == 2 else {
            throw RejectedBatch(.invalidRecord, "Records must be of format 2, not \(batch.header.magic).")
        }
        guard batches.remainingBytes == 0 else {
            throw RejectedBatch(.invalidRecord, "A request may hold one batch for each partition, and no more.")
        }
        return batch
    }

    /// Checks 10 to 15 and the batch's part of 18.
    private static func checkHeader(of batch: RecordBatchView, rules: RecordBatchRules) throws(RejectedBatch) {
        let header = batch.header
        let isFromClient = rules.origin == .client
        if isFromClient, header.baseOffset != 0 {
            throw RejectedBatch(.invalidRecord, "The base offset must be 0, not \(header.baseOffset).")
        }
        guard header.sizeInBytes <= rules.maxMessageBytes else { throw tooLarge(header.sizeInBytes, rules: rules) }
        do {
            try batch.validateChecksum()
        } catch {
            throw RejectedBatch(error)
        }
        guard header.recordCount > 0, Int64(header.lastOffsetDelta) + 1 == Int64(header.recordCount) else {
            throw RejectedBatch(
                .invalidRecord,
                "The batch claims \(header.recordCount) records, but its last offset is \(header.lastOffsetDelta)."
            )
        }
        if isFromClient, header.isControl {
            throw RejectedBatch(.invalidRecord, "Clients may not write control batches.")
        }
        if isFromClient, header.hasProducerId, header.baseSequence < 0 {
            throw RejectedBatch(.invalidRecord, "A batch with a producer id needs a sequence number.")
        }
        if rules.timestampType == .createTime, header.timestampType == .logAppendTime {
            throw RejectedBatch(.invalidTimestamp, "A producer may not set the append time of this topic.")
        }
    }

    private static func tooLarge(_ size: Int, rules: RecordBatchRules) -> RejectedBatch {
        RejectedBatch(
            .messageTooLarge,
            "The batch takes \(size) bytes, more than the \(rules.maxMessageBytes) that max.message.bytes allows."
        )
    }

    /// The same records under `codec`: offsets, timestamps and headers stay as they are.
    private static func recompress(
        _ records: ByteBuffer,
        header: RecordBatchHeader,
        codec: CompressionCodec,
        level: Int?
    ) throws(RecordError) -> ByteBuffer {
        var header = header
        header.attributes = header.attributes & ~RecordBatchHeader.codecMask | Int16(codec.rawValue)
        var batch = ByteBuffer()
        batch.reserveCapacity(RecordBatchHeader.size + (codec == .none ? records.readableBytes : 0))
        batch.writeRepeatingByte(0, count: RecordBatchHeader.size)
        do {
            try records.withUnsafeReadableBytes { bytes throws(CompressionError) in
                try codec.compress(bytes, level: level, into: &batch)
            }
        } catch {
            throw .compression(error)
        }
        try batch.seal(header)
        return batch
    }
}

extension RecordBatchHeader {
    /// Whether this header differs from the one in `batch` where the checksum sees it.
    fileprivate func needsSeal(comparedWith batch: ByteBuffer) -> Bool {
        batch.getInteger(at: batch.readerIndex + 21, as: Int16.self) != attributes
            || batch.getInteger(at: batch.readerIndex + 35, as: Int64.self) != maxTimestamp
    }
}

extension RejectedBatch {
    /// The same fault in Kafka's terms.
    fileprivate init(_ error: RecordError) {
        let kind: Kind
        var records: [Record] = []
        switch error {
        case .truncated, .invalidLength, .checksumMismatch:
            kind = .corruptMessage
        case .unsupportedMagic, .invalidRecordCount, .trailingBytes, .malformedMessage:
            kind = .invalidRecord
        case .malformedRecord(let index, _):
            kind = .invalidRecord
            records = [Record(index: Int32(clamping: index), message: error.description)]
        case .unknownCodec:
            kind = .unsupportedCompression
        case .tooLarge, .compression(.outputTooLarge):
            kind = .messageTooLarge
        case .compression:
            kind = .invalidRecord
        }
        self.init(kind, "Batch refused: \(error).", records: records)
    }
}
