package import KafkaMessages

extension TransactionCoordinator {
    package enum InitAnswer: Equatable, Sendable {
        case granted(Producer)
        case refused(ErrorCode)
        /// Ask again with a producer id that was never given out.
        case needsProducerID
    }

    /// A producer begins, and fences all who came before it with this id.
    ///
    /// - Parameters:
    ///   - expected: id and epoch of a producer that goes on after an error (KIP-360).
    ///   - freshID: a producer id that nobody has; it is not used up by an answer other than a grant of it.
    package mutating func initProducer(
        _ id: String,
        timeoutMs: Int32,
        expected: Producer? = nil,
        freshID: Int64? = nil,
        nowMs: Int64
    ) -> TransactionResult<InitAnswer> {
        guard !id.isEmpty else { return TransactionResult(.refused(.invalidRequest)) }
        guard timeoutMs > 0, timeoutMs <= settings.maxTimeoutMs else {
            return TransactionResult(.refused(.invalidTransactionTimeout))
        }
        guard let current = transactions[id] else {
            guard let freshID else { return TransactionResult(.needsProducerID) }
            return grant(
                id,
                Transaction(producerID: freshID, epoch: 0, timeoutMs: timeoutMs, lastUpdateMs: nowMs),
                to: nil
            )
        }
        let holder = Producer(id: current.producerID, epoch: current.epoch)
        if let expected, expected != holder {
            return TransactionResult(answerToFormer(expected, of: id, current, holder))
        }
        switch current.state {
        case .prepareCommit, .prepareAbort: return TransactionResult(.refused(.concurrentTransactions))
        case .ongoing:
            // The epoch of this fence is never given out: the producer asks again and gets the one after it.
            let fence = TransactionChange(transactionalID: id, transaction: fenced(current, nowMs: nowMs))
            return TransactionResult(.refused(.concurrentTransactions), changes: [fence])
        case .empty, .completeCommit, .completeAbort, .dead, .prepareEpochFence:
            var next = Transaction(
                producerID: current.producerID,
                epoch: current.epoch,
                timeoutMs: timeoutMs,
                lastUpdateMs: nowMs
            )
            next.previousProducerID = current.previousProducerID
            if current.isEpochExhausted {
                guard let freshID else { return TransactionResult(.needsProducerID) }
                next.previousProducerID = current.producerID
                next.producerID = freshID
                next.epoch = 0
            } else {
                next.epoch += 1
            }
            return grant(id, next, to: expected)
        }
    }

    /// A producer that is not the holder of the id: one whose last answer was lost, or one that is fenced.
    private func answerToFormer(
        _ expected: Producer,
        of id: String,
        _ current: Transaction,
        _ holder: Producer
    ) -> InitAnswer {
        if current.isNextProducer(expected) { return .refused(.concurrentTransactions) }
        if successions[id] == Succession(old: expected, new: holder), current.state == .empty {
            return .granted(holder)
        }
        // EndTxn of version 5 raised the epoch and its answer was lost.
        guard current.clientVersion >= 2, current.isSuccessor(of: expected) else { return .refused(.producerFenced) }
        return current.state.isComplete ? .granted(holder) : .refused(.concurrentTransactions)
    }

    private mutating func grant(
        _ id: String,
        _ next: Transaction,
        to expected: Producer?
    ) -> TransactionResult<InitAnswer> {
        let new = Producer(id: next.producerID, epoch: next.epoch)
        // A newcomer's grant makes an end of the former holder's right to repeat its request.
        successions[id] = expected.map { Succession(old: $0, new: new) }
        return TransactionResult(.granted(new), changes: [TransactionChange(transactionalID: id, transaction: next)])
    }
}
