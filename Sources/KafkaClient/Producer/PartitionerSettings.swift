/// What a producer was told about choosing partitions.
package struct PartitionerSettings: Equatable, Sendable {
    package var kind = PartitionerKind.standard
    /// `partitioner.adaptive.partitioning.enable`: prefer partitions with short queues for records without a key.
    package var isAdaptive = true
    /// `partitioner.availability.timeout.ms`: leave out partitions whose leader has not taken anything for so long; 0 to
    /// leave out none. Means nothing unless ``isAdaptive``.
    package var availabilityTimeoutMs: Int64 = 0
    /// `partitioner.ignore.keys`: treat every record as one without a key.
    package var ignoresKeys = false
    /// `batch.size`: bytes that go to one partition before another is chosen.
    package var batchSize = 16384

    package init() {}
}
