import KafkaCoordination
import KafkaMessages
import KafkaTestSupport
import KafkaWire

@testable import KafkaClient

/// Our transactional producers and our coordinator of transactions, with partitions between them: requests and answers
/// get lost, requests that nobody waits for any more arrive late, writes fail, all sides begin anew, time passes.
struct TransactionClientSimulation {
    static let partitionCount = 3
    static let timeoutMs: Int32 = 60_000

    /// A batch whose guard is held and that is about to be written, with nobody left to answer.
    struct Late {
        var batch: OutgoingBatch
        var held: TransactionGuards.Guard?
    }

    struct MarkerRound {
        var marker: TransactionMarker
        var left: [Int]
        var coordinatorEpoch: Int32
        var results: [MarkerDelivery.PartitionResult] = []
    }

    var random: SeededGenerator
    let isSecondVersion: Bool
    var coordinator = TransactionCoordinator()
    var coordinatorEpoch: Int32 = 0
    var log: [CoordinatorRecord] = []
    var partitions = [SimulatedPartition](repeating: SimulatedPartition(), count: partitionCount)
    var applications: [TransactionalApplication] = []
    var strays: [OutgoingBatch] = []
    var late: [Late] = []
    var rounds: [MarkerRound] = []
    var nowMs: Int64 = 1_000_000
    var nextProducerID: Int64 = 0
    var isFaulty = true

    /// The transaction of each record.
    var tags: [Int] = []
    var transactions = 0
    /// The transactional id of each transaction.
    var owners: [Int: String] = [:]
    /// The records of each batch that is in a log.
    var batches: [[Int]] = []
    /// What applications were told.
    var acknowledged: Set<Int> = []
    var outcomes: [Int: Bool] = [:]
    var problems: [String] = []
    var committed = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        isSecondVersion = Bool.random(using: &random)
        _ = commit(coordinator.loaded(MetadataImage(), nowMs: nowMs))
        coordinator.settings.transactionVersion = isSecondVersion ? 2 : 1
        // Two of the same id shut each other out.
        for id in ["a", "b", "a"] { applications.append(application(id)) }
    }

    mutating func application(_ id: String) -> TransactionalApplication {
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

    enum Fault {
        case requestLost
        case answerLost
    }

    mutating func fault() -> Fault? {
        guard isFaulty else { return nil }
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return .requestLost
        case 1: return .answerLost
        default: return nil
        }
    }

    mutating func step() {
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

    mutating func pass(_ milliseconds: Int64) {
        nowMs += milliseconds
        while let deadlineMs = coordinator.nextDeadlineMs, deadlineMs <= nowMs {
            _ = commit(coordinator.advance(nowMs: nowMs))
        }
    }

    /// The application dies, with what it had not sent.
    mutating func revive(_ index: Int) {
        strays += applications[index].wire.flatMap(\.batches)
        applications[index] = application(applications[index].id)
    }

    mutating func disconnect(_ index: Int) {
        strays += applications[index].disconnect().flatMap(\.batches)
    }

    // MARK: The end

    /// No more faults, and nobody goes on: what is left has to come to its end by itself.
    mutating func finish() {
        isFaulty = false
        for index in applications.indices { revive(index) }
        while let item = late.popLast() { write(item) }
        while let stray = strays.popLast() { arrive(stray) }
        for _ in 0..<20 {
            pass(61_000)
            for _ in 0..<60 { stepMarkers() }
        }
    }

    mutating func checkEnd() {
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
