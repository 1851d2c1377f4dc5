import KafkaClient
import KafkaTestSupport
import Testing

@Suite("Assignment strategies")
struct AssignmentStrategyTests {
    static func member(
        _ id: String,
        _ topics: [String],
        owned: [TopicPartition] = [],
        generation: Int32 = -1,
        instance: String? = nil
    ) -> MemberSubscription {
        MemberSubscription(memberID: id, instanceID: instance, topics: topics, owned: owned, generation: generation)
    }

    static func partitions(_ topic: String, _ numbers: Int32...) -> [TopicPartition] {
        numbers.map { TopicPartition(topic: topic, partition: $0) }
    }

    @Test func rangeGivesConsecutivePartitionsOfEachTopic() {
        let members = [Self.member("b", ["t", "u"]), Self.member("a", ["t", "u"])]
        let assignment = AssignmentStrategy.range.assign(members, to: ["t": 3, "u": 2])
        #expect(assignment["a"] == Self.partitions("t", 0, 1) + Self.partitions("u", 0))
        #expect(assignment["b"] == Self.partitions("t", 2) + Self.partitions("u", 1))
    }

    @Test func rangePutsStaticMembersFirst() {
        let members = [
            Self.member("a", ["t"]), Self.member("z", ["t"], instance: "i2"), Self.member("y", ["t"], instance: "i3"),
        ]
        let assignment = AssignmentStrategy.range.assign(members, to: ["t": 3])
        #expect(assignment["z"] == Self.partitions("t", 0))
        #expect(assignment["y"] == Self.partitions("t", 1))
        #expect(assignment["a"] == Self.partitions("t", 2))
    }

    @Test func roundRobinDealsAllPartitionsInTurn() {
        let members = [Self.member("a", ["t0", "t1"]), Self.member("b", ["t0", "t1"])]
        let assignment = AssignmentStrategy.roundRobin.assign(members, to: ["t0": 3, "t1": 3])
        #expect(assignment["a"] == Self.partitions("t0", 0, 2) + Self.partitions("t1", 1))
        #expect(assignment["b"] == Self.partitions("t0", 1) + Self.partitions("t1", 0, 2))
    }

    @Test func roundRobinSkipsMembersThatDoNotWantTheTopic() {
        let members = [
            Self.member("a", ["t0"]), Self.member("b", ["t0", "t1"]), Self.member("c", ["t0", "t1", "t2"]),
        ]
        let assignment = AssignmentStrategy.roundRobin.assign(members, to: ["t0": 1, "t1": 2, "t2": 3])
        #expect(assignment["a"] == Self.partitions("t0", 0))
        #expect(assignment["b"] == Self.partitions("t1", 0))
        #expect(assignment["c"] == Self.partitions("t1", 1) + Self.partitions("t2", 0, 1, 2))
    }

    @Test func stickyKeepsWhatBalanceAllows() {
        let members = [
            Self.member("a", ["t"], owned: Self.partitions("t", 0, 1, 2, 3), generation: 4),
            Self.member("b", ["t"], owned: Self.partitions("t", 4, 5), generation: 4),
            Self.member("c", ["t"]),
        ]
        let assignment = AssignmentStrategy.sticky.assign(members, to: ["t": 6])
        #expect(assignment["a"] == Self.partitions("t", 0, 1))
        #expect(assignment["b"] == Self.partitions("t", 4, 5))
        #expect(assignment["c"] == Self.partitions("t", 2, 3))
    }

    @Test func theHigherGenerationOwns() {
        let members = [
            Self.member("a", ["t"], owned: Self.partitions("t", 0, 1), generation: 3),
            Self.member("b", ["t"], owned: Self.partitions("t", 0, 2), generation: 5),
        ]
        let assignment = AssignmentStrategy.sticky.assign(members, to: ["t": 3])
        #expect(assignment["b"] == Self.partitions("t", 0, 2))
        #expect(assignment["a"] == Self.partitions("t", 1))
    }

    @Test func cooperativeHoldsBackWhatMoves() {
        let members = [
            Self.member("a", ["t"], owned: Self.partitions("t", 0, 1, 2, 3), generation: 4), Self.member("b", ["t"]),
        ]
        let assignment = AssignmentStrategy.cooperativeSticky.assign(members, to: ["t": 4])
        #expect(assignment["a"] == Self.partitions("t", 0, 1))
        #expect(assignment["b"]?.isEmpty == true)
    }

    @Test(arguments: AssignmentStrategy.allCases)
    func nobodyGetsWhatDoesNotExist(strategy: AssignmentStrategy) {
        let members = [
            Self.member("a", ["gone"], owned: Self.partitions("gone", 0, -1, .max), generation: 1),
            Self.member("b", []),
        ]
        #expect(strategy.assign(members, to: [:]) == ["a": [], "b": []])
        #expect(strategy.assign([], to: ["t": 3]).isEmpty)
    }

    /// Random groups: each partition has one owner who wants it, sticky assignments are balanced, keep still when nothing
    /// changes, and do not depend on the order of the members.
    @Test(arguments: AssignmentStrategy.allCases)
    func holdsForRandomGroups(strategy: AssignmentStrategy) {
        for seed in UInt64(0)..<200 {
            var chance = SeededGenerator(seed: seed)
            let topics = (0..<Int.random(in: 1...5, using: &chance)).map { "t\($0)" }
            let counts = Dictionary(
                uniqueKeysWithValues: topics.map { ($0, Int32.random(in: 0...9, using: &chance)) }
            )
            let isEven = Bool.random(using: &chance)
            var members = (0..<Int.random(in: 1...6, using: &chance)).map { index in
                Self.member("m\(index)", isEven ? topics : topics.filter { _ in Bool.random(using: &chance) })
            }
            var assignment = strategy.assign(members, to: TopicLayout(partitionCounts: counts))
            for round in 0..<6 {
                Self.check(assignment, members, counts, strategy, "seed \(seed) round \(round)")
                for index in members.indices {
                    members[index].owned = assignment[members[index].memberID] ?? []
                    members[index].generation = Int32(round)
                }
                // A second look at an unchanged group moves nothing but what was held back.
                let again = strategy.assign(members.shuffled(using: &chance), to: TopicLayout(partitionCounts: counts))
                if strategy == .sticky { #expect(again == assignment, "seed \(seed) round \(round)") }
                if Bool.random(using: &chance), members.count > 1 {
                    members.remove(at: Int.random(in: members.indices, using: &chance))
                } else {
                    members.append(
                        Self.member("n\(round)", topics.filter { _ in isEven || Bool.random(using: &chance) })
                    )
                }
                assignment = strategy.assign(members, to: TopicLayout(partitionCounts: counts))
            }
        }
    }

    static func check(
        _ assignment: [String: [TopicPartition]],
        _ members: [MemberSubscription],
        _ counts: [String: Int32],
        _ strategy: AssignmentStrategy,
        _ place: String
    ) {
        #expect(Set(assignment.keys) == Set(members.map(\.memberID)))
        let all = assignment.values.flatMap { $0 }
        #expect(Set(all).count == all.count, "two owners, \(place)")
        for member in members {
            for partition in assignment[member.memberID] ?? [] {
                #expect(member.topics.contains(partition.topic), "unwanted \(partition), \(place)")
            }
        }
        let wanted = counts.filter { topic, _ in members.contains { $0.topics.contains(topic) } }
        let total = wanted.values.reduce(0) { $0 + Int($1) }
        if strategy != .cooperativeSticky { #expect(all.count == total, "some have no owner, \(place)") }
        guard strategy == .sticky else { return }
        for member in members {
            let load = assignment[member.memberID]?.count ?? 0
            for partition in assignment[member.memberID] ?? [] {
                for other in members where other.topics.contains(partition.topic) {
                    #expect(load <= (assignment[other.memberID]?.count ?? 0) + 1, "out of balance, \(place)")
                }
            }
        }
    }

    @Test func cooperativeSettlesInTwoRounds() {
        for seed in UInt64(0)..<200 {
            var chance = SeededGenerator(seed: seed)
            let counts: [String: Int32] = ["t": Int32.random(in: 1...12, using: &chance), "u": 3]
            var members = (0..<3).map { Self.member("m\($0)", ["t", "u"]) }
            for round in 0..<8 {
                let assignment = AssignmentStrategy.cooperativeSticky.assign(
                    members,
                    to: TopicLayout(partitionCounts: counts)
                )
                for index in members.indices {
                    members[index].owned = assignment[members[index].memberID] ?? []
                    members[index].generation = Int32(round)
                }
                if round == 1 { members.append(Self.member("late", ["t", "u"])) }
                if round == 4 { members.removeFirst() }
            }
            let owned = members.flatMap(\.owned)
            #expect(owned.count == counts.values.reduce(0) { $0 + Int($1) }, "seed \(seed)")
            let loads = members.map(\.owned.count)
            #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1, "seed \(seed): \(loads)")
        }
    }
}
