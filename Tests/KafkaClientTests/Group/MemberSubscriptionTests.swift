import KafkaClient
import KafkaMessages
import KafkaTestSupport
import NIOCore
import Testing

@Suite("What a leader reads of its members")
struct MemberSubscriptionTests {
    static func read(_ bytes: [UInt8], _ strategy: AssignmentStrategy = .range) -> MemberSubscription {
        MemberSubscription(memberID: "m", instanceID: nil, metadata: ByteBuffer(bytes: bytes), strategy: strategy)
    }

    /// Version 0 as old clients write it: version, topics, user data.
    @Test func readsTheFirstVersion() {
        let bytes: [UInt8] = [0, 0, 0, 0, 0, 2, 0, 1, 0x62, 0, 1, 0x61, 0xff, 0xff, 0xff, 0xff]
        #expect(Self.read(bytes) == MemberSubscription(memberID: "m", topics: ["a", "b"]))
    }

    @Test func readsNewerVersionsAndIgnoresWhatTheyAdd() throws {
        let subscription = ConsumerProtocolSubscription(
            topics: ["a"],
            ownedPartitions: [.init(topic: "a", partitions: [3, 1])],
            generationId: 7,
            rackId: "r"
        )
        var bytes = Array(try subscription.versioned(3).readableBytesView)
        bytes.replaceSubrange(0..<2, with: [0, 9])
        bytes += [1, 2, 3]
        let read = Self.read(bytes)
        #expect(read.topics == ["a"])
        #expect(read.owned.map(\.partition) == [3, 1])
        #expect(read.generation == 7)
    }

    @Test func stickyMembersTellTheirPastInTheirOwnData() throws {
        let past = StickyMemory(
            partitions: [TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b", partition: 4)],
            generation: 12
        )
        let subscription = ConsumerProtocolSubscription(topics: ["a", "b"], userData: try past.encoded())
        let bytes = Array(try subscription.versioned(1).readableBytesView)
        let read = Self.read(bytes, .sticky)
        #expect(read.owned == past.partitions)
        #expect(read.generation == 12)
        #expect(Self.read(bytes, .range).owned.isEmpty)
    }

    @Test func theOlderStickyLayoutHasNoGeneration() {
        var bytes = ByteBuffer(integer: Int32(1))
        bytes.writeInteger(Int16(1))
        bytes.writeString("a")
        bytes.writeInteger(Int32(1))
        bytes.writeInteger(Int32(5))
        let memory = StickyMemory(reading: bytes)
        #expect(memory == StickyMemory(partitions: [TopicPartition(topic: "a", partition: 5)], generation: -1))
    }

    @Test(arguments: AssignmentStrategy.allCases)
    func hostileBytesGiveAMemberWithoutTopics(strategy: AssignmentStrategy) throws {
        var chance = SeededGenerator(seed: 7)
        let good = Array(
            try ConsumerProtocolSubscription(
                topics: ["a"],
                userData: StickyMemory(partitions: [TopicPartition(topic: "a", partition: 0)], generation: 1).encoded(),
                ownedPartitions: [.init(topic: "a", partitions: [0])],
                generationId: 1
            ).versioned(3).readableBytesView
        )
        for length in 0..<good.count {
            _ = Self.read(Array(good.prefix(length)), strategy)
        }
        for _ in 0..<2000 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &chance) {
                bytes[Int.random(in: bytes.indices, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
            }
            _ = strategy.assign([Self.read(bytes, strategy)], to: ["a": 2])
        }
        let liar: [UInt8] = [0, 3, 0x7f, 0xff, 0xff, 0xff]
        #expect(Self.read(liar, strategy).topics.isEmpty)
        #expect(StickyMemory(reading: ByteBuffer(bytes: [0x7f, 0xff, 0xff, 0xff, 0, 0])) == nil)
    }
}
