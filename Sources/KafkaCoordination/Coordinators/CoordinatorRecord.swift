package import NIOCore

/// A record of a coordinator's partition: one key of a compacted log and its latest value.
package struct CoordinatorRecord: Equatable, Hashable, Sendable {
    package var key: ByteBuffer
    /// nil deletes what the key stood for.
    package var value: ByteBuffer?

    package init(key: ByteBuffer, value: ByteBuffer?) {
        self.key = key
        self.value = value
    }

    /// Bytes of key and value together.
    package var size: Int { key.readableBytes + (value?.readableBytes ?? 0) }
}
