/// A fixed-size entry of an index file.
package protocol IndexEntry: Equatable, Sendable {
    static var size: Int { get }
    init(_ bytes: UnsafeRawBufferPointer, at offset: Int)
    func encode(into bytes: inout [UInt8])
}

/// `.index`: the batch whose last offset is `base + relativeOffset` begins at `position`.
package struct OffsetIndexEntry: IndexEntry {
    package static let size = 8
    package let relativeOffset: Int32
    package let position: Int32

    init(relativeOffset: Int32, position: Int32) {
        self.relativeOffset = relativeOffset
        self.position = position
    }

    package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        relativeOffset = bytes.bigEndian(at: offset)
        position = bytes.bigEndian(at: offset + 4)
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.appendBigEndian(relativeOffset)
        bytes.appendBigEndian(position)
    }
}

/// `.timeindex`: no record at or before `base + relativeOffset` is younger than `timestamp`.
package struct TimeIndexEntry: IndexEntry {
    package static let size = 12
    package let timestamp: Int64
    package let relativeOffset: Int32

    init(timestamp: Int64, relativeOffset: Int32) {
        self.timestamp = timestamp
        self.relativeOffset = relativeOffset
    }

    package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        timestamp = bytes.bigEndian(at: offset)
        relativeOffset = bytes.bigEndian(at: offset + 8)
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.appendBigEndian(timestamp)
        bytes.appendBigEndian(relativeOffset)
    }
}

/// `.txnindex`: one aborted transaction.
package struct AbortedTransaction: IndexEntry {
    package static let size = 34
    /// 0, the only layout there is, unless the file is damaged.
    package let version: Int16
    package let producerID: Int64
    package let firstOffset: Int64
    /// The offset of the abort marker.
    package let lastOffset: Int64
    /// The first offset that was still undecided when the marker was written.
    package let lastStableOffset: Int64

    init(_ transaction: ProducerStateTable.CompletedTransaction) {
        version = 0
        producerID = transaction.producerID
        firstOffset = transaction.firstOffset
        lastOffset = transaction.lastOffset
        lastStableOffset = transaction.lastStableOffset
    }

    package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        version = bytes.bigEndian(at: offset)
        producerID = bytes.bigEndian(at: offset + 2)
        firstOffset = bytes.bigEndian(at: offset + 10)
        lastOffset = bytes.bigEndian(at: offset + 18)
        lastStableOffset = bytes.bigEndian(at: offset + 26)
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.appendBigEndian(version)
        bytes.appendBigEndian(producerID)
        bytes.appendBigEndian(firstOffset)
        bytes.appendBigEndian(lastOffset)
        bytes.appendBigEndian(lastStableOffset)
    }
}
