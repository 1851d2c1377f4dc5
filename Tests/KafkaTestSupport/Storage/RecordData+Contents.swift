import KafkaStorage
package import KafkaWire
package import NIOCore

extension RecordData {
    /// As `bytes`, by the file's own `read`: a file in memory needs no descriptor for that.
    package func contents() throws -> ByteBuffer {
        guard case .file(let slice) = self, let file = slice.source as? any StorageFile else { return try bytes() }
        let bytes = try [UInt8](unsafeUninitializedCapacity: slice.count) { target, count in
            count = try file.read(into: UnsafeMutableRawBufferPointer(target), at: slice.offset)
        }
        return ByteBuffer(bytes: bytes)
    }
}
