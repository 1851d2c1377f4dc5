import KafkaCoordination
import KafkaMessages
import KafkaStorage

/// Asks coordinators on behalf of partitions: whether they are part of a producer's transaction, or to make them part
/// of it (KIP-890).
struct TransactionGate: Sendable {
    let core: BrokerCore

    /// What a partition's leader asks for.
    enum Question {
        /// Part 1: the client has added the partition.
        case isPartOf
        /// Part 2: the client leaves it to the leader.
        case join
    }

    /// What to ask before a batch is appended; nil if nothing needs to be known.
    func question(joins: Bool) -> Question? {
        if joins { return .join }
        return core.brokerFlag("transaction.partition.verification.enable") ? .isPartOf : nil
    }

    /// Whether a code says that asking again is of no use.
    static func isFinal(_ code: ErrorCode) -> Bool {
        switch code {
        case .concurrentTransactions, .networkException, .coordinatorLoadInProgress, .coordinatorNotAvailable,
            .notCoordinator:
            false
        default: true
        }
    }

    /// One code for each partition; those that may go on have none.
    ///
    /// - Parameter prepare: takes the partitions' guards, before each time that the coordinator is asked: the marker of the
    ///   transaction before this one may come while its end is waited for, and breaks those that were taken earlier.
    func ask(
        _ question: Question,
        _ id: String,
        _ producer: TransactionalProducer,
        _ partitions: PartitionSet,
        prepare: () -> Void
    ) async -> [TopicPartition: ErrorCode] {
        let begin = core.realClock.nowMs
        let pauseMs = Int64(core.brokerInteger("add.partitions.to.txn.retry.backoff.ms", 20))
        let patienceMs = Int64(core.brokerInteger("add.partitions.to.txn.retry.backoff.max.ms", 100))
        while true {
            prepare()
            let codes = await askOnce(question, id, producer, partitions)
            // The end of the transaction before this one is usually a matter of milliseconds.
            guard question == .join, codes.values.contains(.concurrentTransactions),
                core.realClock.nowMs - begin + pauseMs <= patienceMs
            else { return codes }
            let alarm = Alarm()
            let call = core.realClock.schedule(afterMs: pauseMs) { alarm.ring() }
            let goesOn = await alarm.sleep()
            call.cancel()
            guard goesOn else { return codes }
        }
    }

    private func askOnce(
        _ question: Question,
        _ id: String,
        _ producer: TransactionalProducer,
        _ partitions: PartitionSet
    ) async -> [TopicPartition: ErrorCode] {
        let all = { (code: ErrorCode) in
            Dictionary(
                uniqueKeysWithValues: partitions.list.map {
                    (TopicPartition(topic: $0.topic, partition: $0.partition), code)
                }
            )
        }
        let transaction = AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction(
            transactionalId: id,
            producerId: producer.id,
            producerEpoch: producer.epoch,
            verifyOnly: question == .isPartOf,
            topics: partitions.sorted.map { .init(name: $0.topic, partitions: $0.partitions) }
        )
        let image = core.image
        guard let number = core.transactions.partition(for: id, image),
            let leader = image.topics[core.transactions.topic]?.partitions[Int(number)].leader, leader >= 0
        else { return all(.coordinatorNotAvailable) }
        let result: AddPartitionsToTxnResponse.AddPartitionsToTxnResult
        if leader == core.nodeID {
            result = await AddPartitionsToTxnHandler(core: core).answer(to: transaction)
        } else {
            do {
                let request = AddPartitionsToTxnRequest(transactions: [transaction])
                let response = try await core.peers.send(request, to: leader)
                guard response.errorCode == .none, let first = response.resultsByTransaction.first else {
                    return all(response.errorCode == .none ? .unknownServerError : response.errorCode)
                }
                result = first
            } catch {
                return all(.networkException)
            }
        }
        var codes = all(.unknownServerError)
        for topic in result.topicResults {
            for partition in topic.resultsByPartition {
                let name = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                codes[name] = partition.partitionErrorCode
            }
        }
        return codes
    }
}
