import KafkaMessages
package import KafkaWire

/// A record of `__transaction_state`, decoded: the state of a transactional id; nil forgets the id.
package struct TransactionRecord: Equatable, Sendable {
    package var transactionalID: String
    package var transaction: Transaction?

    package init(_ transactionalID: String, _ transaction: Transaction?) {
        self.transactionalID = transactionalID
        self.transaction = transaction
    }

    /// nil for a key of a version that is not known here.
    package init?(decoding record: CoordinatorRecord) throws {
        var reader = WireReader(record.key)
        let version = try reader.readInt16()
        guard TransactionLogKey.validVersions.contains(version) else { return nil }
        transactionalID = try TransactionLogKey(from: &reader, version: version).transactionalId
        guard let value = record.value else { return }
        guard let transaction = Transaction(try TransactionLogValue(versioned: value)) else {
            throw TransactionRecordError.unknownState(transactionalID)
        }
        self.transaction = transaction
    }

    /// In the layout of the finalized `transaction.version`.
    package func encoded(transactionVersion: Int16) throws(WireError) -> CoordinatorRecord {
        var record = CoordinatorRecord(
            key: try TransactionLogKey(transactionalId: transactionalID).versioned(0),
            value: nil
        )
        if let (value, version) = transaction?.logged(transactionVersion: transactionVersion) {
            record.value = try value.versioned(version)
        }
        return record
    }
}

/// A record that no coordinator can have written.
package enum TransactionRecordError: Error, Equatable, CustomStringConvertible {
    case unknownState(String)

    package var description: String {
        switch self {
        case .unknownState(let id): "the record of transactional id \(id) has a state that is never logged"
        }
    }
}
