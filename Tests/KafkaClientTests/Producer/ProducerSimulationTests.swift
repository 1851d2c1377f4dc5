import KafkaMessages
import KafkaWire
import Testing

@testable import KafkaClient

/// An accumulator before three model brokers and a network that loses connections, answers and leaders.
private struct Simulation {
    let seed: UInt64
    var chance: SplitMix64
    var fixture: AccumulatorFixture
    var partitions: [ModelPartition]
    var slots: [Int]
    var leaders: [Int32]
    /// Requests on the way to a node, in the order of its connection.
    var wires: [Int32: [OutgoingRequest]] = [1: [], 2: [], 3: []]
    /// Requests whose connection is gone, which a broker may still get to read.
    var strays: [OutgoingRequest] = []
    /// Under a new producer id no broker can tell a stray of the old one from something new, so a run that uses up its
    /// epochs goes without.
    let hasStrays: Bool
    var nextNumber = 0
    /// Offsets of the records that were acknowledged, and the records that were reported as lost.
    var acknowledged: [Int: Int64] = [:]
    var failed: Set<Int> = []
    /// The last record of each partition that was reported.
    var reported = [-1, -1, -1]
    var partitionOf: [Int: Int] = [:]

    init(seed: UInt64) {
        self.seed = seed
        chance = SplitMix64(state: seed)
        let batchLimit = [200, 400, 900].randomElement(using: &chance) ?? 400
        let deliveryTimeout: Int64 = Bool.random(using: &chance) ? 1500 : 60_000
        let epoch: Int16 = Int.random(in: 0..<4, using: &chance) == 0 ? .max - 1 : 0
        hasStrays = epoch == 0
        fixture = AccumulatorFixture(seed: seed) {
            $0.isIdempotent = true
            $0.batchLimit = batchLimit
            $0.deliveryTimeoutMs = deliveryTimeout
            $0.bufferMemory = 20_000
        }
        fixture.accumulator.askForIdentity()
        fixture.accumulator.grant(ProducerIdentity(id: 1, epoch: epoch))
        partitions = (0..<3).map { _ in ModelPartition(maximumBatchSize: 500) }
        slots = []
        leaders = [1, 2, 3]
        for partition in 0..<3 {
            let slot = fixture.accumulator.slot(of: TopicPartition(topic: "t", partition: Int32(partition)))
            slots.append(slot)
            fixture.accumulator.setLeader(leaders[partition], of: slot)
        }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps { step() }
        // The network heals; everything must come to an end.
        for _ in 0..<4000 where fixture.accumulator.incompleteBatches > 0 || !strays.isEmpty {
            fixture.nowMs += 20
            drain()
            for node in wires.keys.sorted() { deliver(to: node, losesAnswer: false) }
            if let stray = strays.popLast() { reach(stray) }
        }
        drain()
    }

    private mutating func step() {
        fixture.nowMs += Int64.random(in: 0...10, using: &chance)
        switch Int.random(in: 0..<100, using: &chance) {
        case 0..<45: append()
        case 45..<85: deliver(to: anyNode(), losesAnswer: false)
        case 85..<88: breakConnection(of: anyNode())
        case 88..<90:
            deliver(to: anyNode(), losesAnswer: true)
        case 90..<93: moveLeader()
        case 93..<96: if let stray = strays.popLast() { reach(stray) }
        case 96..<98: refuse(at: anyNode())
        case 98: fixture.nowMs += Int64.random(in: 0...800, using: &chance)
        default: _ = fixture.accumulator.flush()
        }
        drain()
    }

    private mutating func anyNode() -> Int32 { Int32.random(in: 1...3, using: &chance) }

    private mutating func append() {
        for _ in 0..<Int.random(in: 1...8, using: &chance) {
            let partition = Int.random(in: 0..<3, using: &chance)
            let isHuge = Int.random(in: 0..<200, using: &chance) == 0
            let size = isHuge ? 600 : Int.random(in: 10...80, using: &chance)
            guard case .laid = fixture.append(nextNumber, to: slots[partition], size: size) else { return }
            partitionOf[nextNumber] = partition
            nextNumber += 1
        }
    }

    private mutating func drain() {
        let work = fixture.accumulator.poll(nowMs: fixture.nowMs)
        for node in work.connects { fixture.accumulator.connected(node) }
        for request in work.requests {
            var request = request
            for index in request.batches.indices { try? request.batches[index].seal() }
            wires[request.node, default: []].append(request)
        }
        if fixture.accumulator.needsIdentity {
            fixture.accumulator.grant(ProducerIdentity(id: Int64.random(in: 2...1_000_000, using: &chance), epoch: 0))
        }
        for fate in fixture.takeFates() {
            for (index, number) in fate.numbers.enumerated() {
                if let partition = partitionOf[number] {
                    #expect(reported[partition] < number, "seed \(seed): reports are out of order")
                    reported[partition] = number
                }
                if let offset = fate.offset {
                    acknowledged[number] = offset < 0 ? -1 : offset + Int64(index)
                } else {
                    failed.insert(number)
                }
            }
        }
        _ = fixture.accumulator.takeFinishedFlushes()
    }

    /// A broker reads a batch; what it answers.
    private mutating func reach(_ batch: OutgoingBatch, at node: Int32) -> BatchAnswer {
        let partition = Int(batch.partition.partition)
        guard leaders[partition] == node else {
            return .refused(.notLeaderOrFollower, message: nil, hasNewLeader: Bool.random(using: &chance))
        }
        return partitions[partition].append(batch)
    }

    private mutating func reach(_ stray: OutgoingRequest) {
        for batch in stray.batches { _ = reach(batch, at: stray.node) }
    }

    /// The next request of a node is read and answered; without an answer the connection breaks.
    private mutating func deliver(to node: Int32, losesAnswer: Bool) {
        guard let request = wires[node]?.first else { return }
        if losesAnswer {
            reach(request)
            return breakConnection(of: node)
        }
        wires[node]?.removeFirst()
        let answers = request.batches.map { ($0, reach($0, at: node)) }
        fixture.accumulator.requestEnded(node)
        for (batch, answer) in answers {
            fixture.accumulator.answered(batch.id, answer, bytes: batch.contents, nowMs: fixture.nowMs)
        }
        learnLeaders()
    }

    private mutating func refuse(at node: Int32) {
        guard let request = wires[node]?.first else { return }
        wires[node]?.removeFirst()
        let timesOut = Bool.random(using: &chance)
        if timesOut { reach(request) }
        let codes: [ErrorCode] = [.notEnoughReplicas, .corruptMessage, .invalidRecord]
        let code = timesOut ? .requestTimedOut : codes.randomElement(using: &chance) ?? .invalidRecord
        fixture.answer(request, AccumulatorFixture.refused(code))
    }

    private mutating func breakConnection(of node: Int32) {
        let requests = wires[node] ?? []
        wires[node] = []
        fixture.accumulator.disconnected(node, notBeforeMs: fixture.nowMs + 5, failure: nil)
        for request in requests {
            if hasStrays, Bool.random(using: &chance) { strays.insert(request, at: 0) }
            fixture.answer(request, AccumulatorFixture.lost)
        }
        learnLeaders()
    }

    private mutating func moveLeader() {
        leaders[Int.random(in: 0..<3, using: &chance)] = anyNode()
        if Bool.random(using: &chance) { learnLeaders() }
    }

    private mutating func learnLeaders() {
        for (partition, slot) in slots.enumerated() { fixture.accumulator.setLeader(leaders[partition], of: slot) }
        fixture.accumulator.staleTopics = []
    }

    func check() {
        #expect(fixture.accumulator.incompleteBatches == 0, "seed \(seed)")
        #expect(fixture.accumulator.memoryUsed == 0, "seed \(seed)")
        #expect(acknowledged.count + failed.count == nextNumber, "seed \(seed)")
        #expect(failed.isDisjoint(with: acknowledged.keys), "seed \(seed)")
        for (number, offset) in acknowledged {
            guard let partition = partitionOf[number] else { continue }
            let log = partitions[partition].log
            let stands = offset < 0 ? log.contains(number) : Int(offset) < log.count && log[Int(offset)] == number
            #expect(stands, "seed \(seed): record \(number) was acknowledged at \(offset) and is not there")
        }
        for partition in partitions {
            let isInOrder = zip(partition.log, partition.log.dropFirst()).allSatisfy { $0 < $1 }
            #expect(isInOrder, "seed \(seed): \(partition.log)")
        }
    }
}

@Suite struct ProducerSimulationTests {
    @Test(arguments: UInt64(0)..<300)
    func recordsAreWrittenOnceAndInOrderWhateverTheNetworkDoes(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        simulation.run(steps: 600)
        simulation.check()
    }
}
