/// What becomes of a record that a member of a share group got (KIP-932). The raw value is the protocol's.
public enum ShareAcknowledgement: Int8, Hashable, Sendable {
    /// It was worked on; nobody gets it again.
    case accept = 1
    /// Somebody gets it again, unless it was delivered too often already (`group.share.delivery.count.limit`).
    case release = 2
    /// It cannot be worked on; nobody gets it again.
    case reject = 3
}

/// Records whose acknowledgement did not arrive or was refused: the group delivers them again.
public struct ShareAcknowledgementFailure: Sendable {
    /// Where the records are.
    public var partition: TopicPartition
    /// How many records, offsets without one included.
    public var count: Int64
    /// Why.
    public var error: KafkaClientError
}
