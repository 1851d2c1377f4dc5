/// How the records of a batch are compressed; the raw value is what bits 0-2 of the batch attributes hold.
public enum CompressionCodec: UInt8, CaseIterable, Hashable, Sendable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    case zstd = 4

    /// Kafka's name for the codec, as in `compression.type`.
    public var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .snappy: "snappy"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    /// The codec with Kafka's name for it, `nil` for a name Kafka does not know. `uncompressed` is the topic
    /// configuration's word for ``none``.
    public init?(name: String) {
        switch name {
        case "none", "uncompressed": self = .none
        case "gzip": self = .gzip
        case "snappy": self = .snappy
        case "lz4": self = .lz4
        case "zstd": self = .zstd
        default: return nil
        }
    }

    /// Levels that ``compress(_:level:)`` takes, `nil` for codecs that have none. The ranges are those of
    /// `compression.gzip.level`, `compression.lz4.level` and `compression.zstd.level` (KIP-390); gzip's -1 means its
    /// default.
    public var levels: ClosedRange<Int>? {
        switch self {
        case .none, .snappy: nil
        case .gzip: -1...9
        case .lz4: 1...17
        case .zstd: -131_072...22
        }
    }
}
