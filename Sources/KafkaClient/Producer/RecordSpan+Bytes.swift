import KafkaWire

extension RecordSpan {
    /// The key's bytes, `nil` for null.
    func key(in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        slice(keyOffset, keyLength, of: block)
    }

    /// The value's bytes, `nil` for null.
    func value(in block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        slice(valueOffset, valueLength, of: block)
    }

    private func slice(_ offset: Int32, _ length: Int32, of block: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard length >= 0 else { return nil }
        let start = Int(offset)
        return UnsafeRawBufferPointer(rebasing: block[start..<start + Int(length)])
    }
}
