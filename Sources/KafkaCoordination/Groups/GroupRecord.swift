package import KafkaMessages
package import KafkaWire

/// A record of `__consumer_offsets`, decoded. A nil value deletes what the key names.
package enum GroupRecord: Equatable, Sendable {
    case offset(OffsetCommitKey, OffsetCommitValue?)
    /// A classic group.
    case group(GroupMetadataKey, GroupMetadataValue?)
    case consumerGroup(ConsumerGroupMetadataKey, ConsumerGroupMetadataValue?)
    /// Written by brokers up to 4.0; since then a hash in the group's own record takes its place.
    case partitionMetadata(ConsumerGroupPartitionMetadataKey, ConsumerGroupPartitionMetadataValue?)
    case member(ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue?)
    case targetAssignment(ConsumerGroupTargetAssignmentMetadataKey, ConsumerGroupTargetAssignmentMetadataValue?)
    case memberTarget(ConsumerGroupTargetAssignmentMemberKey, ConsumerGroupTargetAssignmentMemberValue?)
    case memberAssignment(ConsumerGroupCurrentMemberAssignmentKey, ConsumerGroupCurrentMemberAssignmentValue?)
    case regularExpression(ConsumerGroupRegularExpressionKey, ConsumerGroupRegularExpressionValue?)

    /// The version of offset values: the last one that is not flexible, which all readers know.
    private static let offsetVersion: Int16 = 3
    /// The version of offset values that have a time of expiry of their own.
    private static let expiringOffsetVersion: Int16 = 1
    private static let groupVersion: Int16 = 3

    /// nil for a type that is not known here, such as those of share groups.
    package init?(decoding record: CoordinatorRecord) throws(WireError) {
        var reader = WireReader(record.key)
        let type = try reader.readInt16()
        switch type {
        case 0, 1:
            self = .offset(try OffsetCommitKey(from: &reader, version: type), try Self.value(record))
        case 2:
            self = .group(try GroupMetadataKey(from: &reader, version: type), try Self.value(record))
        case 3:
            self = .consumerGroup(try ConsumerGroupMetadataKey(from: &reader, version: type), try Self.value(record))
        case 4:
            self = .partitionMetadata(
                try ConsumerGroupPartitionMetadataKey(from: &reader, version: type),
                try Self.value(record)
            )
        case 5:
            self = .member(try ConsumerGroupMemberMetadataKey(from: &reader, version: type), try Self.value(record))
        case 6:
            self = .targetAssignment(
                try ConsumerGroupTargetAssignmentMetadataKey(from: &reader, version: type),
                try Self.value(record)
            )
        case 7:
            self = .memberTarget(
                try ConsumerGroupTargetAssignmentMemberKey(from: &reader, version: type),
                try Self.value(record)
            )
        case 8:
            self = .memberAssignment(
                try ConsumerGroupCurrentMemberAssignmentKey(from: &reader, version: type),
                try Self.value(record)
            )
        case 16:
            self = .regularExpression(
                try ConsumerGroupRegularExpressionKey(from: &reader, version: type),
                try Self.value(record)
            )
        default: return nil
        }
    }

    private static func value<Value: KafkaMessage>(_ record: CoordinatorRecord) throws(WireError) -> Value? {
        guard let value = record.value else { return nil }
        return try Value(versioned: value)
    }

    /// As Kafka 4.1 writes it.
    package func encoded() throws(WireError) -> CoordinatorRecord {
        switch self {
        case .offset(let key, let value):
            let version = value.map { $0.expireTimestamp == -1 ? Self.offsetVersion : Self.expiringOffsetVersion }
            return try Self.record(key, 1, value, version ?? Self.offsetVersion)
        case .group(let key, let value): return try Self.record(key, 2, value, Self.groupVersion)
        case .consumerGroup(let key, let value): return try Self.record(key, 3, value, 0)
        case .partitionMetadata(let key, let value): return try Self.record(key, 4, value, 0)
        case .member(let key, let value): return try Self.record(key, 5, value, 0)
        case .targetAssignment(let key, let value): return try Self.record(key, 6, value, 0)
        case .memberTarget(let key, let value): return try Self.record(key, 7, value, 0)
        case .memberAssignment(let key, let value): return try Self.record(key, 8, value, 0)
        case .regularExpression(let key, let value): return try Self.record(key, 16, value, 0)
        }
    }

    private static func record(
        _ key: some KafkaMessage,
        _ keyVersion: Int16,
        _ value: (some KafkaMessage)?,
        _ valueVersion: Int16
    ) throws(WireError) -> CoordinatorRecord {
        var record = CoordinatorRecord(key: try key.versioned(keyVersion), value: nil)
        if let value { record.value = try value.versioned(valueVersion) }
        return record
    }
}
