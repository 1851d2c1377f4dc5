/// Where the key and the value of one record lie inside a block of bytes.
///
/// A bulk append takes a block and the spans of its records, so that a reader that cuts input into records makes no
/// object and no copy for any of them. Offsets and lengths count bytes from the start of the block; a length of -1
/// stands for null, which is not the same as empty.
public struct RecordSpan: Equatable, Sendable {
    /// Where the key begins; without meaning when the key is null.
    public var keyOffset: Int32
    /// Bytes in the key, -1 when it is null.
    public var keyLength: Int32
    /// Where the value begins; without meaning when the value is null.
    public var valueOffset: Int32
    /// Bytes in the value, -1 when it is null.
    public var valueLength: Int32

    /// A record without key whose value is the given range.
    public init(valueOffset: Int32, valueLength: Int32) {
        self.init(keyOffset: 0, keyLength: -1, valueOffset: valueOffset, valueLength: valueLength)
    }

    /// A record whose key and value are the given ranges.
    public init(keyOffset: Int32, keyLength: Int32, valueOffset: Int32, valueLength: Int32) {
        self.keyOffset = keyOffset
        self.keyLength = keyLength
        self.valueOffset = valueOffset
        self.valueLength = valueLength
    }
}
