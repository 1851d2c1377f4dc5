package import KafkaMessages

/// What the transaction log says of one transactional id.
package struct Transaction: Equatable, Sendable {
    package var producerID: Int64
    /// The id before the epochs of that one were used up; -1 for none.
    package var previousProducerID: Int64 = -1
    /// The id that the producer goes on with once the markers are written; -1: the present one. Only while prepared.
    package var nextProducerID: Int64 = -1
    package var epoch: Int16
    package var timeoutMs: Int32
    package var state = TransactionState.empty
    package var partitions = PartitionSet()
    /// When the first partition was added, in ms since 1970; kept when the transaction ends, -1 before the first one.
    package var startMs: Int64 = -1
    package var lastUpdateMs: Int64
    /// `transaction.version` of the client that made the last change; 2 raises the epoch with every end (KIP-890).
    package var clientVersion: Int16 = 0

    /// The highest epoch that a producer may have: one more is needed to fence it.
    package static let lastUsableEpoch = Int16.max - 1

    package init(producerID: Int64, epoch: Int16, timeoutMs: Int32, lastUpdateMs: Int64) {
        self.producerID = producerID
        self.epoch = epoch
        self.timeoutMs = timeoutMs
        self.lastUpdateMs = lastUpdateMs
    }

    package var isEpochExhausted: Bool { epoch >= Self.lastUsableEpoch }

    /// When the producer's time is up; nil unless a transaction is open.
    package var deadlineMs: Int64? {
        guard state == .ongoing else { return nil }
        let (deadline, isBeyondCount) = startMs.addingReportingOverflow(Int64(timeoutMs))
        return isBeyondCount ? .max : deadline
    }

    /// When the id may be forgotten; nil while a transaction is open or being ended.
    package func expiryMs(after idleMs: Int64) -> Int64? {
        guard state == .empty || state.isComplete else { return nil }
        let (expiry, isBeyondCount) = lastUpdateMs.addingReportingOverflow(idleMs)
        return isBeyondCount ? .max : expiry
    }
}

extension Transaction {
    /// Nil if the state is one that is never logged.
    package init?(_ value: TransactionLogValue) {
        guard let state = TransactionState(rawValue: value.transactionStatus), state != .dead,
            state != .prepareEpochFence
        else { return nil }
        producerID = value.producerId
        previousProducerID = value.previousProducerId
        nextProducerID = value.nextProducerId
        epoch = value.producerEpoch
        timeoutMs = value.transactionTimeoutMs
        self.state = state
        partitions = PartitionSet((value.transactionPartitions ?? []).lazy.map { ($0.topic, $0.partitionIds) })
        startMs = value.transactionStartTimestampMs
        lastUpdateMs = value.transactionLastUpdateTimestampMs
        clientVersion = value.clientTransactionVersion
    }

    /// The value to log, and the layout to write it in: 1 from `transaction.version` 1 on, or when only that can say it.
    package func logged(transactionVersion: Int16) -> (value: TransactionLogValue, version: Int16) {
        var value = TransactionLogValue()
        let needsTags = clientVersion != 0 || nextProducerID != -1
        let version: Int16 = transactionVersion >= 1 || needsTags ? 1 : 0
        value.producerId = producerID
        value.producerEpoch = epoch
        value.transactionTimeoutMs = timeoutMs
        value.transactionStatus = state.rawValue
        value.transactionPartitions =
            state == .empty
            ? nil
            : partitions.sorted.map { topic, numbers in
                TransactionLogValue.PartitionsSchema(topic: topic, partitionIds: numbers)
            }
        value.transactionLastUpdateTimestampMs = lastUpdateMs
        value.transactionStartTimestampMs = startMs
        if version >= 1 {
            value.previousProducerId = previousProducerID
            value.nextProducerId = nextProducerID
            value.clientTransactionVersion = clientVersion
        }
        return (value, version)
    }
}

extension Transaction {
    /// Whether `producer` is the one whose epoch the end of its transaction raised to the present one.
    func isSuccessor(of producer: TransactionalProducer) -> Bool {
        guard state.isPrepared || state.isComplete else { return false }
        if producer.id == producerID { return producer.epoch < .max && producer.epoch + 1 == epoch }
        return state.isComplete && producer.id == previousProducerID && epoch == 0
            && producer.epoch == Self.lastUsableEpoch
    }

    /// Whether `producer` will be the holder once the markers are written.
    func isNextProducer(_ producer: TransactionalProducer) -> Bool {
        state.isPrepared && nextProducerID >= 0 && producer.id == nextProducerID && producer.epoch == 0
    }
}
