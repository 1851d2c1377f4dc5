package import NIOCore

/// What a record of a control batch is for; the record's key says it.
package enum ControlRecordType: Int16, CaseIterable, Sendable {
    /// A transaction of the batch's producer ended without effect.
    case abort = 0
    /// A transaction of the batch's producer took effect.
    case commit = 1
    /// A Raft leader took office; the value is a `LeaderChangeMessage`.
    case leaderChange = 2
    /// First record of a metadata snapshot.
    case snapshotHeader = 3
    /// Last record of a metadata snapshot.
    case snapshotFooter = 4
    /// Version of the Raft protocol in use (KIP-853).
    case kraftVersion = 5
    /// The Raft voters (KIP-853).
    case kraftVoters = 6

    private static let keyVersion: Int16 = 0

    /// Reads the key of a control record: a version, which does not matter, and the type. `nil` for a type that is not
    /// known, which is to be ignored, and for a key that is none.
    package init?(key: ByteBuffer?) {
        guard let key, let version = key.getInteger(at: key.readerIndex, as: Int16.self), version >= 0,
            let type = key.getInteger(at: key.readerIndex + 2, as: Int16.self)
        else { return nil }
        self.init(rawValue: type)
    }

    /// The key of a record of this type.
    package var key: ByteBuffer {
        var key = ByteBuffer()
        key.writeInteger(Self.keyVersion)
        key.writeInteger(rawValue)
        return key
    }
}

extension RecordBatchBuilder {
    /// A finished control batch: one uncompressed record, outside the sequence numbers of its producer.
    ///
    /// - Parameters:
    ///   - value: the message that belongs to `type`.
    ///   - producerId: of the transaction that ends, -1 for records of Raft; its epoch goes with it.
    package static func controlBatch(
        _ type: ControlRecordType,
        value: ByteBuffer,
        timestampMs: Int64,
        producerId: Int64 = -1,
        producerEpoch: Int16 = -1,
        isTransactional: Bool = false,
        partitionLeaderEpoch: Int32 = -1
    ) throws(RecordError) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        let isIn = type.key.withUnsafeReadableBytes { key in
            value.withUnsafeReadableBytes { value in
                builder.append(key: key, value: value, timestampMs: timestampMs)
            }
        }
        guard isIn else { throw .tooLarge }
        return try builder.finish(
            producerId: producerId,
            producerEpoch: producerEpoch,
            isTransactional: isTransactional,
            isControl: true,
            partitionLeaderEpoch: partitionLeaderEpoch
        )
    }
}
