import KafkaMessages
import Testing

@testable import KafkaCoordination

typealias Producer = TransactionalProducer

/// A coordinator and its log: every decision is appended and replayed at once.
struct TransactionWorld {
    var coordinator = TransactionCoordinator()
    var log: [CoordinatorRecord] = []
    var nextID: Int64 = 100
    var nowMs: Int64 = 1_000_000

    mutating func commit<Answer>(_ result: TransactionResult<Answer>) -> Answer {
        for record in result.records {
            log.append(record)
            do { try coordinator.replay(record, producerID: nil) } catch { Issue.record("\(error)") }
        }
        return result.answer
    }

    /// What a coordinator knows that has just loaded the log.
    mutating func failOver() throws {
        var loaded = TransactionCoordinator(settings: coordinator.settings)
        for record in log { try loaded.replay(record, producerID: nil) }
        coordinator = loaded
    }

    /// Does what time demands.
    mutating func advance() {
        while let deadlineMs = coordinator.nextDeadlineMs, deadlineMs <= nowMs {
            commit(coordinator.advance(nowMs: nowMs))
        }
    }

    mutating func initialise(
        _ id: String = "t",
        _ expected: Producer? = nil,
        timeoutMs: Int32 = 60_000
    ) -> TransactionCoordinator.InitAnswer {
        let answer = commit(coordinator.initProducer(id, timeoutMs: timeoutMs, expected: expected, nowMs: nowMs))
        guard answer == .needsProducerID else { return answer }
        nextID += 1
        return commit(
            coordinator.initProducer(id, timeoutMs: timeoutMs, expected: expected, freshID: nextID, nowMs: nowMs)
        )
    }

    mutating func add(
        _ producer: Producer,
        _ topic: String = "a",
        _ partitions: [Int32] = [0],
        version: Int16 = 0,
        id: String = "t"
    ) -> ErrorCode {
        commit(
            coordinator.addPartitions(
                id,
                producer,
                PartitionSet([(topic, partitions)]),
                clientVersion: version,
                nowMs: nowMs
            )
        )
    }

    mutating func end(
        _ producer: Producer,
        _ isCommit: Bool,
        raising: Bool = false,
        id: String = "t"
    ) -> TransactionCoordinator.EndAnswer {
        let answer = commit(
            coordinator.endTransaction(id, producer, isCommit: isCommit, raisesEpoch: raising, nowMs: nowMs)
        )
        guard answer == .needsProducerID else { return answer }
        nextID += 1
        return commit(
            coordinator.endTransaction(
                id,
                producer,
                isCommit: isCommit,
                raisesEpoch: raising,
                freshID: nextID,
                nowMs: nowMs
            )
        )
    }

    /// The markers that are due are written everywhere.
    mutating func complete() {
        for (marker, partitions) in commit(coordinator.takeMarkers(nowMs: nowMs)) {
            let results = partitions.list.map { MarkerDelivery.PartitionResult($0.topic, $0.partition, .none) }
            commit(coordinator.markersWritten(marker, results: results, nowMs: nowMs))
        }
    }

    func state(_ id: String = "t") -> TransactionState? { coordinator.transactions[id]?.state }

    /// A coordinator whose only id is in `state`, of a client with KIP-890 part 2 or without, and the producer that
    /// its client takes itself for.
    static func at(_ state: TransactionState, raising: Bool) -> (world: TransactionWorld, producer: Producer) {
        var world = TransactionWorld()
        guard case .granted(var producer) = world.initialise() else { return (world, Producer(id: -1, epoch: -1)) }
        guard state != .empty else { return (world, producer) }
        _ = world.add(producer, version: raising ? 2 : 0)
        guard state != .ongoing else { return (world, producer) }
        let isCommit = state == .prepareCommit || state == .completeCommit
        if case .ended(let next) = world.end(producer, isCommit, raising: raising) { producer = next }
        if state.isComplete { world.complete() }
        return (world, producer)
    }
}
