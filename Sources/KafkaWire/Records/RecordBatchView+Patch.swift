package import NIOCore

/// Changes to a finished batch in its own bytes. A position counts from the start of the readable bytes, and a whole
/// batch of magic 2 begins there.
extension RecordBatchView {
    /// Gives the batch its place in the log. Both fields lie outside the checksum, which stays right.
    package static func patch(
        baseOffset: Int64,
        leaderEpoch: Int32,
        in buffer: inout ByteBuffer,
        at position: Int = 0
    ) {
        let start = buffer.readerIndex + position
        buffer.setInteger(baseOffset, at: start)
        buffer.setInteger(leaderEpoch, at: start + 12)
    }

    /// Sets the maximum timestamp and who it comes from, and takes the checksum anew.
    package static func patch(
        maxTimestampMs: Int64,
        type: TimestampType,
        in buffer: inout ByteBuffer,
        at position: Int = 0
    ) throws(RecordError) {
        try rewriteHeader(in: &buffer, at: position) { header in
            header.maxTimestamp = maxTimestampMs
            header.attributes &= ~RecordBatchHeader.logAppendTimeBit
            if type == .logAppendTime { header.attributes |= RecordBatchHeader.logAppendTimeBit }
        }
    }

    /// Gives the batch another producer id, epoch and first sequence number, and takes the checksum anew: what a
    /// producer does after its epoch was raised.
    package static func patch(
        producerId: Int64,
        producerEpoch: Int16,
        baseSequence: Int32,
        in buffer: inout ByteBuffer,
        at position: Int = 0
    ) throws(RecordError) {
        try rewriteHeader(in: &buffer, at: position) { header in
            header.producerId = producerId
            header.producerEpoch = producerEpoch
            header.baseSequence = baseSequence
        }
    }

    private static func rewriteHeader(
        in buffer: inout ByteBuffer,
        at position: Int,
        _ change: (inout RecordBatchHeader) -> Void
    ) throws(RecordError) {
        try buffer.withUnsafeMutableReadableBytes { bytes throws(RecordError) in
            guard position >= 0, position <= bytes.count else { throw .truncated }
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[position...])
            var header = try RecordBatchHeader(UnsafeRawBufferPointer(rest))
            guard header.sizeInBytes <= rest.count else { throw .truncated }
            change(&header)
            header.seal(UnsafeMutableRawBufferPointer(rebasing: rest[..<header.sizeInBytes]))
        }
    }
}
