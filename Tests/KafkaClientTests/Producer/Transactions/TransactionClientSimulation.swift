import KafkaCoordination
import KafkaMessages
import KafkaTestSupport
import KafkaWire

@testable import KafkaClient

/// Our transactional producers and our coordinator of transactions, with partitions between them: requests and answers
/// get lost, requests that nobody waits for any more arrive late, writes fail, all sides begin anew, time passes.
struct TransactionClientSimulation {
    static let partitionCount = 3
    private static let timeoutMs: Int32 = 60_000

    /// A batch whose guard is held and that is about to be written, with nobody left to answer.
    private struct Late {
        var batch: OutgoingBatch
        var held: TransactionGuards.Guard?
    }

    private struct MarkerRound {
        var marker: TransactionMarker
        var left: [Int]
        var coordinatorEpoch: Int32
        var results: [MarkerDelivery.PartitionResult] = []
    }

    private var random: SeededGenerator
    private let isSecondVersion: Bool
    private var coordinator = TransactionCoordinator()
    private var coordinatorEpoch: Int32 = 0
    private var log: [CoordinatorRecord] = []
    private var partitions = [SimulatedPartition](repeating: SimulatedPartition(), count: partitionCount)
    private var applications: [TransactionalApplication] = []
    private var strays: [OutgoingBatch] = []
    private var late: [Late] = []
    private var rounds: [MarkerRound] = []
    private var nowMs: Int64 = 1_000_000
    private var nextProducerID: Int64 = 0
    private var isFaulty = true

    /// The transaction of each record.
    private var tags: [Int] = []
    private var transactions = 0
    /// The transactional id of each transaction.
    private var owners: [Int: String] = [:]
    /// The records of each batch that is in a log.
    private var batches: [[Int]] = []
    /// What applications were told.
    private var acknowledged: Set<Int> = []
    private var outcomes: [Int: Bool] = [:]
    private(set) var problems: [String] = []
    private(set) var committed = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        isSecondVersion = Bool.random(using: &random)
        _ = commit(coordinator.loaded(MetadataImage(), nowMs: nowMs))
        coordinator.settings.transactionVersion = isSecondVersion ? 2 : 1
        // Two of the same id shut each other out.
        for id in ["a", "b", "a"] { applications.append(application(id)) }
    }

    private mutating func application(_ id: String) -> TransactionalApplication {
        TransactionalApplication(
            id: id,
            addsImplicitly: isSecondVersion,
            partitions: Int32(Self.partitionCount),
            seed: UInt64.random(in: 0...UInt64.max, using: &random),
            nowMs: nowMs
        )
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps where problems.isEmpty { step() }
        finish()
        if problems.isEmpty { checkEnd() }
    }

    // MARK: Schedule

    private enum Fault {
        case requestLost
        case answerLost
    }

    private mutating func fault() -> Fault? {
        guard isFaulty else { return nil }
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return .requestLost
        case 1: return .answerLost
        default: return nil
        }
    }

    private mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: stepApplication(Int.random(in: applications.indices, using: &random))
        case 50..<72: deliver(Int.random(in: applications.indices, using: &random))
        case 72..<88: stepMarkers()
        case 88..<92: pass(Int64.random(in: 1...500, using: &random))
        case 92: pass(Int64.random(in: 1000...61_000, using: &random))
        case 93: failOver()
        case 94: partitions[Int.random(in: 0..<Self.partitionCount, using: &random)].restart()
        case 95: revive(Int.random(in: applications.indices, using: &random))
        case 96: disconnect(Int.random(in: applications.indices, using: &random))
        case 97, 98: if !strays.isEmpty { arrive(strays.removeFirst()) }
        default: if !late.isEmpty { write(late.removeFirst()) }
        }
        for index in partitions.indices {
            if let problem = partitions[index].stableOffsetProblem() {
                problems.append("partition \(index): \(problem)")
            }
        }
    }

    private mutating func pass(_ milliseconds: Int64) {
        nowMs += milliseconds
        while let deadlineMs = coordinator.nextDeadlineMs, deadlineMs <= nowMs {
            _ = commit(coordinator.advance(nowMs: nowMs))
        }
    }

    /// The application dies, with what it had not sent.
    private mutating func revive(_ index: Int) {
        strays += applications[index].wire.flatMap(\.batches)
        applications[index] = application(applications[index].id)
    }

    private mutating func disconnect(_ index: Int) {
        strays += applications[index].disconnect().flatMap(\.batches)
    }

    // MARK: Applications

    private mutating func stepApplication(_ index: Int) {
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

    private mutating func initialize(_ index: Int, next: Bool) {
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

    private mutating func proceed(_ index: Int) throws {
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

    private mutating func addPartitions(_ index: Int) {
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

    private mutating func flush(_ index: Int) throws {
        addPartitions(index)
        guard applications[index].fixture.accumulator.incompleteBatches == 0 else { return }
        guard let ending = applications[index].transaction?.ending(endRaisesEpoch: isSecondVersion) else {
            // It was spoilt on the way.
            applications[index].phase = .open
            return
        }
        applications[index].phase = .ending(ending)
    }

    private mutating func end(_ index: Int, _ ending: TransactionManager.Ending) {
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

    private mutating func ended(_ index: Int, _ ending: TransactionManager.Ending) {
        if ending.raisesEpoch {
            applications[index].phase = .raising
        } else {
            applications[index].fixture.accumulator.transaction?.ended()
            applications[index].phase = .idle
        }
    }

    // MARK: Partitions

    /// The leader reads the next request of an application and answers it.
    private mutating func deliver(_ index: Int) {
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

    private mutating func arrive(_ batch: OutgoingBatch) { _ = take(batch) }

    private mutating func take(_ batch: OutgoingBatch) -> ErrorCode {
        guard let (held, code) = prepare(batch) else { return .corruptMessage }
        return code == .none ? write(Late(batch: batch, held: held)) : code
    }

    /// The leader makes sure that the transaction is open.
    private mutating func prepare(_ batch: OutgoingBatch) -> (TransactionGuards.Guard?, ErrorCode)? {
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

    private mutating func ask(_ producer: TransactionalProducer, of batch: OutgoingBatch) -> ErrorCode {
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
    private mutating func write(_ item: Late) -> ErrorCode {
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

    private mutating func commit<Answer>(_ result: TransactionResult<Answer>) -> Answer? {
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

    private mutating func failOver() {
        let settings = coordinator.settings
        coordinator = TransactionCoordinator(settings: settings)
        for record in log {
            do { try coordinator.replay(record, producerID: nil) } catch { problems.append("\(error)") }
        }
        coordinatorEpoch += 1
        _ = commit(coordinator.loaded(MetadataImage(), nowMs: nowMs))
        coordinator.settings.transactionVersion = settings.transactionVersion
    }

    private mutating func stepMarkers() {
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

    // MARK: The end

    /// No more faults, and nobody goes on: what is left has to come to its end by itself.
    private mutating func finish() {
        isFaulty = false
        for index in applications.indices { revive(index) }
        while let item = late.popLast() { write(item) }
        while let stray = strays.popLast() { arrive(stray) }
        for _ in 0..<20 {
            pass(61_000)
            for _ in 0..<60 { stepMarkers() }
        }
    }

    private mutating func checkEnd() {
        for (id, transaction) in coordinator.transactions
        where !transaction.state.isComplete && transaction.state != .empty {
            problems.append("\(id) hangs in \(transaction.state.name)")
        }
        var fates: [Int: Set<Bool>] = [:]
        var seen: Set<Int> = []
        for (number, partition) in partitions.enumerated() {
            for (entry, fate) in zip(partition.log, partition.fates) where entry.tag >= 0 {
                for record in batches[entry.tag] {
                    if !seen.insert(record).inserted { problems.append("record \(record) is there twice") }
                    guard let fate else {
                        problems.append("partition \(number): transaction \(tags[record]) is never ended")
                        continue
                    }
                    fates[tags[record], default: []].insert(fate)
                }
            }
        }
        for record in acknowledged where outcomes[tags[record]] == true && !seen.contains(record) {
            problems.append("record \(record) of a committed transaction is lost")
        }
        for (tag, found) in fates {
            if found.count > 1 { problems.append("transaction \(tag) is half committed") }
            if let told = outcomes[tag], found != [told] { problems.append("transaction \(tag) was told \(told)") }
        }
    }
}
