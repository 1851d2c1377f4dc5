import KafkaWire

/// Walks the heads of the batches in a segment's file, reading ahead a small window.
struct BatchCursor {
    /// Where the next batch begins.
    private(set) var position: Int64
    private let file: any StorageFile
    private let path: String
    private let end: Int64
    private let windowSize: Int
    private var window: [UInt8] = []
    private var windowStart: Int64 = 0

    /// Walks from `position`, where a batch must begin, to `end`.
    init(file: any StorageFile, path: String, from position: Int64, to end: Int64, windowSize: Int = 4096) {
        self.file = file
        self.path = path
        self.position = position
        self.end = end
        self.windowSize = max(windowSize, BatchHeader.size)
    }

    /// Whether a batch begins here whose first offset is not above `offset`. Reads what `next` is going to need.
    mutating func stands(atOrBefore offset: Int64) throws(StorageError) -> Bool {
        guard let header = try header() else { return false }
        return header.baseOffset <= offset && Int64(header.sizeInBytes) <= end - position
    }

    /// The head of the next batch and where it begins; nil at the end. Throws `.corrupt` if what stands there is not
    /// the head of a batch that ends within the log.
    mutating func next() throws(StorageError) -> (header: BatchHeader, position: Int64)? {
        guard position < end else { return nil }
        let start = position
        guard let header = try header(), Int64(header.sizeInBytes) <= end - start else {
            throw .corrupt(path, "no whole batch begins at byte \(start)")
        }
        position = start + Int64(header.sizeInBytes)
        return (header, start)
    }

    /// What stands at `position`, if it is the head of a batch.
    private mutating func header() throws(StorageError) -> BatchHeader? {
        guard position >= 0, position < end else { return nil }
        if position < windowStart || position + Int64(BatchHeader.size) > windowStart + Int64(window.count) {
            window = try file.readBytes(at: position, count: Int(min(Int64(windowSize), end - position)))
            windowStart = position
        }
        let start = Int(position - windowStart)
        return window.withUnsafeBytes { bytes in
            BatchHeader.inLog(UnsafeRawBufferPointer(rebasing: bytes[min(start, bytes.count)...]))
        }
    }
}
