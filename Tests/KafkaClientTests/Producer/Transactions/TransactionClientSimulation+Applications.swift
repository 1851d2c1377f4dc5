import KafkaCoordination
import KafkaMessages
import KafkaTestSupport

@testable import KafkaClient

extension TransactionClientSimulation {
    mutating func stepApplication(_ index: Int) {
        do {
            switch applications[index].phase {
            case .initializing: initialize(index, next: false)
            case .idle:
                transactions += 1
                owners[transactions] = applications[index].id
                try applications[index].begin(tag: transactions)
            case .open: try proceed(index)
            case .flushing: try flush(index)
            case .ending(let ending): end(index, ending)
            case .raising: initialize(index, next: true)
            }
        } catch {
            problems.append("\(applications[index].id) \(applications[index].phase): \(error)")
        }
        acknowledged.formUnion(applications[index].poll(nowMs: nowMs))
        if applications[index].transaction?.phase == .failed { revive(index) }
    }

    mutating func initialize(_ index: Int, next: Bool) {
        // The second application of an id comes seldom: else both would do nothing but shut each other out.
        if !next, index == 2, Int.random(in: 0..<40, using: &random) > 0 { return }
        let fault = fault()
        guard fault != .requestLost else { return }
        let id = applications[index].id
        let own = applications[index].fixture.accumulator.identity
        let expected = next ? own.map { TransactionalProducer(id: $0.id, epoch: $0.epoch) } : nil
        var answer = commit(
            coordinator.initProducer(id, timeoutMs: Self.timeoutMs, expected: expected, nowMs: nowMs)
        )
        if answer == .needsProducerID {
            nextProducerID += 1
            answer = commit(
                coordinator.initProducer(
                    id,
                    timeoutMs: Self.timeoutMs,
                    expected: expected,
                    freshID: nextProducerID,
                    nowMs: nowMs
                )
            )
        }
        guard fault == nil, let answer else { return }
        switch answer {
        case .granted(let producer):
            applications[index].fixture.accumulator.restart(
                as: ProducerIdentity(id: producer.id, epoch: producer.epoch)
            )
            if next {
                applications[index].fixture.accumulator.transaction?.ended()
            } else {
                applications[index].fixture.accumulator.transaction?.initialized()
            }
            applications[index].phase = .idle
        case .needsProducerID: break
        case .refused(let code):
            // An abort of what is over changes nothing: the identity is asked for anew, with another application.
            if case .abort = applications[index].react(to: code) { revive(index) }
        }
    }

    mutating func proceed(_ index: Int) throws {
        if applications[index].transaction?.phase == .abortable {
            return try applications[index].end(commits: false)
        }
        addPartitions(index)
        guard applications[index].transaction?.phase == .open else { return }
        if Int.random(in: 0..<4, using: &random) == 0 {
            return try applications[index].end(commits: Int.random(in: 0..<3, using: &random) > 0)
        }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let partition = Int.random(in: 0..<Self.partitionCount, using: &random)
            try applications[index].append(tags.count, to: partition)
            tags.append(applications[index].tag)
        }
    }

    mutating func addPartitions(_ index: Int) {
        let wanted = applications[index].fixture.accumulator.transaction?.takeWantedPartitions() ?? []
        guard !wanted.isEmpty, let identity = applications[index].fixture.accumulator.identity else { return }
        let fault = fault()
        var code: ErrorCode?
        if fault != .requestLost {
            code = commit(
                coordinator.addPartitions(
                    applications[index].id,
                    TransactionalProducer(id: identity.id, epoch: identity.epoch),
                    PartitionSet([("t", wanted.map(\.partition))]),
                    clientVersion: 0,
                    nowMs: nowMs
                )
            )
        }
        if fault == nil, let code, applications[index].react(to: code) == .done {
            applications[index].fixture.accumulator.transaction?.partitionsAdded()
        } else {
            applications[index].fixture.accumulator.transaction?.partitionsNotAdded()
        }
    }

    mutating func flush(_ index: Int) throws {
        addPartitions(index)
        guard applications[index].fixture.accumulator.incompleteBatches == 0 else { return }
        guard let ending = applications[index].transaction?.ending(endRaisesEpoch: isSecondVersion) else {
            // It was spoilt on the way.
            applications[index].phase = .open
            return
        }
        applications[index].phase = .ending(ending)
    }

    mutating func end(_ index: Int, _ ending: TransactionManager.Ending) {
        guard ending.isKnown else { return ended(index, ending) }
        guard let identity = applications[index].fixture.accumulator.identity else { return }
        let fault = fault()
        guard fault != .requestLost else { return }
        let producer = TransactionalProducer(id: identity.id, epoch: identity.epoch)
        let id = applications[index].id
        var answer = commit(
            coordinator.endTransaction(
                id,
                producer,
                isCommit: ending.commits,
                raisesEpoch: isSecondVersion,
                nowMs: nowMs
            )
        )
        if answer == .needsProducerID {
            nextProducerID += 1
            answer = commit(
                coordinator.endTransaction(
                    id,
                    producer,
                    isCommit: ending.commits,
                    raisesEpoch: isSecondVersion,
                    freshID: nextProducerID,
                    nowMs: nowMs
                )
            )
        }
        guard fault == nil, let answer else { return }
        switch answer {
        case .ended(let next):
            outcomes[applications[index].tag] = ending.commits
            if ending.commits { committed += 1 }
            if isSecondVersion {
                applications[index].fixture.accumulator.restart(as: ProducerIdentity(id: next.id, epoch: next.epoch))
            }
            ended(index, ending)
        case .needsProducerID: break
        case .refused(let code):
            if case .abort = applications[index].react(to: code) { applications[index].phase = .open }
        }
    }

    mutating func ended(_ index: Int, _ ending: TransactionManager.Ending) {
        if ending.raisesEpoch {
            applications[index].phase = .raising
        } else {
            applications[index].fixture.accumulator.transaction?.ended()
            applications[index].phase = .idle
        }
    }
}
