import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// What says that a transactional batch belongs to an open transaction (KIP-890 part 1).
enum TransactionProof {
    /// Markers, the coordinators' own records, and clients while `transaction.partition.verification.enable` is off.
    case notNeeded
    /// The transaction is open in this partition already, or the guard holds with which the coordinator was asked.
    case needed(TransactionGuards.Guard?)
}

extension Partition {
    /// Before the coordinator is asked about a producer's transaction; nil if it need not be asked, because the
    /// transaction is open here.
    func beginTransaction(_ batch: BatchFacts, nowMs: Int64) -> TransactionGuards.Guard? {
        withGuards { guards in
            if log.hasOpenTransaction(producerID: batch.producerID, epoch: batch.producerEpoch) { return nil }
            return guards.begin(
                producerID: batch.producerID,
                epoch: batch.producerEpoch,
                firstSequence: batch.firstSequence,
                nowMs: nowMs
            )
        }
    }

    /// The coordinator knows of no transaction that this partition is part of.
    func refuseTransaction(of producer: TransactionalProducer) {
        withGuards { $0.refuse(producerID: producer.id, epoch: producer.epoch) }
    }

    /// Whether no marker has come since the guard was taken.
    func holds(_ held: TransactionGuards.Guard?, of producer: TransactionalProducer) -> Bool {
        withGuards { guards in
            if log.hasOpenTransaction(producerID: producer.id, epoch: producer.epoch) { return true }
            return held.map { guards.holds($0, producerID: producer.id) } ?? false
        }
    }

    /// Forgets producers that have not been heard of for long, and batches that were never let in.
    func removeExpiredProducers(nowMs: Int64) {
        log.removeExpiredProducers(nowMs: nowMs)
        withGuards { $0.removeExpired(nowMs: nowMs, idleMs: log.config.producerIDExpirationMs) }
    }

    func check(
        _ proof: TransactionProof,
        _ batch: BatchFacts,
        _ guards: TransactionGuards
    ) throws(PartitionError) {
        guard case .needed(let held) = proof,
            !log.hasOpenTransaction(producerID: batch.producerID, epoch: batch.producerEpoch)
        else { return }
        let decision = guards.check(
            producerID: batch.producerID,
            epoch: batch.producerEpoch,
            firstSequence: batch.firstSequence,
            held: held
        )
        switch decision {
        case .append: return
        case .leadershipChanged: throw PartitionError(.notLeaderOrFollower)
        case .refuse: throw PartitionError(.invalidTxnState, "The partition is not part of an open transaction.")
        case .outOfOrder(let expected):
            throw PartitionError(
                .outOfOrderSequenceNumber,
                "Producer \(batch.producerID) sent sequence \(batch.firstSequence) where \(expected) is expected."
            )
        }
    }

    /// Appends the marker that ends a producer's transaction here.
    func append(
        _ marker: EndTransactionMarker,
        of producer: TransactionalProducer,
        nowMs: Int64
    ) throws(PartitionError) -> PartitionAppend {
        let batch: ByteBuffer
        do {
            batch = try marker.batch(producerId: producer.id, producerEpoch: producer.epoch, timestampMs: nowMs)
        } catch {
            throw PartitionError(.unknownServerError, "\(error)")
        }
        return try append(batch, origin: .coordinator, needsAll: true, nowMs: nowMs)
    }

    /// Waits until what was appended is committed, at most until `alarm` expires.
    func waitUntilCommitted(_ appended: PartitionAppend, alarm: Alarm) async throws(PartitionError) {
        let offset = appended.lastOffset + 1
        var isInTime = true
        var current = snapshot
        while isInTime, current.hasLed(since: appended.leaderEpoch), current.highWatermark < offset {
            let ticket = ring(alarm, whenHighWatermarkReaches: offset)
            isInTime = await alarm.sleep()
            if let ticket { forget(ticket) }
            current = snapshot
        }
        if !current.hasLed(since: appended.leaderEpoch) { throw PartitionError(.notLeaderOrFollower) }
        if current.highWatermark < offset { throw PartitionError(.requestTimedOut) }
    }
}
