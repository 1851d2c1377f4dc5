import KafkaClient
import KafkaMessages
import KafkaTestSupport
import Testing

@testable import SwkafkaCommands

@Suite("Comparing replicas") struct ReplicaComparisonTests {
    static let p0 = TopicPartition(topic: "t", partition: 0)
    static let p1 = TopicPartition(topic: "t", partition: 1)

    /// Batches that end at these offsets, with checksums that are a thousand times them unless told otherwise.
    static func page(_ offsets: [Int64], end: Int64, checksums: [Int64: UInt32] = [:]) -> ReplicaPage {
        ReplicaPage(
            highWatermark: end,
            batches: offsets.map { ReplicaBatch(lastOffset: $0, checksum: checksums[$0] ?? UInt32($0) * 1000) }
        )
    }

    static func comparison(from offset: Int64 = 0) -> ReplicaComparison {
        var comparison = ReplicaComparison()
        comparison.add(p0, replicas: [1, 2], from: offset)
        return comparison
    }

    @Test func equalCopiesAreFollowedToTheHighWatermark() {
        var comparison = Self.comparison()
        let outcome = comparison.compare([Self.p0: [1: Self.page([2, 5, 7], end: 6), 2: Self.page([2, 5], end: 6)]])
        #expect(outcome.findings.isEmpty && outcome.hasProgressed)
        #expect(comparison.offset(of: Self.p0) == 6)
        #expect(outcome.lag == .init(partition: Self.p0, offset: 6, records: 0))
    }

    /// A follower may not have heard yet how far records are committed.
    @Test func nothingBeyondTheHighWatermarkOfAnyReplica() {
        var comparison = Self.comparison()
        let outcome = comparison.compare([Self.p0: [1: Self.page([2, 5], end: 6), 2: Self.page([2, 5], end: 3)]])
        #expect(comparison.offset(of: Self.p0) == 3)
        #expect(outcome.lag == .init(partition: Self.p0, offset: 3, records: 3))
    }

    @Test func aDifferentChecksumIsToldOnceAndPassed() {
        var comparison = Self.comparison()
        let pages: [TopicPartition: [Int32: ReplicaPage]] = [
            Self.p0: [1: Self.page([2, 5], end: 6), 2: Self.page([2, 5], end: 6, checksums: [2: 7])]
        ]
        let expected = ReplicaComparison.Finding.checksums(
            Self.p0,
            offset: 2,
            first: .init(replica: 1, value: 2000),
            other: .init(replica: 2, value: 7)
        )
        #expect(comparison.compare(pages).findings == [expected] && !expected.isFinal)
        #expect(comparison.offset(of: Self.p0) == 6)
    }

    @Test func aCopyThatDoesNotFitItsOwnChecksumIsNamed() {
        var comparison = Self.comparison()
        var damaged = Self.page([2], end: 3)
        damaged.batches[0].checksum = 9
        let findings = comparison.compare([Self.p0: [1: Self.page([2], end: 3), 2: damaged]]).findings
        #expect(findings.count == 2)
        #expect(findings.last == .damage(Self.p0, offset: 2, replica: 2, reason: nil))
    }

    @Test func differentBatchesEndIt() {
        var comparison = Self.comparison()
        let findings = comparison.compare([Self.p0: [1: Self.page([2], end: 9), 2: Self.page([3], end: 9)]]).findings
        let expected = ReplicaComparison.Finding.offsets(
            Self.p0,
            first: .init(replica: 1, value: 2),
            other: .init(replica: 2, value: 3)
        )
        #expect(findings == [expected] && expected.isFinal)
        #expect(comparison.offset(of: Self.p0) == 0)
    }

    @Test func bytesThatAreNoBatchAreToldOnce() {
        var comparison = Self.comparison()
        let pages: [TopicPartition: [Int32: ReplicaPage]] = [
            Self.p0: [1: Self.page([2], end: 3), 2: ReplicaPage(highWatermark: 3, damage: "nonsense")]
        ]
        #expect(
            comparison.compare(pages).findings == [.damage(Self.p0, offset: 0, replica: 2, reason: "nonsense")]
        )
        let again = comparison.compare(pages)
        #expect(again.findings.isEmpty && !again.hasProgressed)
    }

    /// Whoever is down holds up its own partitions; those that wait come first when it is back.
    @Test func aMissingReplicaHoldsUpItsPartitionsOnly() {
        var comparison = Self.comparison()
        comparison.add(Self.p1, replicas: [1, 3], from: 0)
        let answers: [TopicPartition: [Int32: ReplicaPage]] = [
            Self.p0: [1: Self.page([2], end: 3), 2: Self.page([2], end: 3)], Self.p1: [1: Self.page([4], end: 5)],
        ]
        let outcome = comparison.compare(answers)
        #expect(comparison.offset(of: Self.p0) == 3 && comparison.offset(of: Self.p1) == 0)
        #expect(outcome.lag == .init(partition: Self.p1, offset: 0, records: 5))
        #expect(comparison.incomplete(answers) == [Self.p1])
        #expect(comparison.wanted(of: 1) == [Self.p1, Self.p0] && comparison.wanted(of: 3) == [Self.p1])
        comparison.move(Self.p1, to: [1])
        #expect(comparison.brokers == [1, 2])
        #expect(comparison.compare(answers).lag == .init(partition: Self.p0, offset: 3, records: 0))
        comparison.remove(Self.p1)
        #expect(comparison.count == 1)
    }

    @Test func aPlaceThatIsGoneIsSkipped() {
        var comparison = Self.comparison()
        let outcome = comparison.compare([
            Self.p0: [1: ReplicaPage(error: .offsetOutOfRange), 2: Self.page([2], end: 3)]
        ])
        #expect(outcome.outOfRange == [Self.p0] && !outcome.hasProgressed)
        comparison.skip(Self.p0, to: 8)
        comparison.skip(Self.p0, to: 5)
        #expect(comparison.offset(of: Self.p0) == 8)
    }

    @Test func hostileOffsetsMoveNothing() {
        var comparison = Self.comparison(from: 5)
        for last in [Int64.max, -1, 2] {
            let page = ReplicaPage(highWatermark: .max, batches: [ReplicaBatch(lastOffset: last, checksum: 1)])
            _ = comparison.compare([Self.p0: [1: page, 2: page]])
            #expect(comparison.offset(of: Self.p0) == 5)
        }
    }

    @Test func nobodyAnswers() throws {
        var comparison = Self.comparison()
        let outcome = comparison.compare([:])
        #expect(outcome.lag == nil)
        let line = try ReplicaVerificationOutput().lag(nil, partitions: 1, nowMs: 0)
        #expect(line.hasSuffix(": max lag is -1 for partition null at offset -1 among 1 partitions\n"))
    }

    /// Random logs, cut into answers of random length, with one batch of one copy made different: it is found, and
    /// nothing else, whatever the order of answers and outages.
    @Test func randomLogs() throws {
        let failure = SimulationSeeds(few: 300).firstFailure { seed in
            var chance = SeededGenerator(seed: seed)
            var ends: [Int64] = []
            for _ in 0..<Int.random(in: 1...30, using: &chance) {
                ends.append((ends.last ?? -1) + Int64.random(in: 1...5, using: &chance))
            }
            let end = ends[ends.count - 1] + 1
            let odd = Bool.random(using: &chance) ? ends.randomElement(using: &chance) : nil
            var comparison = Self.comparison()
            var findings: [ReplicaComparison.Finding] = []
            var rounds = 0
            while let offset = comparison.offset(of: Self.p0), offset < end {
                rounds += 1
                guard rounds < 2000 else { throw CommandFailure("never ends") }
                var answers: [Int32: ReplicaPage] = [:]
                for replica: Int32 in [1, 2] where Int.random(in: 0..<4, using: &chance) > 0 {
                    let rest = ends.filter { $0 >= offset }.prefix(Int.random(in: 0...4, using: &chance))
                    let isOdd = replica == 2
                    answers[replica] = Self.page(
                        Array(rest),
                        end: Bool.random(using: &chance) ? end : Int64.random(in: 0...end, using: &chance),
                        checksums: isOdd ? odd.map { [$0: 1] } ?? [:] : [:]
                    )
                }
                findings += comparison.compare([Self.p0: answers]).findings
            }
            let offsets = findings.map { finding in
                if case .checksums(_, let offset, _, _) = finding { offset } else { Int64(-1) }
            }
            // The checksum of the batch that ends at offset 0 is 0 in both copies, and 1 where it is odd.
            guard offsets == (odd.map { [$0] } ?? []) else { throw CommandFailure("\(findings), odd is \(odd ?? -1)") }
        }
        #expect(failure == nil)
    }
}
