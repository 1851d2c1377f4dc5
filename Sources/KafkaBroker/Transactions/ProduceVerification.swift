import KafkaCoordination
import KafkaMessages
import KafkaStorage

/// Finds out whether the transactional batches of a Produce request belong to an open transaction, before any of them is
/// appended (KIP-890).
struct ProduceVerification: Sendable {
    typealias Verdict = Result<TransactionProof, PartitionError>

    let core: BrokerCore
    let version: Int16

    /// The first version whose leader makes the partition part of the transaction.
    private static let joiningVersion: Int16 = 12
    /// The first version whose clients know TRANSACTION_ABORTABLE.
    private static let abortableVersion: Int16 = 11

    /// A verdict for each batch whose partition is led here; what else is wrong with the others is said later.
    ///
    /// - Parameter batches: transactional ones of one producer.
    func verdicts(_ id: String, _ batches: [(TopicPartition, BatchFacts)]) async -> [TopicPartition: Verdict] {
        let gate = TransactionGate(core: core)
        guard let question = gate.question(joins: version >= Self.joiningVersion) else { return [:] }
        var verdicts: [TopicPartition: Verdict] = [:]
        var asked = PartitionSet()
        var guards: [TopicPartition: TransactionGuards.Guard] = [:]
        for (name, facts) in batches {
            guard let partition = try? core.partition(name.topic, name.partition) else { continue }
            verdicts[name] = .success(.needed(nil))
            guard let held = partition.beginTransaction(facts, nowMs: core.clock.nowMs) else { continue }
            guards[name] = held
            asked.insert(name.topic, name.partition)
        }
        guard let first = batches.first?.1, !asked.isEmpty else { return verdicts }
        let producer = TransactionalProducer(id: first.producerID, epoch: first.producerEpoch)
        let codes = await gate.ask(question, id, producer, asked) {
            for (name, facts) in batches where guards[name] != nil {
                let partition = try? core.partition(name.topic, name.partition)
                guards[name] = partition?.beginTransaction(facts, nowMs: core.clock.nowMs) ?? guards[name]
            }
        }
        for (name, held) in guards {
            let code = codes[name] ?? .unknownServerError
            if code == .none {
                verdicts[name] = .success(.needed(held))
                continue
            }
            if TransactionGate.isFinal(code), let partition = try? core.partition(name.topic, name.partition) {
                partition.refuseTransaction(of: producer)
            }
            verdicts[name] = .failure(error(code))
        }
        return verdicts
    }

    /// The coordinator's code as a producer of this version gets it.
    private func error(_ code: ErrorCode) -> PartitionError {
        switch code {
        case .producerFenced: PartitionError(.invalidProducerEpoch)
        case .transactionAbortable where version < Self.abortableVersion, .invalidTxnState:
            PartitionError(.invalidTxnState, "The partition is not part of an open transaction.")
        // Older clients would not repeat the request, or would look for another leader first.
        case _ where !TransactionGate.isFinal(code):
            PartitionError(
                .notEnoughReplicas,
                "The transaction coordinator could not say whether the partition is part of the transaction: \(code.name)."
            )
        default: PartitionError(code)
        }
    }
}
