/// Why bytes could not be compressed or decompressed.
public enum CompressionError: Error, Equatable, Sendable {
    /// The bytes are not what the codec's format demands; `reason` says what was wrong, in a few words.
    case corrupt(CompressionCodec, reason: String)
    /// The decompressed bytes would be more than `limit`; nothing larger was allocated.
    case outputTooLarge(limit: Int)
    /// The codec has no such level; see ``CompressionCodec/levels``.
    case levelOutOfRange(CompressionCodec, level: Int)
    /// The input is longer than the codec can take in one go, or memory for its state was refused.
    case unavailable(CompressionCodec, reason: String)
}

extension CompressionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .corrupt(let codec, let reason):
            "the \(codec.name) data are damaged: \(reason)"
        case .outputTooLarge(let limit):
            "the data decompress to more than the \(limit) bytes allowed here"
        case .levelOutOfRange(let codec, let level):
            if let levels = codec.levels {
                "\(codec.name) has no level \(level): choose \(levels.lowerBound) to \(levels.upperBound)"
            } else {
                "\(codec.name) has no levels, so level \(level) cannot be set"
            }
        case .unavailable(let codec, let reason):
            "\(codec.name) cannot be used here: \(reason)"
        }
    }
}
