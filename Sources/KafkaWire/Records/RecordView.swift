public import NIOCore

/// One record of a batch; its bytes are slices of the batch, or of what the batch was decompressed to.
public struct RecordView: Equatable, Sendable {
    public var offset: Int64
    /// In ms since 1970; -1 if there is none.
    public var timestampMs: Int64
    /// `nil` is null, which is not the same as empty.
    public var key: ByteBuffer?
    /// `nil` is null: a tombstone in a compacted topic.
    public var value: ByteBuffer?
    public var headers: RecordHeaders

    package init(offset: Int64, timestampMs: Int64, key: ByteBuffer?, value: ByteBuffer?, headers: RecordHeaders) {
        self.offset = offset
        self.timestampMs = timestampMs
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// A name and a value that travel with a record. Names need not be unique; order is kept.
public struct RecordHeader: Hashable, Sendable {
    public var key: String
    /// `nil` is null.
    public var value: ByteBuffer?

    public init(key: String, value: ByteBuffer?) {
        self.key = key
        self.value = value
    }
}

/// The headers of a record, decoded only as they are walked. Bytes of a name that are not UTF-8 become U+FFFD.
public struct RecordHeaders: Sequence, Sendable {
    /// How many there are.
    public let count: Int
    /// The encoded headers, which a ``RecordCursor`` has walked before.
    private let bytes: ByteBuffer

    /// No headers.
    public init() {
        count = 0
        bytes = ByteBuffer()
    }

    /// Headers that are not part of a batch yet.
    public init(_ headers: [RecordHeader]) {
        var bytes = ByteBuffer()
        let size = EncodedRecord.size(of: headers)
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { space in
            var writer = RecordByteWriter(space)
            for header in headers { writer.write(header) }
            return size
        }
        self.init(count: headers.count, bytes: bytes)
    }

    init(count: Int, bytes: ByteBuffer) {
        self.count = count
        self.bytes = bytes
    }

    public var isEmpty: Bool { count == 0 }

    public var underestimatedCount: Int { count }

    /// Hands `body` the headers as they are encoded in the record, without their count.
    func withEncodedBytes(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        bytes.withUnsafeReadableBytes { body($0) }
    }

    public func makeIterator() -> Iterator {
        Iterator(remaining: count, bytes: bytes)
    }

    public struct Iterator: IteratorProtocol {
        fileprivate var remaining: Int
        fileprivate let bytes: ByteBuffer
        fileprivate var position = 0

        fileprivate init(remaining: Int, bytes: ByteBuffer) {
            self.remaining = remaining
            self.bytes = bytes
        }

        public mutating func next() -> RecordHeader? {
            guard remaining > 0 else { return nil }
            remaining -= 1
            let found = bytes.withUnsafeReadableBytes { raw -> (key: String, value: Range<Int>?, end: Int)? in
                var cursor = RecordCursor(raw, position: position)
                guard let header = try? cursor.nextHeader(before: raw.count) else { return nil }
                return (String(decoding: raw[header.key], as: UTF8.self), header.value, cursor.position)
            }
            guard let found else { return nil }
            position = found.end
            let value = found.value.flatMap { bytes.getSlice(at: bytes.readerIndex + $0.lowerBound, length: $0.count) }
            return RecordHeader(key: found.key, value: value)
        }
    }
}

extension RecordHeaders: Equatable {
    public static func == (left: RecordHeaders, right: RecordHeaders) -> Bool {
        left.count == right.count && left.elementsEqual(right)
    }
}
