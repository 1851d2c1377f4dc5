/// What is wrong with bytes read from a peer or a file, or with a value that cannot be written as asked.
///
/// A decoder never traps on its input: whatever the bytes are, the worst outcome is one of these cases.
public enum WireError: Error, Equatable, Sendable {
    /// The input ended: `needed` more bytes were called for, `remaining` are there.
    case truncated(needed: Int, remaining: Int)
    /// A length or count is below what the format allows, or above the format's own ceiling.
    case invalidLength(Int)
    /// A varint goes on past the bits of its type.
    case varintTooLong
    /// Null stands where the format demands a value; the text names the field when it is known.
    case unexpectedNull(String)
    /// Tags of a tagged-field section must rise strictly; this one did not.
    case tagOutOfOrder(UInt32)
    /// A tagged field's content is shorter than the size that was announced for it.
    case taggedFieldSize(tag: UInt32, announced: Int, used: Int)
    /// The message has no such version here.
    case unsupportedVersion(message: String, version: Int16)
    /// A field holds a value that this version of the message cannot carry, and that may not be dropped silently.
    case unsupportedField(String, version: Int16)
    /// A string has more UTF-8 bytes than the 32,767 that the protocol can carry.
    case stringTooLong(Int)
    /// An array or byte string has more elements than an int32 can count.
    case tooLarge(Int)
    /// Bytes are left after the end of a value that should fill its container.
    case trailingBytes(Int)
    /// A log record's type is not one that we know.
    case unknownRecordType(Int)
    /// Anything else that breaks a rule of the format; the text says which.
    case malformed(String)
    /// The file behind a `FileSlice` could not be read; the value is `errno`, or 0 when the file ended early.
    case fileUnreadable(errno: Int32)
}

extension WireError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let needed, let remaining):
            "the input ends too early: \(needed) more bytes needed, \(remaining) left"
        case .invalidLength(let length): "the length \(length) is not possible here"
        case .varintTooLong: "a variable-length integer is longer than its type"
        case .unexpectedNull(let field): field.isEmpty ? "a value is missing (null)" : "\(field) must not be null"
        case .tagOutOfOrder(let tag): "tagged field \(tag) is out of order"
        case .taggedFieldSize(let tag, let announced, let used):
            "tagged field \(tag) announces \(announced) bytes but holds \(used)"
        case .unsupportedVersion(let message, let version): "\(message) has no version \(version)"
        case .unsupportedField(let field, let version): "version \(version) cannot carry a value of \(field)"
        case .stringTooLong(let count): "a string of \(count) bytes is longer than 32767"
        case .tooLarge(let count): "a value of \(count) elements is too large"
        case .trailingBytes(let count): "\(count) bytes are left over"
        case .unknownRecordType(let type): "record type \(type) is not known"
        case .malformed(let reason): reason
        case .fileUnreadable(let errno):
            errno == 0 ? "the file ends before the range does" : "the file cannot be read (errno \(errno))"
        }
    }
}
