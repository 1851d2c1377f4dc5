import KafkaWire
import NIOCore

/// Reads whole batches of a file one after the other, in large blocks, and checks each.
struct BatchReader {
    struct Fault: Error {
        let text: String
    }

    private let file: any StorageFile
    private let size: Int64
    private let blockSize: Int
    private var block = ByteBuffer()
    private var blockStart: Int64 = 0

    /// - Parameters:
    ///   - size: where the file ends for this reader.
    ///   - blockSize: bytes to read at once; a larger batch is read as a whole.
    init(file: any StorageFile, size: Int64, blockSize: Int = 1 << 20) {
        self.file = file
        self.size = size
        self.blockSize = blockSize
    }

    /// The batch that begins at `position`, with a correct checksum.
    mutating func batch(at position: Int64) throws(StorageError) -> Result<RecordBatchView, Fault> {
        let left = size - position
        guard left >= Int64(BatchHeader.size) else {
            return .failure(Fault(text: "\(left) bytes are less than the head of a batch"))
        }
        try load(position, atLeast: BatchHeader.size)
        guard let header = window(position).withUnsafeReadableBytes({ BatchHeader.inLog($0) }) else {
            return .failure(Fault(text: "no batch begins here"))
        }
        guard Int64(header.sizeInBytes) <= left else {
            return .failure(
                Fault(
                    text:
                        "the batch at offset \(header.baseOffset) is cut short (\(left) of \(header.sizeInBytes) bytes)"
                )
            )
        }
        try load(position, atLeast: header.sizeInBytes)
        do throws(RecordError) {
            let view = try RecordBatchView(window(position))
            try view.validateChecksum()
            return .success(view)
        } catch {
            return .failure(Fault(text: "batch at offset \(header.baseOffset): \(error)"))
        }
    }

    private func window(_ position: Int64) -> ByteBuffer {
        var rest = block
        rest.moveReaderIndex(forwardBy: Int(position - blockStart))
        return rest
    }

    /// Makes `count` bytes from `position` be part of the block; they are within the file.
    private mutating func load(_ position: Int64, atLeast count: Int) throws(StorageError) {
        if position >= blockStart, position + Int64(count) <= blockStart + Int64(block.readableBytes) { return }
        let wanted = Int(min(Int64(max(count, blockSize)), size - position))
        block = ByteBuffer(bytes: try file.readBytes(at: position, count: wanted))
        blockStart = position
    }
}
