import KafkaMessages
import KafkaWire
import NIOCore

/// Prints records of Kafka's own topics as JSON, one object a line, under the field names of their schemas.
struct InternalRecordPrinter {
    let kind: FormatterKind

    /// The line for a record without its end, nil for records that this formatter passes over.
    func line(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?) throws(WireError) -> String? {
        guard let key else { return nil }
        if kind == .consumerGroup { return try consumerGroupLine(key, value) }
        var keyReader = WireReader(ByteBuffer(bytes: key))
        let keyVersion = try keyReader.readInt16()
        guard let keyData = try keyData(&keyReader, keyVersion) else { return nil }
        var valuePart = DataValue.null
        if let value {
            var valueReader = WireReader(ByteBuffer(bytes: value))
            let version = try valueReader.readInt16()
            let data = try valueData(&valueReader, version) ?? .string("unknown")
            valuePart = .members(["version": .number(version), "data": data])
        }
        return JSONText.compact(
            .members(["key": .members(["version": .number(keyVersion), "data": keyData]), "value": valuePart])
        )
    }

    /// A record of a group of KIP-848. Its formatter came with Kafka 4.1, which calls the number of a key its type.
    private func consumerGroupLine(
        _ key: UnsafeRawBufferPointer,
        _ value: UnsafeRawBufferPointer?
    ) throws(WireError) -> String? {
        let keyBytes = ByteBuffer(bytes: key)
        let type = try GroupLogFields.type(ofKey: keyBytes)
        guard (3...8).contains(type) || type == 16, let fields = try GroupLogFields.groupKey(keyBytes) else {
            return nil
        }
        var valuePart = DataValue.null
        if let value {
            let valueBytes = ByteBuffer(bytes: value)
            // The version stands before a value as the type stands before a key.
            let version = try GroupLogFields.type(ofKey: valueBytes)
            var data = DataValue.string("unknown")
            do throws(WireError) {
                if let read = try GroupLogFields.groupValue(valueBytes, ofType: type) { data = DataValue(read.fields) }
            } catch {
                guard case .unsupportedVersion = error else { throw error }
            }
            valuePart = .members(["version": .number(version), "data": data])
        }
        return JSONText.compact(
            .members([
                "key": .members(["type": .number(type), "data": DataValue(fields)]), "value": valuePart,
            ])
        )
    }

    /// nil for keys of other kinds, among them those of groups of the new protocol.
    private func keyData(_ reader: inout WireReader, _ version: Int16) throws(WireError) -> DataValue? {
        switch kind {
        case .offsets where OffsetCommitKey.validVersions.contains(version):
            let key = try OffsetCommitKey(from: &reader, version: version)
            return .members([
                "group": .string(key.group), "topic": .string(key.topic), "partition": .number(key.partition),
            ])
        case .groupMetadata where GroupMetadataKey.validVersions.contains(version):
            return .members(["group": .string(try GroupMetadataKey(from: &reader, version: version).group)])
        case .transactionLog where TransactionLogKey.validVersions.contains(version):
            let key = try TransactionLogKey(from: &reader, version: version)
            return .members(["transactionalId": .string(key.transactionalId)])
        default: return nil
        }
    }

    /// nil for versions that are not known here.
    private func valueData(_ reader: inout WireReader, _ version: Int16) throws(WireError) -> DataValue? {
        switch kind {
        case .offsets where OffsetCommitValue.validVersions.contains(version):
            return Self.data(try OffsetCommitValue(from: &reader, version: version), version)
        case .groupMetadata where GroupMetadataValue.validVersions.contains(version):
            return Self.data(try GroupMetadataValue(from: &reader, version: version), version)
        case .transactionLog where TransactionLogValue.validVersions.contains(version):
            return Self.data(try TransactionLogValue(from: &reader, version: version))
        default: return nil
        }
    }

    private static func data(_ value: OffsetCommitValue, _ version: Int16) -> DataValue {
        var members = [DataValue.Member(name: "offset", value: .number(value.offset))]
        if version >= 3 { members.append(.init(name: "leaderEpoch", value: .number(value.leaderEpoch))) }
        members.append(.init(name: "metadata", value: .string(value.metadata)))
        members.append(.init(name: "commitTimestamp", value: .number(value.commitTimestamp)))
        if version == 1 { members.append(.init(name: "expireTimestamp", value: .number(value.expireTimestamp))) }
        return .object(members)
    }

    private static func data(_ value: GroupMetadataValue, _ version: Int16) -> DataValue {
        var members: [DataValue.Member] = [
            .init(name: "protocolType", value: .string(value.protocolType)),
            .init(name: "generation", value: .number(value.generation)),
            .init(name: "protocol", value: .optional(value.protocol)),
            .init(name: "leader", value: .optional(value.leader)),
        ]
        if version >= 2 {
            members.append(.init(name: "currentStateTimestamp", value: .number(value.currentStateTimestamp)))
        }
        members.append(.init(name: "members", value: .array(value.members.map { data($0, version) })))
        return .object(members)
    }

    private static func data(_ member: GroupMetadataValue.MemberMetadata, _ version: Int16) -> DataValue {
        var members = [DataValue.Member(name: "memberId", value: .string(member.memberId))]
        if version >= 3 { members.append(.init(name: "groupInstanceId", value: .optional(member.groupInstanceId))) }
        members.append(.init(name: "clientId", value: .string(member.clientId)))
        members.append(.init(name: "clientHost", value: .string(member.clientHost)))
        if version >= 1 { members.append(.init(name: "rebalanceTimeout", value: .number(member.rebalanceTimeout))) }
        members.append(.init(name: "sessionTimeout", value: .number(member.sessionTimeout)))
        members.append(.init(name: "subscription", value: .string(Base64.text(member.subscription.readableBytesView))))
        members.append(.init(name: "assignment", value: .string(Base64.text(member.assignment.readableBytesView))))
        return .object(members)
    }

    private static func data(_ value: TransactionLogValue) -> DataValue {
        var members = [DataValue.Member(name: "producerId", value: .number(value.producerId))]
        // Tagged fields of version 1 are written only when they are set.
        if value.previousProducerId != -1 {
            members.append(.init(name: "previousProducerId", value: .number(value.previousProducerId)))
        }
        if value.nextProducerId != -1 {
            members.append(.init(name: "nextProducerId", value: .number(value.nextProducerId)))
        }
        let partitions = value.transactionPartitions.map { partitions in
            DataValue.array(
                partitions.map {
                    .members(["topic": .string($0.topic), "partitionIds": .numbers($0.partitionIds)])
                }
            )
        }
        members += [
            .init(name: "producerEpoch", value: .number(value.producerEpoch)),
            .init(name: "transactionTimeoutMs", value: .number(value.transactionTimeoutMs)),
            .init(name: "transactionStatus", value: .number(value.transactionStatus)),
            .init(name: "transactionPartitions", value: partitions ?? .null),
            .init(name: "transactionLastUpdateTimestampMs", value: .number(value.transactionLastUpdateTimestampMs)),
            .init(name: "transactionStartTimestampMs", value: .number(value.transactionStartTimestampMs)),
        ]
        if value.clientTransactionVersion != 0 {
            members.append(.init(name: "clientTransactionVersion", value: .number(value.clientTransactionVersion)))
        }
        return .object(members)
    }
}
