import KafkaMessages
import KafkaWire
import NIOCore

/// Turns the key and value of a record into what `dump-log` prints of them.
enum RecordDecoder {
    case plain(key: PayloadDecoder, value: PayloadDecoder)
    case offsets
    case transactions
    case clusterMetadata
    case shareGroupState

    /// Key and payload as text; nil for a part that is not printed.
    typealias Parts = (key: String?, payload: String?)

    /// Adds ` key: … payload: …`, the parts that are there.
    func write(_ record: RawRecord, prefix: StaticString, to line: inout TextLine) throws(CommandFailure) {
        guard case .plain(let keyDecoder, let valueDecoder) = self else {
            let parts = try parts(record)
            if let key = parts.key {
                line.add(prefix)
                line.add("key: ")
                line.add(key)
            }
            if let payload = parts.payload {
                line.add(" payload: ")
                line.add(payload)
            }
            return
        }
        if let key = record.key {
            line.add(prefix)
            line.add("key: ")
            try keyDecoder.write(key, to: &line)
        }
        if let value = record.value {
            line.add(" payload: ")
            try valueDecoder.write(value, to: &line)
        }
    }

    private func parts(_ record: RawRecord) throws(CommandFailure) -> Parts {
        let key = record.key.map { ByteBuffer(bytes: $0) }
        let value = record.value.map { ByteBuffer(bytes: $0) }
        switch self {
        case .plain: return (nil, nil)
        case .clusterMetadata: return (nil, Self.metadata(value, record.offset))
        case .offsets:
            return try Self.grouped(key, value, record.offset, GroupLogFields.groupKey, GroupLogFields.groupValue)
        case .shareGroupState:
            return try Self.grouped(key, value, record.offset, GroupLogFields.shareKey, GroupLogFields.shareValue)
        case .transactions: return try Self.transaction(key, value, record.offset)
        }
    }

    // MARK: Metadata log

    private static func metadata(_ value: ByteBuffer?, _ offset: Int64) -> String {
        guard let value else { return "Error at \(offset), skipping. The record has no value." }
        do throws(WireError) {
            let (record, version) = try MetadataRecord.versioned(decoding: value)
            return JSONText.compact(
                .members([
                    "type": .string(record.typeName), "version": .number(version),
                    "data": DataValue(record.fieldValue(version: version)),
                ])
            )
        } catch {
            return "Error at \(offset), skipping. \(error)"
        }
    }

    // MARK: Groups

    private static func grouped(
        _ key: ByteBuffer?,
        _ value: ByteBuffer?,
        _ offset: Int64,
        _ readKey: (ByteBuffer) throws(WireError) -> FieldValue?,
        _ readValue: (ByteBuffer, Int16) throws(WireError) -> (version: Int16, fields: FieldValue)?
    ) throws(CommandFailure) -> Parts {
        guard let key else {
            throw CommandFailure("The record at offset \(offset) has no key: it is none of this topic.")
        }
        do throws(WireError) {
            let type = try GroupLogFields.type(ofKey: key)
            guard let fields = try readKey(key) else {
                return ("Unknown record type \(type) at offset \(offset), skipping.", nil)
            }
            let keyText = JSONText.compact(.members(["type": .string("\(type)"), "data": DataValue(fields)]))
            guard let value, let read = try readValue(value, type) else { return (keyText, "<DELETE>") }
            let payload = DataValue.members(["version": .string("\(read.version)"), "data": DataValue(read.fields)])
            return (keyText, JSONText.compact(payload))
        } catch {
            return ("Error at offset \(offset), skipping. \(error)", nil)
        }
    }

    // MARK: Transactions

    private static func transaction(
        _ key: ByteBuffer?,
        _ value: ByteBuffer?,
        _ offset: Int64
    ) throws(CommandFailure) -> Parts {
        do throws(WireError) {
            guard let key else { throw .unexpectedNull("the key") }
            let version = try GroupLogFields.type(ofKey: key)
            guard TransactionLogKey.validVersions.contains(version) else { return ("unknown::version=\(version)", nil) }
            let id = try TransactionLogKey(versioned: key).transactionalId
            let keyText = "transaction_metadata::transactionalId=\(id)"
            guard let value else { return (keyText, "<DELETE>") }
            return (keyText, text(of: try TransactionLogValue(versioned: value)))
        } catch {
            throw CommandFailure("The record at offset \(offset) is none of the transaction log: \(error).")
        }
    }

    private static func text(of value: TransactionLogValue) -> String {
        let partitions = (value.transactionPartitions ?? []).flatMap { topic in
            topic.partitionIds.map { "\(topic.topic)-\($0)" }
        }
        return "producerId:\(value.producerId),producerEpoch:\(value.producerEpoch),"
            + "state=\(stateName(value.transactionStatus)),partitions=[\(partitions.joined(separator: ","))],"
            + "txnLastUpdateTimestamp=\(value.transactionLastUpdateTimestampMs),"
            + "txnTimeoutMs=\(value.transactionTimeoutMs)"
    }

    private static func stateName(_ status: Int8) -> String {
        let names = [
            "Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead",
            "PrepareEpochFence",
        ]
        return names.indices.contains(Int(status)) ? names[Int(status)] : "Unknown(\(status))"
    }
}
