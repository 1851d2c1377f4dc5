package import KafkaMessages

extension TransactionCoordinator {
    package enum EndAnswer: Equatable, Sendable {
        /// The producer of the next transaction, which clients before version 5 know without being told.
        case ended(TransactionalProducer)
        case refused(ErrorCode)
        case needsProducerID
    }

    /// The producer commits or aborts.
    ///
    /// - Parameter raisesEpoch: EndTxn of version 5: every end raises the epoch, and a transaction to which nothing was
    ///   added may be aborted (KIP-890 part 2).
    package func endTransaction(
        _ id: String,
        _ producer: TransactionalProducer,
        isCommit: Bool,
        raisesEpoch: Bool,
        freshID: Int64? = nil,
        nowMs: Int64
    ) -> TransactionResult<EndAnswer> {
        guard !id.isEmpty else { return result(.refused(.invalidRequest)) }
        guard let current = transactions[id] else { return result(.refused(.invalidProducerIdMapping)) }
        if raisesEpoch, current.clientVersion >= 2, current.isSuccessor(of: producer) {
            return result(answerToRepeatedEnd(current, isCommit: isCommit))
        }
        if raisesEpoch, current.isNextProducer(producer) {
            return result(.refused(.concurrentTransactions))
        }
        guard current.producerID == producer.id else { return result(.refused(.invalidProducerIdMapping)) }
        guard current.epoch == producer.epoch else { return result(.refused(.producerFenced)) }
        switch current.state {
        case .ongoing: break
        case .prepareCommit, .prepareAbort:
            // With raised epochs the holder of this one is about its next transaction already.
            let isRepeated = (current.state == .prepareCommit) == isCommit
            let mayWait = isRepeated || (raisesEpoch && current.clientVersion >= 2)
            return result(.refused(mayWait ? .concurrentTransactions : .invalidTxnState))
        case .completeCommit, .completeAbort:
            if raisesEpoch {
                if isCommit { return result(.refused(.invalidTxnState)) }
            } else {
                let isRepeated = (current.state == .completeCommit) == isCommit
                return result(isRepeated ? .ended(producer) : .refused(.invalidTxnState))
            }
        case .empty, .dead, .prepareEpochFence:
            if isCommit || !raisesEpoch { return result(.refused(.invalidTxnState)) }
        }
        return prepare(id, current, isCommit: isCommit, raisesEpoch: raisesEpoch, freshID: freshID, nowMs: nowMs)
    }

    private func prepare(
        _ id: String,
        _ current: Transaction,
        isCommit: Bool,
        raisesEpoch: Bool,
        freshID: Int64?,
        nowMs: Int64
    ) -> TransactionResult<EndAnswer> {
        var next = current
        next.state = isCommit ? .prepareCommit : .prepareAbort
        next.lastUpdateMs = nowMs
        next.clientVersion = raisesEpoch ? 2 : 0
        if current.state != .ongoing {
            next.partitions = PartitionSet()
            next.startMs = nowMs
        }
        var answer = TransactionalProducer(id: current.producerID, epoch: current.epoch)
        if raisesEpoch {
            next.epoch = current.epoch == .max ? .max : current.epoch + 1
            answer.epoch = next.epoch
            if current.isEpochExhausted {
                guard let freshID else { return result(.needsProducerID) }
                next.nextProducerID = freshID
                answer = TransactionalProducer(id: freshID, epoch: 0)
            }
        }
        return result(.ended(answer), [TransactionRecord(id, next)])
    }

    /// EndTxn again, of the producer whose epoch the first one raised.
    private func answerToRepeatedEnd(_ current: Transaction, isCommit: Bool) -> EndAnswer {
        switch current.state {
        case .prepareCommit, .prepareAbort:
            let isRepeated = (current.state == .prepareCommit) == isCommit
            return .refused(isRepeated ? .concurrentTransactions : .invalidTxnState)
        case .completeCommit, .completeAbort:
            let isRepeated = (current.state == .completeCommit) == isCommit
            let producer = TransactionalProducer(id: current.producerID, epoch: current.epoch)
            return isRepeated ? .ended(producer) : .refused(.invalidTxnState)
        case .empty, .ongoing, .dead, .prepareEpochFence: return .refused(.producerFenced)
        }
    }
}
