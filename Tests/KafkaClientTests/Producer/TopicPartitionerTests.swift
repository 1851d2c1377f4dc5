import KafkaClient
import KafkaWire
import NIOCore
import Testing

@Suite struct TopicPartitionerTests {
    /// Gives the same numbers in every run, and every number a fair chance (SplitMix64).
    private struct Chance: RandomNumberGenerator {
        var state: UInt64 = 42

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    private var chance = Chance()

    private func partitioner(
        _ kind: PartitionerKind = .standard,
        count: Int32 = 10,
        withLeader: [Int32]? = nil,
        _ change: (inout PartitionerSettings) -> Void = { _ in }
    ) -> TopicPartitioner {
        var settings = PartitionerSettings()
        settings.kind = kind
        settings.batchSize = 100
        change(&settings)
        var partitioner = TopicPartitioner(settings: settings)
        partitioner.update(partitionCount: count, withLeader: withLeader ?? Array(0..<count))
        return partitioner
    }

    private mutating func choose(_ key: String?, with partitioner: inout TopicPartitioner) -> Int32 {
        guard let key else { return partitioner.partition(key: nil, using: &chance) }
        return Array(key.utf8).withUnsafeBytes { partitioner.partition(key: $0, using: &chance) }
    }

    @Test mutating func aGivenPartitionIsTaken() {
        var partitioner = partitioner()
        #expect(partitioner.partition(given: 77, key: nil, using: &chance) == 77)
    }

    @Test(arguments: [PartitionerKind.standard, .murmur2, .murmur2Random])
    mutating func keysGoWhereJavaPutsThem(_ kind: PartitionerKind) {
        var partitioner = partitioner(kind, count: 48, withLeader: [1])
        for (key, partition) in [("", 9), ("a", 28), ("foobar", 30), ("user-1", 44), ("user-42", 28)]
            as [(String, Int32)]
        {
            #expect(choose(key, with: &partitioner) == partition)
        }
    }

    @Test mutating func crc32KeysGoWhereLibrdkafkaPutsThem() {
        var consistent = partitioner(.consistent)
        // CRC-32 of "123456789" is cbf43926, of nothing 0.
        #expect(choose("123456789", with: &consistent) == Int32(0xcbf4_3926 as UInt32 % 10))
        #expect(choose("", with: &consistent) == 0)
        #expect(choose(nil, with: &consistent) == 0)
        var random = partitioner(.consistentRandom, withLeader: [4])
        #expect(choose("123456789", with: &random) == Int32(0xcbf4_3926 as UInt32 % 10))
        #expect(choose("", with: &random) == 4)
        #expect(choose(nil, with: &random) == 4)
    }

    @Test mutating func noKeyIsAnEmptyKeyForMurmur2() {
        var partitioner = partitioner(.murmur2, count: 48)
        #expect(choose(nil, with: &partitioner) == 9)
    }

    @Test mutating func unkeyedRecordsStayForABatch() {
        var partitioner = partitioner(count: 1000)
        let first = choose(nil, with: &partitioner)
        partitioner.didAppend(bytes: 99, to: first, isBatchReady: true, using: &chance)
        #expect(choose(nil, with: &partitioner) == first)
        // Enough bytes, but the batch is not full yet.
        partitioner.didAppend(bytes: 1, to: first, isBatchReady: false, using: &chance)
        #expect(choose(nil, with: &partitioner) == first)
        partitioner.didAppend(bytes: 1, to: first, isBatchReady: true, using: &chance)
        let second = choose(nil, with: &partitioner)
        #expect(second != first)
        // At twice the size it moves on whatever the batch.
        partitioner.didAppend(bytes: 200, to: second, isBatchReady: false, using: &chance)
        #expect(choose(nil, with: &partitioner) != second)
        // What goes elsewhere does not count.
        let third = choose(nil, with: &partitioner)
        partitioner.didAppend(bytes: 1000, to: second, isBatchReady: true, using: &chance)
        #expect(choose(nil, with: &partitioner) == third)
    }

    @Test mutating func ignoredKeysAreNoKeys() {
        var partitioner = partitioner(withLeader: [3]) { $0.ignoresKeys = true }
        #expect(choose("a", with: &partitioner) == 3)
        "a".utf8.withContiguousStorageIfAvailable { key in
            let isKeyed = partitioner.isKeyed(UnsafeRawBufferPointer(key))
            #expect(!isKeyed)
        }
    }

    @Test mutating func onlyPartitionsWithALeaderAreDrawn() {
        var partitioner = partitioner(.random, withLeader: [2, 5])
        let drawn = (0..<100).map { _ in choose("key", with: &partitioner) }
        #expect(Set(drawn) == [2, 5])
        // Without any leader every partition will do, until one is elected.
        partitioner.update(partitionCount: 3, withLeader: [])
        #expect(Set((0..<100).map { _ in choose(nil, with: &partitioner) }) == [0, 1, 2])
    }

    @Test mutating func aPartitionThatLosesItsLeaderIsLeft() {
        var partitioner = partitioner(withLeader: [6])
        #expect(choose(nil, with: &partitioner) == 6)
        partitioner.update(partitionCount: 10, withLeader: [7])
        #expect(choose(nil, with: &partitioner) == 7)
    }

    @Test mutating func roundRobinTakesTurns() {
        var partitioner = partitioner(.roundRobin, withLeader: [1, 4, 9])
        #expect((0..<5).map { _ in choose("k", with: &partitioner) } == [1, 4, 9, 1, 4])
    }

    @Test mutating func shortQueuesAreDrawnMoreOften() {
        var partitioner = partitioner(.random, count: 3)
        partitioner.update(queues: [
            PartitionQueue(partition: 0, batches: 0), PartitionQueue(partition: 1, batches: 3),
            PartitionQueue(partition: 2, batches: 1),
        ])
        var counts = [0, 0, 0]
        for _ in 0..<8000 { counts[Int(choose(nil, with: &partitioner))] += 1 }
        // Weights 4, 1 and 3 of 8.
        #expect((3700...4300).contains(counts[0]))
        #expect((800...1200).contains(counts[1]))
        #expect((2700...3300).contains(counts[2]))
    }

    @Test mutating func unavailableLeadersAreLeftOut() {
        var partitioner = partitioner(.random, count: 3)
        partitioner.update(queues: (0..<3).map { PartitionQueue(partition: $0, batches: 2, isAvailable: $0 != 1) })
        #expect(Set((0..<200).map { _ in choose(nil, with: &partitioner) }) == [0, 2])
        // When none is left, all are as good.
        partitioner.update(queues: (0..<3).map { PartitionQueue(partition: $0, batches: 2, isAvailable: false) })
        #expect(Set((0..<200).map { _ in choose(nil, with: &partitioner) }) == [0, 1, 2])
    }

    @Test mutating func queuesDoNotMatterUnlessAdaptive() {
        var partitioner = partitioner(.random, count: 2) { $0.isAdaptive = false }
        partitioner.update(queues: [PartitionQueue(partition: 0, batches: 0)])
        #expect(Set((0..<100).map { _ in choose(nil, with: &partitioner) }) == [0, 1])
    }

    @Test func aNodeThatDoesNotDrainBecomesUnavailable() {
        var nodes = NodeAvailability(timeoutMs: 100)
        #expect(nodes.isAvailable(1))
        nodes.batchesWereReady(for: 1, couldDrain: true, nowMs: 1000)
        nodes.batchesWereReady(for: 1, couldDrain: false, nowMs: 1100)
        #expect(nodes.isAvailable(1))
        nodes.batchesWereReady(for: 1, couldDrain: false, nowMs: 1101)
        #expect(!nodes.isAvailable(1))
        nodes.batchesWereReady(for: 1, couldDrain: true, nowMs: 1200)
        #expect(nodes.isAvailable(1))
        var forEver = NodeAvailability(timeoutMs: 0)
        forEver.batchesWereReady(for: 1, couldDrain: false, nowMs: 0)
        forEver.batchesWereReady(for: 1, couldDrain: false, nowMs: .max)
        #expect(forEver.isAvailable(1))
    }

    @Test func namesOfProperties() {
        for kind in PartitionerKind.allCases { #expect(PartitionerKind(propertyValue: kind.rawValue) == kind) }
        #expect(
            PartitionerKind(propertyValue: "org.apache.kafka.clients.producer.RoundRobinPartitioner") == .roundRobin
        )
        #expect(PartitionerKind(propertyValue: "sideways") == nil)
    }
}
