import KafkaWire

/// How far a group has come in a partition.
package struct CommittedOffset: Equatable, Sendable {
    /// The next offset to read.
    package var offset: Int64
    /// Of the last record that was read; -1 if the client did not say.
    package var leaderEpoch: Int32
    package var metadata: String
    package var commitTimestampMs: Int64
    /// A time of expiry that the client asked for (versions 2 to 4), instead of the broker's.
    package var expireTimestampMs: Int64?
    /// The topic that was meant; nil for one that the log has from before this coordinator was loaded.
    var topicID: KafkaUUID?
    /// The place among all commits of the coordinator's log: of two the later counts, although the end of a
    /// transaction may bring the earlier one out after it.
    var order: UInt64
}
