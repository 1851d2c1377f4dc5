/// How far a group has read a partition.
public struct GroupOffset: Hashable, Sendable {
    /// The offset of the next record to read.
    public var offset: Int64
    /// The leader epoch of the last record read; `nil` when it was not stored.
    public var leaderEpoch: Int32?
    /// A note that the one who committed left; often empty.
    public var metadata: String

    /// An offset to store.
    public init(_ offset: Int64, leaderEpoch: Int32? = nil, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}
