import KafkaCoordination
import KafkaMessages
import KafkaTestSupport
import KafkaWire

@testable import KafkaClient

extension TransactionClientSimulation {
    // MARK: Partitions

    /// The leader reads the next request of an application and answers it.
    mutating func deliver(_ index: Int) {
        acknowledged.formUnion(applications[index].poll(nowMs: nowMs))
        guard let request = applications[index].wire.first else { return }
        let fault = fault()
        if fault == .requestLost { return disconnect(index) }
        if fault == .answerLost {
            for batch in request.batches {
                // Some get no further than the question whether their transaction is open.
                if let (held, code) = prepare(batch), code == .none {
                    let item = Late(batch: batch, held: held)
                    if Bool.random(using: &random) { write(item) } else { late.append(item) }
                }
            }
            return disconnect(index)
        }
        applications[index].wire.removeFirst()
        let answers = request.batches.map { ($0, take($0)) }
        applications[index].fixture.accumulator.requestEnded(request.node)
        for (batch, code) in answers {
            applications[index].fixture.accumulator.answered(
                batch.id,
                code == .none ? AccumulatorFixture.written(at: 0) : AccumulatorFixture.refused(code),
                bytes: batch.contents,
                nowMs: nowMs
            )
        }
        acknowledged.formUnion(applications[index].poll(nowMs: nowMs))
    }

    mutating func arrive(_ batch: OutgoingBatch) { _ = take(batch) }

    mutating func take(_ batch: OutgoingBatch) -> ErrorCode {
        guard let (held, code) = prepare(batch) else { return .corruptMessage }
        return code == .none ? write(Late(batch: batch, held: held)) : code
    }

    /// The leader makes sure that the transaction is open.
    mutating func prepare(_ batch: OutgoingBatch) -> (TransactionGuards.Guard?, ErrorCode)? {
        guard let header = batch.header else { return nil }
        let index = Int(batch.partition.partition)
        let producer = TransactionalProducer(id: header.producerId, epoch: header.producerEpoch)
        guard let held = partitions[index].begin(producer, sequence: header.baseSequence, nowMs: nowMs) else {
            return (nil, .none)
        }
        let code = ask(producer, of: batch)
        if code == .transactionAbortable || code == .producerFenced || code == .invalidProducerIdMapping {
            partitions[index].guards.refuse(producerID: producer.id, epoch: producer.epoch)
        }
        return (held, code)
    }

    mutating func ask(_ producer: TransactionalProducer, of batch: OutgoingBatch) -> ErrorCode {
        if fault() != nil { return .notEnoughReplicas }
        let number = batch.numbers.first ?? 0
        guard tags.indices.contains(number), let id = owners[tags[number]] else { return .unknownServerError }
        let partition = batch.partition.partition
        guard isSecondVersion else {
            let (code, members) = coordinator.verify(id, producer)
            if code != .none { return code }
            return members.contains("t", partition) ? .none : .transactionAbortable
        }
        let wanted = PartitionSet([("t", [partition])])
        return commit(coordinator.addPartitions(id, producer, wanted, clientVersion: 2, nowMs: nowMs))
            ?? .notEnoughReplicas
    }

    @discardableResult
    mutating func write(_ item: Late) -> ErrorCode {
        guard let header = item.batch.header else { return .corruptMessage }
        let index = Int(item.batch.partition.partition)
        let length = partitions[index].log.count
        let code = partitions[index].append(
            tag: batches.count,
            TransactionalProducer(id: header.producerId, epoch: header.producerEpoch),
            sequences: header.baseSequence...header.lastSequence,
            held: item.held
        )
        if partitions[index].log.count > length { batches.append(item.batch.numbers) }
        return code
    }

    // MARK: The coordinator

    mutating func commit<Answer>(_ result: TransactionResult<Answer>) -> Answer? {
        if isFaulty, !result.records.isEmpty, Int.random(in: 0..<40, using: &random) == 0 {
            _ = coordinator.writeFailed(result.subject ?? "", code: .coordinatorNotAvailable, nowMs: nowMs)
            return nil
        }
        for record in result.records {
            log.append(record)
            do { try coordinator.replay(record, producerID: nil) } catch { problems.append("\(error)") }
        }
        return result.answer
    }

    mutating func failOver() {
        let settings = coordinator.settings
        coordinator = TransactionCoordinator(settings: settings)
        for record in log {
            do { try coordinator.replay(record, producerID: nil) } catch { problems.append("\(error)") }
        }
        coordinatorEpoch += 1
        _ = commit(coordinator.loaded(MetadataImage(), nowMs: nowMs))
        coordinator.settings.transactionVersion = settings.transactionVersion
    }

    mutating func stepMarkers() {
        for (marker, wanted) in coordinator.takeMarkers(nowMs: nowMs).answer {
            let left = wanted.list.map { Int($0.partition) }
            rounds.append(MarkerRound(marker: marker, left: left, coordinatorEpoch: coordinatorEpoch))
        }
        guard !rounds.isEmpty else { return }
        let index = Int.random(in: rounds.indices, using: &random)
        if let partition = rounds[index].left.popLast() {
            var code = ErrorCode.notLeaderOrFollower
            let fault = fault()
            if fault != .requestLost {
                code = partitions[partition].append(
                    rounds[index].marker,
                    coordinatorEpoch: rounds[index].coordinatorEpoch
                )
            }
            if fault != nil { code = .networkException }
            rounds[index].results.append(.init("t", Int32(partition), code))
        }
        guard rounds[index].left.isEmpty else { return }
        let round = rounds.remove(at: index)
        guard round.coordinatorEpoch == coordinatorEpoch else { return }
        _ = commit(coordinator.markersWritten(round.marker, results: round.results, nowMs: nowMs))
    }
}
