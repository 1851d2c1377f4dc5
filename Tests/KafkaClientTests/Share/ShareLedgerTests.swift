import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import Testing

@Suite("What a share group's member owes") struct ShareLedgerTests {
    typealias Run = ShareLedger.Run

    static let place = SharePlace(topicID: KafkaUUID(high: 1, low: 2), partition: 0)

    @Test func runsGrowTogether() {
        var ledger = ShareLedger()
        ledger.acquire(0...9, of: Self.place, from: 1)
        for offset: Int64 in [3, 1, 2] { ledger.settle(offset...offset, as: 1, of: Self.place, from: 1) }
        ledger.settle(4...5, as: 3, of: Self.place, from: 1)
        ledger.settle(0...9, as: ShareLedger.gap, of: Self.place, from: 1)
        #expect(ledger.owes(1) && !ledger.owes(2) && ledger.creditors == [1])
        #expect(ledger.take(for: 2).isEmpty)
        #expect(ledger.take(for: 1) == [Self.place: [Run(0...0, 0), Run(1...3, 1), Run(4...5, 3), Run(6...9, 0)]])
        #expect(ledger.take(for: 1).isEmpty && !ledger.owes(1))
    }

    @Test func onlyWhatWasAcquiredCounts() {
        var ledger = ShareLedger()
        ledger.acquire(5...9, of: Self.place, from: 1)
        ledger.settle(0...6, as: 1, of: Self.place, from: 1)
        ledger.settle(7...20, as: 1, of: Self.place, from: 2)
        ledger.settle(5...6, as: 2, of: Self.place, from: 1)
        #expect(ledger.unsettled(of: Self.place, from: 1) == [7...9])
        #expect(ledger.take(for: 1) == [Self.place: [Run(5...6, 1)]])
        #expect(ledger.take(for: 2).isEmpty)
    }

    /// The lock on a record ended before its acknowledgement left, and the record came again.
    @Test func aNewDeliveryReplacesWhatWasSaidOfTheOld() {
        var ledger = ShareLedger()
        ledger.acquire(0...9, of: Self.place, from: 1)
        ledger.settle(0...9, as: 1, of: Self.place, from: 1)
        ledger.acquire(4...5, of: Self.place, from: 1)
        #expect(ledger.take(for: 1) == [Self.place: [Run(0...3, 1), Run(6...9, 1)]])
        ledger.settle(0...9, as: 2, of: Self.place, from: 1)
        #expect(ledger.take(for: 1) == [Self.place: [Run(4...5, 2)]])
    }

    /// Against a plain table of offsets.
    @Test func randomly() {
        let failure = SimulationSeeds(few: 200).firstFailure { seed in
            var chance = SeededGenerator(seed: seed)
            var ledger = ShareLedger()
            var acquired: Set<Int64> = []
            var settled: [Int64: Int8] = [:]
            for _ in 0..<60 {
                let first = Int64.random(in: 0...40, using: &chance)
                let range = first...(first + Int64.random(in: 0...12, using: &chance))
                switch Int.random(in: 0..<5, using: &chance) {
                case 0, 1:
                    ledger.acquire(range, of: Self.place, from: 1)
                    for offset in range {
                        acquired.insert(offset)
                        settled[offset] = nil
                    }
                case 2, 3:
                    let outcome = Int8.random(in: 0...3, using: &chance)
                    ledger.settle(range, as: outcome, of: Self.place, from: 1)
                    for offset in range where acquired.remove(offset) != nil { settled[offset] = outcome }
                default:
                    let runs = ledger.take(for: 1)[Self.place] ?? []
                    var told: [Int64: Int8] = [:]
                    var last: Int64 = -1
                    for run in runs {
                        guard run.offsets.lowerBound > last else { throw Mistake("runs overlap: \(runs)") }
                        last = run.offsets.upperBound
                        for offset in run.offsets { told[offset] = run.outcome }
                    }
                    guard told == settled else { throw Mistake("\(told) instead of \(settled)") }
                    settled = [:]
                }
                let open = ledger.unsettled(of: Self.place, from: 1).flatMap { Array($0) }
                guard open == acquired.sorted() else { throw Mistake("\(open) instead of \(acquired.sorted())") }
            }
        }
        #expect(failure == nil)
    }

    struct Mistake: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}

@Suite("Sessions of a share group") struct ShareSessionTests {
    static let a = ShareLedgerTests.place
    static let b = SharePlace(topicID: KafkaUUID(high: 1, low: 2), partition: 1)

    @Test func epochsRise() {
        var session = ShareSession()
        #expect(!session.isOpen)
        #expect(session.fetch([Self.a, Self.b]) == .init(epoch: 0, added: [Self.a, Self.b], forgotten: []))
        session.received(.none)
        #expect(session.isOpen && !session.differs(from: [Self.a, Self.b]))
        #expect(session.fetch([Self.a, Self.b]) == .init(epoch: 1, added: [], forgotten: []))
        session.received(.none)
        #expect(session.differs(from: [Self.b]))
        #expect(session.fetch([Self.b]) == .init(epoch: 2, added: [], forgotten: [Self.a]))
        session.received(.none)
        #expect(session.fetch([Self.a]) == .init(epoch: 3, added: [Self.a], forgotten: [Self.b]))
    }

    @Test(arguments: [
        ErrorCode.shareSessionNotFound, .invalidShareSessionEpoch, .shareSessionLimitReached, .unknownServerError,
    ])
    func errorsOpenAnother(error: ErrorCode) {
        var session = ShareSession()
        _ = session.fetch([Self.a])
        session.received(.none)
        _ = session.fetch([Self.a])
        session.received(error)
        #expect(session.fetch([Self.a]) == .init(epoch: 0, added: [Self.a], forgotten: []))
        session.lost()
        #expect(!session.isOpen && session.fetch([]).epoch == 0)
    }

    @Test func afterTheLastEpochComesOne() {
        var session = ShareSession(epoch: .max)
        #expect(session.fetch([Self.a]).epoch == .max)
        session.received(.none)
        #expect(session.fetch([Self.a]).epoch == 1)
    }
}
