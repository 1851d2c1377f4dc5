public import KafkaCompression

/// Why bytes are not the record batch, or message set, that they should be.
public enum RecordError: Error, Equatable, Sendable {
    /// The bytes end before the batch does.
    case truncated
    /// The length field of a batch or legacy message is smaller than its fixed part.
    case invalidLength(Int32)
    /// Neither a record batch (2) nor a legacy message (0, 1).
    case unsupportedMagic(Int8)
    /// Bits 0-2 of the attributes name no codec.
    case unknownCodec(UInt8)
    /// The checksum in the header is not that of the bytes.
    case checksumMismatch(stored: UInt32, computed: UInt32)
    /// The number of records in the header is negative, or more than the bytes could hold.
    case invalidRecordCount(Int32)
    /// The record at `index` (from 0) of its batch cannot be read.
    case malformedRecord(index: Int, MalformedRecord)
    /// Bytes follow the last record of the batch.
    case trailingBytes(Int)
    /// A legacy message, or a set of them inside a compressed one, cannot be read.
    case malformedMessage(MalformedRecord)
    /// The records could not be decompressed.
    case compression(CompressionError)
    /// The batch would be longer than its 32-bit length can say.
    case tooLarge
}

/// What is wrong with one record.
public enum MalformedRecord: UInt8, Error, Equatable, Sendable {
    /// A variable-length number runs past its longest form.
    case numberTooLong
    /// The record, or a field in it, ends after the bytes do.
    case cutShort
    /// The record ends before or after the length it claims.
    case lengthMismatch
    /// The key, or a header's key or value, has an impossible length.
    case invalidFieldLength
    /// The number of headers is negative or more than the bytes could hold.
    case invalidHeaderCount
    /// A compressed message holds another compressed message.
    case nestedCompression
}

extension RecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "the batch is cut short"
        case .invalidLength(let length): "a batch cannot be \(length) bytes long"
        case .unsupportedMagic(let magic): "records of format \(magic) are unknown (known are 0, 1 and 2)"
        case .unknownCodec(let bits): "the batch is compressed with the unknown codec \(bits)"
        case .checksumMismatch(let stored, let computed):
            "the batch is damaged: its checksum is \(computed) but should be \(stored)"
        case .invalidRecordCount(let count): "the batch cannot hold the \(count) records it claims"
        case .malformedRecord(let index, let fault): "record \(index) of the batch \(fault.predicate)"
        case .trailingBytes(let count): "\(count) bytes follow the last record of the batch"
        case .malformedMessage(let fault): "a message of the old format \(fault.predicate)"
        case .compression(let error): error.description
        case .tooLarge: "the batch would be larger than 2 GiB"
        }
    }
}

extension MalformedRecord {
    fileprivate var predicate: String {
        switch self {
        case .numberTooLong: "holds a number with too many bytes"
        case .cutShort: "is cut short"
        case .lengthMismatch: "does not have the length it claims"
        case .invalidFieldLength: "has a field of impossible length"
        case .invalidHeaderCount: "has an impossible number of headers"
        case .nestedCompression: "is compressed twice"
        }
    }
}
