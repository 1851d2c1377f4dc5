import KafkaMessages
import KafkaStorage
import KafkaTestSupport

@testable import KafkaCoordination

extension TransactionSimulation {
    /// The application crashes, or is fenced, and begins anew.
    mutating func revive(_ index: Int) {
        let old = clients[index]
        clients[index] = SimulatedProducer(id: old.id, raisesEpoch: old.raisesEpoch)
        clients[index].life = old.life + 1
    }

    mutating func stepClient(_ index: Int) {
        switch clients[index].phase {
        case .beginning(let expected):
            // The second application of an id comes seldom: else both would do nothing but fence each other.
            if index == Self.ids.count, Int.random(in: 0..<40, using: &random) > 0 { return }
            begin(index, expected)
        case .idle:
            // Two applications share an id; the one that has nothing to do lets the other one work.
            guard Int.random(in: 0..<3, using: &random) > 0 else { return }
            nextTag += 1
            clients[index].tag = nextTag
            clients[index].added = []
            clients[index].phase = .open
        case .open: proceed(index)
        case .producing(let partition):
            // It repeats what is not answered, seldom while the first one is still on its way.
            let isOnItsWay = requests.contains { $0.client == index }
            if isOnItsWay, Int.random(in: 0..<12, using: &random) > 0 { return }
            send(index, partition)
        case .ending(let isCommit): end(index, isCommit)
        }
    }

    mutating func begin(_ index: Int, _ expected: TransactionalProducer?) {
        let fault = fault()
        guard fault != .requestLost else { return }
        let id = clients[index].id
        var answer = commit(
            coordinator.initProducer(id, timeoutMs: Self.timeoutMs, expected: expected, nowMs: nowMs)
        )
        if answer == .needsProducerID {
            nextID += 1
            answer = commit(
                coordinator.initProducer(
                    id,
                    timeoutMs: Self.timeoutMs,
                    expected: expected,
                    freshID: nextID,
                    nowMs: nowMs
                )
            )
        }
        guard let answer else { return }
        if case .granted(let producer) = answer { noteGrant(id, producer, expected) }
        guard fault == nil else { return }
        switch answer {
        case .granted(let producer):
            clients[index].producer = producer
            clients[index].sequences = [:]
            clients[index].phase = .idle
        case .refused(.concurrentTransactions), .needsProducerID: return
        case .refused: revive(index)
        }
    }

    /// Epochs only rise, and a producer id that was left is never taken up again.
    mutating func noteGrant(_ id: String, _ new: TransactionalProducer, _ expected: TransactionalProducer?) {
        defer { granted[id] = new }
        guard let old = granted[id] else {
            usedIDs[id] = [new.id]
            return
        }
        if new.id == old.id {
            let isRepeated = new.epoch == old.epoch && expected != nil
            if new.epoch <= old.epoch, !isRepeated { problems.append("\(id): epoch \(new.epoch) after \(old.epoch)") }
        } else {
            if usedIDs[id, default: []].contains(new.id) { problems.append("\(id): producer id \(new.id) again") }
            usedIDs[id, default: []].append(new.id)
        }
    }

    mutating func proceed(_ index: Int) {
        if Int.random(in: 0..<2, using: &random) == 0 {
            let isCommit = Int.random(in: 0..<3, using: &random) > 0
            let hasWritten = written[clients[index].tag] != nil
            // A client ends nothing that it has not begun.
            clients[index].phase = hasWritten ? .ending(isCommit: isCommit) : .open
            if hasWritten { return }
        }
        let partition = Int.random(in: 0..<Self.partitionCount, using: &random)
        let client = clients[index]
        if !client.raisesEpoch, !client.added.contains(partition) {
            let fault = fault()
            guard fault != .requestLost else { return }
            let wanted = PartitionSet([("t", [Int32(partition)])])
            let code = commit(
                coordinator.addPartitions(client.id, client.producer, wanted, clientVersion: 0, nowMs: nowMs)
            )
            guard fault == nil, let code else { return }
            switch code {
            case .none: clients[index].added.insert(partition)
            case .concurrentTransactions: return
            default: return revive(index)
            }
        }
        send(index, partition)
    }

    mutating func send(_ index: Int, _ partition: Int) {
        let client = clients[index]
        clients[index].phase = .producing(partition)
        requests.append(
            SimulatedRequest(
                client: index,
                life: client.life,
                tag: client.tag,
                partition: partition,
                producer: client.producer,
                sequence: client.sequences[partition] ?? 0,
                joins: client.raisesEpoch
            )
        )
    }

    mutating func end(_ index: Int, _ isCommit: Bool) {
        let client = clients[index]
        let fault = fault()
        guard fault != .requestLost else { return }
        var answer = commit(
            coordinator.endTransaction(
                client.id,
                client.producer,
                isCommit: isCommit,
                raisesEpoch: client.raisesEpoch,
                nowMs: nowMs
            )
        )
        if answer == .needsProducerID {
            nextID += 1
            answer = commit(
                coordinator.endTransaction(
                    client.id,
                    client.producer,
                    isCommit: isCommit,
                    raisesEpoch: client.raisesEpoch,
                    freshID: nextID,
                    nowMs: nowMs
                )
            )
        }
        guard fault == nil, let answer else { return }
        switch answer {
        case .ended(let next):
            outcomes[client.tag] = isCommit
            if isCommit { committed += 1 }
            if client.raisesEpoch {
                clients[index].producer = next
                clients[index].sequences = [:]
            }
            let goesOn = client.needsEpoch && !client.raisesEpoch
            clients[index].needsEpoch = false
            clients[index].phase = goesOn ? .beginning(expected: client.producer) : .idle
        case .refused(.concurrentTransactions), .needsProducerID: return
        case .refused: revive(index)
        }
    }

    // MARK: The end

    /// No more faults, nobody begins anything: what is left has to come to its end by itself.
    mutating func finish() {
        isFaulty = false
        for _ in 0..<400 where !requests.isEmpty { stepRequest() }
        for index in clients.indices { revive(index) }
        for _ in 0..<20 {
            pass(61_000)
            for _ in 0..<60 { stepMarkers() }
        }
    }

    mutating func checkEnd() {
        for (id, transaction) in coordinator.transactions where !transaction.state.isComplete {
            if transaction.state != .empty { problems.append("\(id) hangs in \(transaction.state.name)") }
        }
        var fates: [Int: Set<Bool>] = [:]
        for (number, partition) in partitions.enumerated() {
            var seen: [String: Int] = [:]
            for (entry, fate) in zip(partition.log, partition.fates) where entry.tag >= 0 {
                guard let fate else {
                    problems.append("partition \(number): transaction \(entry.tag) is never ended")
                    continue
                }
                fates[entry.tag, default: []].insert(fate)
                seen["\(entry.tag)/\(entry.batch.firstSequence)", default: 0] += 1
            }
            if seen.values.contains(where: { $0 > 1 }) {
                problems.append("partition \(number): a batch is there twice")
            }
            for (tag, batches) in written {
                for batch in batches where batch.partition == number && seen["\(tag)/\(batch.sequence)"] == nil {
                    problems.append("partition \(number): an acknowledged batch of transaction \(tag) is lost")
                }
            }
        }
        for (tag, found) in fates {
            if found.count > 1 { problems.append("transaction \(tag) is half committed") }
            if let told = outcomes[tag], found != [told] { problems.append("transaction \(tag) was told \(told)") }
        }
    }
}
