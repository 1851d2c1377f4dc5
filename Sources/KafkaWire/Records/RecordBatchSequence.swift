public import NIOCore

/// The batches in the bytes of a fetch, or of a segment file, one after the other; formats may be mixed.
public struct RecordBatchSequence: Sendable {
    private var rest: ByteBuffer

    public init(_ buffer: ByteBuffer) {
        rest = buffer
    }

    /// Bytes not handed out yet: after the last batch, the tail that was cut off.
    public var remainingBytes: Int { rest.readableBytes }

    /// The next whole batch; `nil` at the end, where a batch may have been cut off by a limit on size.
    ///
    /// After an error there is nothing more to read, as the place of the next batch is not known.
    public mutating func next() throws(RecordError) -> RecordBatchView? {
        guard rest.readableBytes >= RecordBatchHeader.prefixSize,
            let length = rest.getInteger(at: rest.readerIndex + 8, as: Int32.self)
        else { return nil }
        guard length >= LegacyMessage.minimumLength else { throw .invalidLength(length) }
        guard rest.readableBytes - RecordBatchHeader.prefixSize >= Int(length) else { return nil }
        let batch = try RecordBatchView(rest)
        rest.moveReaderIndex(forwardBy: batch.sizeInBytes)
        return batch
    }
}
