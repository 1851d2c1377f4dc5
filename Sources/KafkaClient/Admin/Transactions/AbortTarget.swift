/// A transaction that shall be aborted in one partition.
public struct AbortTarget: Hashable, Sendable {
    /// The partition in which it hangs.
    public var partition: TopicPartition
    /// The producer that began it.
    public var producerID: Int64
    /// The producer's epoch at that time.
    public var producerEpoch: Int16
    /// The epoch of the coordinator in whose name the marker is written; the partition refuses one lower than its last.
    public var coordinatorEpoch: Int32

    /// Names a transaction to abort.
    public init(partition: TopicPartition, producerID: Int64, producerEpoch: Int16, coordinatorEpoch: Int32) {
        self.partition = partition
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.coordinatorEpoch = coordinatorEpoch
    }
}
