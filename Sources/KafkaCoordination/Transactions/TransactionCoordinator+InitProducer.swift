package import KafkaMessages

extension TransactionCoordinator {
    package enum InitAnswer: Equatable, Sendable {
        case granted(TransactionalProducer)
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
        expected: TransactionalProducer? = nil,
        freshID: Int64? = nil,
        nowMs: Int64
    ) -> TransactionResult<InitAnswer> {
        // The key of a record tells the length of an id in 16 bits.
        guard !id.isEmpty, id.utf8.count <= Int16.max else { return result(.refused(.invalidRequest)) }
        guard timeoutMs > 0, timeoutMs <= settings.maxTimeoutMs else {
            return result(.refused(.invalidTransactionTimeout))
        }
        guard let current = transactions[id] else {
            guard let freshID else { return result(.needsProducerID) }
            return grant(
                id,
                Transaction(producerID: freshID, epoch: 0, timeoutMs: timeoutMs, lastUpdateMs: nowMs),
                to: nil
            )
        }
        let holder = TransactionalProducer(id: current.producerID, epoch: current.epoch)
        if let expected, expected != holder {
            return result(answerToFormer(expected, of: id, current, holder))
        }
        switch current.state {
        case .prepareCommit, .prepareAbort: return result(.refused(.concurrentTransactions))
        case .ongoing:
            // The epoch of this fence is never given out: the producer asks again and gets the one after it.
            let fence = TransactionRecord(id, fenced(current, nowMs: nowMs))
            return result(.refused(.concurrentTransactions), [fence])
        case .empty, .completeCommit, .completeAbort, .dead, .prepareEpochFence:
            var next = Transaction(
                producerID: current.producerID,
                epoch: current.epoch,
                timeoutMs: timeoutMs,
                lastUpdateMs: nowMs
            )
            next.previousProducerID = current.previousProducerID
            if current.isEpochExhausted {
                guard let freshID else { return result(.needsProducerID) }
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
        _ expected: TransactionalProducer,
        of id: String,
        _ current: Transaction,
        _ holder: TransactionalProducer
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
        to expected: TransactionalProducer?
    ) -> TransactionResult<InitAnswer> {
        let new = TransactionalProducer(id: next.producerID, epoch: next.epoch)
        // A newcomer's grant makes an end of the former holder's right to repeat its request.
        successions[id] = expected.map { Succession(old: $0, new: new) }
        return result(.granted(new), [TransactionRecord(id, next)])
    }
}
