/// The configs that a coordinator of groups goes by.
package struct GroupSettings: Equatable, Sendable {
    /// `group.initial.rebalance.delay.ms`; Kafka's default is 3000, that of the quick start configuration it ships is 0.
    package var initialRebalanceDelayMs: Int64 = 0
    /// `group.min.session.timeout.ms` and `group.max.session.timeout.ms`.
    package var sessionTimeoutsMs: ClosedRange<Int32> = 6000...1_800_000
    /// `group.max.size`
    package var maximumSize = Int(Int32.max)
    /// `offset.metadata.max.bytes`
    package var maximumMetadataBytes = 4096
    /// `offsets.retention.minutes`
    package var offsetRetentionMs: Int64 = 7 * 86_400_000
    /// `offsets.retention.check.interval.ms`
    package var offsetRetentionCheckMs: Int64 = 600_000

    /// Consumer groups of KIP-848.
    package var modern = ModernSettings()

    package init() {}

    package init(_ resolver: ConfigResolver) {
        let integer = { (name: String, fallback: Int64) in
            resolver.brokerValue(name).flatMap { Int64($0.trimmingBlanks()) } ?? fallback
        }
        initialRebalanceDelayMs = integer("group.initial.rebalance.delay.ms", initialRebalanceDelayMs)
        let shortest = Int32(clamping: integer("group.min.session.timeout.ms", 6000))
        let longest = Int32(clamping: integer("group.max.session.timeout.ms", 1_800_000))
        sessionTimeoutsMs = shortest...max(shortest, longest)
        maximumSize = Int(integer("group.max.size", Int64(maximumSize)))
        maximumMetadataBytes = Int(integer("offset.metadata.max.bytes", Int64(maximumMetadataBytes)))
        offsetRetentionMs = integer("offsets.retention.minutes", 10_080) * 60_000
        modern = ModernSettings(resolver)
        // A year is as good as for ever and can be added to any time.
        offsetRetentionCheckMs = min(
            integer("offsets.retention.check.interval.ms", offsetRetentionCheckMs),
            365 * 86_400_000
        )
    }
}
