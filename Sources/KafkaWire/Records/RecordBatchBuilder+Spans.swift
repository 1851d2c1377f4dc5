import Glibc
import NIOCore

extension RecordBatchBuilder {
    /// Lays records of a block, without headers and all with one timestamp: the fast way for input that comes in blocks.
    ///
    /// The spans must lie within the block; the caller has checked that.
    ///
    /// - Parameters:
    ///   - timestampMs: ms since 1970.
    ///   - sizeLimit: what the uncompressed batch must not exceed. Each record is counted with 32 bytes for its lengths,
    ///     deltas and flags, which is the most that they can take.
    /// - Returns: how many spans were taken, from the front.
    package mutating func append(
        _ spans: ArraySlice<RecordSpan>,
        in block: UnsafeRawBufferPointer,
        timestampMs: Int64,
        sizeLimit: Int
    ) -> Int {
        let limit = min(sizeLimit, Self.largestBatch) - uncompressedSize
        var bound = 0
        var taken = 0
        for span in spans {
            let with = bound + span.sizeBound
            guard with <= limit, Int64(recordCount) + Int64(taken) < Int64(Int32.max) else { break }
            bound = with
            taken += 1
        }
        guard taken > 0, let source = block.baseAddress ?? spans.emptyBlockBase else { return 0 }
        let delta = Zigzag.encode(isEmpty ? 0 : timestampMs &- baseTimestampMs)
        let first = nextOffsetDelta
        writeRecords(bound: bound) { start in
            var writer = SpanWriter(start)
            var offsetDelta = first
            for span in spans.prefix(taken) {
                writer.write(span, from: source, timestampDelta: delta, offsetDelta: offsetDelta)
                offsetDelta &+= 1
            }
            return writer.position - start
        }
        count(records: Int32(taken), timestampMs: timestampMs)
        return taken
    }
}

extension RecordSpan {
    /// The most bytes that the record can take in a batch.
    package var sizeBound: Int {
        32 + Int(max(keyLength, 0)) + Int(max(valueLength, 0))
    }
}

extension ArraySlice<RecordSpan> {
    /// Something to point at when the block is empty, so that all records are empty or null and nothing is read from it.
    fileprivate var emptyBlockBase: UnsafeRawPointer? {
        withUnsafeBytes { $0.baseAddress }
    }
}

/// Writes records at a place that has room for the ``RecordSpan/sizeBound`` of each.
///
/// Numbers: length 5 bytes, attributes 1, timestamp 10, offset 5, two field lengths of 5 each, header count 1: 32.
private struct SpanWriter {
    private(set) var position: UnsafeMutableRawPointer

    init(_ position: UnsafeMutableRawPointer) {
        self.position = position
    }

    @inline(__always)
    mutating func write(
        _ span: RecordSpan,
        from block: UnsafeRawPointer,
        timestampDelta: UInt64,
        offsetDelta: Int32
    ) {
        let offset = Zigzag.encode(Int64(offsetDelta))
        let size =
            2 + Self.size(timestampDelta) + Self.size(offset) + Self.size(field: span.keyLength)
            + Self.size(field: span.valueLength)
        write(Zigzag.encode(Int64(size)))
        write(byte: 0)
        write(timestampDelta)
        write(offset)
        write(from: block, offset: span.keyOffset, length: span.keyLength)
        write(from: block, offset: span.valueOffset, length: span.valueLength)
        write(byte: 0)
    }

    @inline(__always)
    private mutating func write(from block: UnsafeRawPointer, offset: Int32, length: Int32) {
        guard length >= 0 else { return write(byte: 1) }
        write(Zigzag.encode(Int64(length)))
        memcpy(position, block + Int(offset), Int(length))
        position += Int(length)
    }

    @inline(__always)
    private mutating func write(byte: UInt8) {
        position.storeBytes(of: byte, as: UInt8.self)
        position += 1
    }

    @inline(__always)
    private mutating func write(_ number: UInt64) {
        var bits = number
        while bits >= 0x80 {
            write(byte: UInt8(truncatingIfNeeded: bits) | 0x80)
            bits >>= 7
        }
        write(byte: UInt8(truncatingIfNeeded: bits))
    }

    @inline(__always)
    private static func size(_ number: UInt64) -> Int {
        (70 - (number | 1).leadingZeroBitCount) / 7
    }

    @inline(__always)
    private static func size(field length: Int32) -> Int {
        length < 0 ? 1 : size(Zigzag.encode(Int64(length))) + Int(length)
    }
}
