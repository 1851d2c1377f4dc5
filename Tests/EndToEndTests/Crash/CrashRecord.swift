import KafkaTestSupport
import KafkaWire
import NIOCore

/// Where a record belongs: what one producer writes to one partition is numbered from 0.
struct CrashStream: Hashable, Sendable, CustomStringConvertible {
    var producer: Int32
    var partition: Int32

    var description: String { "producer \(producer), partition \(partition)" }
}

/// A record that tells who it is and whether it is whole.
struct CrashRecord: Equatable {
    static let fillerSizes = 0...400

    var stream: CrashStream
    var number: Int64
    var fillerSize: Int

    /// Checksum of what follows, producer, partition, number, filler.
    var value: ByteBuffer {
        var body = ByteBuffer()
        body.writeMultipleIntegers(stream.producer, stream.partition, number)
        body.writeRepeatingByte(UInt8(truncatingIfNeeded: number), count: fillerSize)
        var value = ByteBuffer(integer: body.withUnsafeReadableBytes { CRC32C.checksum($0) })
        value.writeBuffer(&body)
        return value
    }

    init(stream: CrashStream, number: Int64, fillerSize: Int) {
        self.stream = stream
        self.number = number
        self.fillerSize = fillerSize
    }

    /// `nil` when the checksum is wrong or something is missing.
    init?(_ value: ByteBuffer?) {
        guard var value, let checksum = value.readInteger(as: UInt32.self),
            checksum == value.withUnsafeReadableBytes({ CRC32C.checksum($0) }),
            let (producer, partition, number) = value.readMultipleIntegers(as: (Int32, Int32, Int64).self)
        else { return nil }
        self.init(
            stream: CrashStream(producer: producer, partition: partition),
            number: number,
            fillerSize: value.readableBytes
        )
    }
}
