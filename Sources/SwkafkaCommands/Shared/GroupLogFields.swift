import KafkaMessages
import KafkaWire
import NIOCore

/// Reads keys and values of `__consumer_offsets` and `__share_group_state` into fields, under the names of their schemas.
enum GroupLogFields {
    private typealias LogMessage = KafkaMessage & FieldValueConvertible

    /// The type number before a key, which says what kind of record it is.
    static func type(ofKey key: ByteBuffer) throws(WireError) -> Int16 {
        var reader = WireReader(key)
        return try reader.readInt16()
    }

    /// The fields of a key of `__consumer_offsets`; nil for a type that is not known here.
    static func groupKey(_ key: ByteBuffer) throws(WireError) -> FieldValue? {
        guard let types = groupTypes(try type(ofKey: key)) else { return nil }
        return try read(types.key, key).fields
    }

    /// The version and fields of a value that belongs to a key of `type`; the embedded bytes of consumer groups of the
    /// classic protocol are read too.
    static func groupValue(
        _ value: ByteBuffer,
        ofType type: Int16
    ) throws(WireError) -> (version: Int16, fields: FieldValue)? {
        guard let types = groupTypes(type) else { return nil }
        var (version, fields) = try read(types.value, value)
        if types.value == GroupMetadataValue.self { expandMembers(of: &fields) }
        return (version, fields)
    }

    /// As `groupKey`, for `__share_group_state`.
    static func shareKey(_ key: ByteBuffer) throws(WireError) -> FieldValue? {
        guard let types = shareTypes(try type(ofKey: key)) else { return nil }
        return try read(types.key, key).fields
    }

    /// As `groupValue`, for `__share_group_state`.
    static func shareValue(
        _ value: ByteBuffer,
        ofType type: Int16
    ) throws(WireError) -> (version: Int16, fields: FieldValue)? {
        guard let types = shareTypes(type) else { return nil }
        return try read(types.value, value)
    }

    private static func groupTypes(_ type: Int16) -> (key: any LogMessage.Type, value: any LogMessage.Type)? {
        switch type {
        case 0, 1: (OffsetCommitKey.self, OffsetCommitValue.self)
        case 2: (GroupMetadataKey.self, GroupMetadataValue.self)
        case 3: (ConsumerGroupMetadataKey.self, ConsumerGroupMetadataValue.self)
        case 4: (ConsumerGroupPartitionMetadataKey.self, ConsumerGroupPartitionMetadataValue.self)
        case 5: (ConsumerGroupMemberMetadataKey.self, ConsumerGroupMemberMetadataValue.self)
        case 6: (ConsumerGroupTargetAssignmentMetadataKey.self, ConsumerGroupTargetAssignmentMetadataValue.self)
        case 7: (ConsumerGroupTargetAssignmentMemberKey.self, ConsumerGroupTargetAssignmentMemberValue.self)
        case 8: (ConsumerGroupCurrentMemberAssignmentKey.self, ConsumerGroupCurrentMemberAssignmentValue.self)
        case 9: (ShareGroupPartitionMetadataKey.self, ShareGroupPartitionMetadataValue.self)
        case 10: (ShareGroupMemberMetadataKey.self, ShareGroupMemberMetadataValue.self)
        case 11: (ShareGroupMetadataKey.self, ShareGroupMetadataValue.self)
        case 12: (ShareGroupTargetAssignmentMetadataKey.self, ShareGroupTargetAssignmentMetadataValue.self)
        case 13: (ShareGroupTargetAssignmentMemberKey.self, ShareGroupTargetAssignmentMemberValue.self)
        case 14: (ShareGroupCurrentMemberAssignmentKey.self, ShareGroupCurrentMemberAssignmentValue.self)
        case 15: (ShareGroupStatePartitionMetadataKey.self, ShareGroupStatePartitionMetadataValue.self)
        case 16: (ConsumerGroupRegularExpressionKey.self, ConsumerGroupRegularExpressionValue.self)
        default: nil
        }
    }

    private static func shareTypes(_ type: Int16) -> (key: any LogMessage.Type, value: any LogMessage.Type)? {
        switch type {
        case 0: (ShareSnapshotKey.self, ShareSnapshotValue.self)
        case 1: (ShareUpdateKey.self, ShareUpdateValue.self)
        default: nil
        }
    }

    private static func read(
        _ type: any LogMessage.Type,
        _ bytes: ByteBuffer
    ) throws(WireError) -> (version: Int16, fields: FieldValue) {
        var reader = WireReader(bytes)
        let version = try reader.readInt16()
        return (version, try type.init(from: &reader, version: version).fieldValue(version: version))
    }

    // MARK: The consumer's own protocol inside classic groups

    private static func expandMembers(of group: inout FieldValue) {
        guard group["protocolType"] == .string("consumer"), case .array(var members) = group["members"] else { return }
        for index in members.indices {
            expand("subscription", of: &members[index], ConsumerProtocolSubscription.self)
            expand("assignment", of: &members[index], ConsumerProtocolAssignment.self)
        }
        group["members"] = .array(members)
    }

    /// Bytes that are something else stay as they are.
    private static func expand(_ name: String, of member: inout FieldValue, _ type: any LogMessage.Type) {
        guard case .bytes(let bytes) = member[name], let read = try? read(type, bytes) else { return }
        member[name] = read.fields
    }
}
