import KafkaMessages
import KafkaStorage
import KafkaTestSupport

@testable import KafkaCoordination

/// Producers, a coordinator and partitions, with requests that get lost, answers that get lost, crashes of all three, and
/// time that passes.
struct TransactionSimulation {
    static let ids = ["a", "b"]
    static let partitionCount = 3
    static let timeoutMs: Int32 = 60_000

    var random: KafkaTestSupport.SeededGenerator
    var coordinator = TransactionCoordinator()
    var coordinatorEpoch: Int32 = 0
    var log: [CoordinatorRecord] = []
    var partitions = [SimulatedPartition](repeating: SimulatedPartition(), count: partitionCount)
    var clients: [SimulatedProducer]
    var requests: [SimulatedRequest] = []
    var rounds: [SimulatedRound] = []
    var nowMs: Int64 = 1_000_000
    var nextID: Int64 = 0
    var nextTag = 0
    var isFaulty = true

    /// What producers were told.
    var outcomes: [Int: Bool] = [:]
    var written: [Int: [(partition: Int, sequence: Int32)]] = [:]
    var granted: [String: TransactionalProducer] = [:]
    var usedIDs: [String: [Int64]] = [:]
    var problems: [String] = []
    var committed = 0

    init(seed: UInt64) {
        random = KafkaTestSupport.SeededGenerator(seed: seed)
        let raises = Bool.random(using: &random)
        clients = Self.ids.map { SimulatedProducer(id: $0, raisesEpoch: raises) }
        clients.append(SimulatedProducer(id: Self.ids[0], raisesEpoch: raises))
        _ = commit(coordinator.loaded(MetadataImage(), nowMs: nowMs))
        coordinator.settings.transactionVersion = raises ? 2 : Int16.random(in: 0...1, using: &random)
        // Some begin close to the end of their epochs.
        if Int.random(in: 0..<4, using: &random) == 0 {
            var old = Transaction(producerID: 900, epoch: 32_760, timeoutMs: Self.timeoutMs, lastUpdateMs: nowMs)
            old.state = .empty
            if let record = try? TransactionRecord("a", old).encoded(transactionVersion: 1) { write([record]) }
        }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps where problems.isEmpty { step() }
        finish()
        if problems.isEmpty { checkEnd() }
    }

    // MARK: Schedule

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<45: stepClient(Int.random(in: 0..<clients.count, using: &random))
        case 45..<72: stepRequest()
        case 72..<90: stepMarkers()
        case 90..<94: pass(Int64.random(in: 1...500, using: &random))
        case 94: pass(Int64.random(in: 1000...61_000, using: &random))
        case 95: failOver()
        case 96: partitions[Int.random(in: 0..<Self.partitionCount, using: &random)].restart()
        case 97:
            let index = Int.random(in: 0..<clients.count, using: &random)
            revive(index)
        default: if !requests.isEmpty { requests.remove(at: Int.random(in: 0..<requests.count, using: &random)) }
        }
        for index in partitions.indices {
            if let problem = partitions[index].stableOffsetProblem() {
                problems.append("partition \(index): \(problem)")
            }
        }
    }

    mutating func pass(_ ms: Int64) {
        nowMs += ms
        while let deadlineMs = coordinator.nextDeadlineMs, deadlineMs <= nowMs {
            _ = commit(coordinator.advance(nowMs: nowMs))
        }
    }

    enum Fault {
        case requestLost
        case answerLost
    }

    /// What becomes of a request; nil if it goes well.
    mutating func fault() -> Fault? {
        guard isFaulty else { return nil }
        switch Int.random(in: 0..<12, using: &random) {
        case 0: return .requestLost
        case 1: return .answerLost
        default: return nil
        }
    }

    // MARK: Coordinator

    mutating func write(_ records: [CoordinatorRecord]) {
        for record in records {
            log.append(record)
            do { try coordinator.replay(record, producerID: nil) } catch { problems.append("\(error)") }
        }
    }

    mutating func commit<Answer>(_ result: TransactionResult<Answer>) -> Answer? {
        // The disk is full.
        if isFaulty, !result.records.isEmpty, Int.random(in: 0..<40, using: &random) == 0 {
            _ = coordinator.writeFailed(result.subject ?? "", code: .coordinatorNotAvailable, nowMs: nowMs)
            return nil
        }
        write(result.records)
        return result.answer
    }

    /// Another coordinator takes over: it knows what the log says, and that must be all there is to know.
    mutating func failOver() {
        var loaded = TransactionCoordinator(settings: coordinator.settings)
        for record in log {
            do { try loaded.replay(record, producerID: nil) } catch { problems.append("\(error)") }
        }
        if loaded.transactions != coordinator.transactions { problems.append("the log tells another state") }
        let level = coordinator.settings.transactionVersion
        coordinator = loaded
        coordinatorEpoch += 1
        _ = commit(coordinator.loaded(MetadataImage(), nowMs: nowMs))
        coordinator.settings.transactionVersion = level
    }

    mutating func stepMarkers() {
        let due = coordinator.takeMarkers(nowMs: nowMs).answer
        for (marker, wanted) in due {
            rounds.append(
                SimulatedRound(
                    marker: marker,
                    left: wanted.list.map { Int($0.partition) },
                    coordinatorEpoch: coordinatorEpoch
                )
            )
        }
        guard !rounds.isEmpty else { return }
        let index = Int.random(in: 0..<rounds.count, using: &random)
        if let partition = rounds[index].left.popLast() {
            var code = ErrorCode.notLeaderOrFollower
            let fault = fault()
            if fault != .requestLost {
                let epoch = rounds[index].coordinatorEpoch
                code = partitions[partition].append(rounds[index].marker, coordinatorEpoch: epoch)
            }
            if fault != nil { code = .networkException }
            rounds[index].results.append(.init("t", Int32(partition), code))
        }
        guard rounds[index].left.isEmpty else { return }
        let round = rounds.remove(at: index)
        // Who sent these has been deposed.
        guard round.coordinatorEpoch == coordinatorEpoch else { return }
        _ = commit(coordinator.markersWritten(round.marker, results: round.results, nowMs: nowMs))
    }

    // MARK: Partitions

    mutating func stepRequest() {
        guard !requests.isEmpty else { return }
        let index = Int.random(in: 0..<requests.count, using: &random)
        var request = requests[index]
        let partition = request.partition
        switch request.step {
        case .sent:
            if let held = partitions[partition].begin(request.producer, sequence: request.sequence, nowMs: nowMs) {
                request.step = .asking(held)
                requests[index] = request
            } else {
                answer(index, append(request, nil))
            }
        case .asking(let held):
            let code = ask(request)
            guard code == .none else {
                if code == .transactionAbortable || code == .producerFenced || code == .invalidProducerIdMapping {
                    partitions[partition].guards.refuse(
                        producerID: request.producer.id,
                        epoch: request.producer.epoch
                    )
                }
                return answer(index, code)
            }
            request.step = .asked(held)
            requests[index] = request
        case .asked(let held): answer(index, append(request, held))
        }
    }

    mutating func append(_ request: SimulatedRequest, _ held: TransactionGuards.Guard?) -> ErrorCode {
        partitions[request.partition].append(
            tag: request.tag,
            request.producer,
            sequences: request.sequence...request.sequence,
            held: held
        )
    }

    mutating func ask(_ request: SimulatedRequest) -> ErrorCode {
        if fault() != nil { return .networkException }
        let id = clients[request.client].id
        guard request.joins else {
            let (code, members) = coordinator.verify(id, request.producer)
            if code != .none { return code }
            return members.contains("t", Int32(request.partition)) ? .none : .transactionAbortable
        }
        let wanted = PartitionSet([("t", [Int32(request.partition)])])
        return commit(
            coordinator.addPartitions(id, request.producer, wanted, clientVersion: 2, nowMs: nowMs)
        ) ?? .coordinatorNotAvailable
    }

    mutating func answer(_ index: Int, _ code: ErrorCode) {
        let request = requests.remove(at: index)
        // The answer is lost, or nobody waits for it any more.
        guard clients[request.client].life == request.life, fault() == nil,
            clients[request.client].phase == .producing(request.partition), clients[request.client].tag == request.tag,
            clients[request.client].sequences[request.partition] ?? 0 == request.sequence
        else { return }
        var client = clients[request.client]
        switch code {
        case .none:
            client.sequences[request.partition] = request.sequence + 1
            written[request.tag, default: []].append((request.partition, request.sequence))
            client.phase = .open
        case .networkException, .concurrentTransactions, .coordinatorNotAvailable: break
        case .invalidTxnState, .transactionAbortable, .outOfOrderSequenceNumber:
            client.needsEpoch = true
            client.phase = .ending(isCommit: false)
        default:
            clients[request.client] = client
            return revive(request.client)
        }
        clients[request.client] = client
    }
}
