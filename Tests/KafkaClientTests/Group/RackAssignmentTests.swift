import KafkaClient
import KafkaMessages
import KafkaTestSupport
import Testing

/// Members that tell their rack, and partitions whose replicas are known to be in some (KIP-881).
@Suite("Assignment strategies and racks")
struct RackAssignmentTests {
    private func member(
        _ id: String,
        _ topics: [String] = ["t"],
        rack: String?,
        owned: [TopicPartition] = []
    ) -> MemberSubscription {
        MemberSubscription(memberID: id, topics: topics, owned: owned, generation: owned.isEmpty ? -1 : 1, rack: rack)
    }

    private func layout(_ racks: [String: [Set<String>]]) -> TopicLayout {
        var layout = TopicLayout(partitionCounts: racks.mapValues { Int32($0.count) })
        for (topic, sets) in racks {
            for (number, set) in sets.enumerated() {
                layout.racks[TopicPartition(topic: topic, partition: Int32(number))] = set
            }
        }
        return layout
    }

    private func numbers(_ partitions: [TopicPartition]?) -> [Int32] { (partitions ?? []).map(\.partition) }

    @Test(arguments: [AssignmentStrategy.range, .sticky, .cooperativeSticky])
    func everybodyReadsWithinItsRack(strategy: AssignmentStrategy) {
        let members = [member("a", rack: "west"), member("b", rack: "east")]
        let layout = layout(["t": [["east"], ["east"], ["west"], ["west"]]])
        let assignment = strategy.assign(members, to: layout)
        #expect(numbers(assignment["a"]) == [2, 3])
        #expect(numbers(assignment["b"]) == [0, 1])
    }

    @Test func roundRobinKnowsNoRacks() {
        let members = [member("a", rack: "west"), member("b", rack: "east")]
        let assignment = AssignmentStrategy.roundRobin.assign(members, to: layout(["t": [["east"], ["west"]]]))
        #expect(numbers(assignment["a"]) == [0])
    }

    /// Shares come first: what does not fit goes to somebody elsewhere.
    @Test(arguments: [AssignmentStrategy.range, .sticky])
    func sharesStayEven(strategy: AssignmentStrategy) {
        let members = [member("a", rack: "west"), member("b", rack: "east"), member("c", rack: nil)]
        let layout = layout(["t": [["east"], ["east"], ["east"], ["east"], ["east"], ["west"]]])
        let assignment = strategy.assign(members, to: layout)
        #expect(assignment.values.allSatisfy { $0.count == 2 })
        #expect(numbers(assignment["a"]).contains(5))
        #expect(Set(numbers(assignment["b"])).isSubset(of: [0, 1, 2, 3, 4]))
    }

    @Test func rangeKeepsTopicsThatLookAlikeTogether() {
        let racks: [Set<String>] = [["west"], ["east"], ["west"], ["east"]]
        let members = [member("a", ["t", "u"], rack: "east"), member("b", ["t", "u"], rack: "west")]
        let assignment = AssignmentStrategy.range.assign(members, to: layout(["t": racks, "u": racks]))
        #expect(numbers(assignment["a"]) == [1, 3, 1, 3])
        #expect(numbers(assignment["b"]) == [0, 2, 0, 2])
    }

    /// Where nobody is nearer than anybody else, all is as without racks.
    @Test(arguments: AssignmentStrategy.allCases)
    func racksThatSayNothingChangeNothing(strategy: AssignmentStrategy) {
        let everywhere: [Set<String>] = Array(repeating: ["west", "east"], count: 5)
        let named = [member("a", rack: "west"), member("b", rack: "east")]
        let plain = [member("a", rack: nil), member("b", rack: nil)]
        let expected = strategy.assign(plain, to: ["t": 5])
        #expect(strategy.assign(named, to: layout(["t": everywhere])) == expected)
        #expect(strategy.assign(named, to: layout(["t": Array(repeating: ["south"], count: 5)])) == expected)
        #expect(strategy.assign(plain, to: layout(["t": [["west"], ["east"], [], [], []]])) == expected)
    }

    @Test func stickyExchangesForTheSakeOfRacks() {
        func own(_ number: Int32...) -> [TopicPartition] { number.map { TopicPartition(topic: "t", partition: $0) } }
        let members = [member("a", rack: "west", owned: own(0, 1)), member("b", rack: "east", owned: own(2, 3))]
        let layout = layout(["t": [["east"], ["west"], ["west"], ["east", "west"]]])
        let assignment = AssignmentStrategy.sticky.assign(members, to: layout)
        #expect(numbers(assignment["a"]) == [1, 2])
        #expect(numbers(assignment["b"]) == [0, 3])
    }

    // MARK: Other racks

    private func layout(_ racks: Set<String>..., incomplete: Set<TopicPartition> = []) -> TopicLayout {
        var layout = layout(["t": racks])
        layout.incomplete = incomplete
        return layout
    }

    @Test func onlyOtherRacksCount() {
        let first = TopicPartition(topic: "t", partition: 0)
        let here = layout(["west"], ["east"])
        #expect(!here.hasOtherRacks(than: here))
        #expect(here.hasOtherRacks(than: layout(["east"], ["east"])))
        #expect(here.hasOtherRacks(than: layout(["west", "east"], ["east"])))
        #expect(here.hasOtherRacks(than: layout([], ["east"])))
        // A broker is away, in either.
        #expect(!here.hasOtherRacks(than: layout([], ["east"], incomplete: [first])))
        #expect(here.hasOtherRacks(than: layout(["east"], ["east"], incomplete: [first])))
        #expect(!layout([], ["east"], incomplete: [first]).hasOtherRacks(than: here))
        // Nothing is known, or nothing was.
        #expect(!here.hasOtherRacks(than: ["t": 2]))
        #expect(!TopicLayout(partitionCounts: ["t": 2]).hasOtherRacks(than: here))
    }

    @Test func aLayoutKnowsWhoIsAway() {
        let partitions = [
            PartitionMetadata(index: 0, leader: 1, replicas: [1, 2]),
            PartitionMetadata(index: 1, leader: 1, replicas: [1, 3]),
        ]
        let nodes = [Int32(1): Node(id: 1, host: "h", port: 1, rack: "west"), 2: Node(id: 2, host: "h", port: 2)]
        var layout: TopicLayout = [:]
        layout.add("t", partitions, nodes: nodes)
        #expect(layout.partitionCounts == ["t": 2])
        #expect(layout.racks.values.allSatisfy { $0 == ["west"] } && layout.racks.count == 2)
        #expect(layout.incomplete == [TopicPartition(topic: "t", partition: 1)])
    }

    /// KIP-881: the leader calls for a rebalance, if it tells its rack.
    @Test(arguments: [nil, "west"]) func aLeaderWatchesRacks(rack: String?) throws {
        var membership = ClassicMembershipTests.membership(rack: rack)
        membership.subscribe(["t"], nowMs: 0)
        _ = membership.next(nowMs: 0, absentSinceMs: nil)
        var answer = ClassicMembershipTests.answer(leader: "me")
        answer.members = [.init(memberId: "me", metadata: try ConsumerProtocolSubscription(topics: ["t"]).versioned(3))]
        _ = membership.joined(.success(answer), nowMs: 0)
        #expect(membership.watchesRacks == (rack != nil))
        _ = membership.described(.success(layout(["west"], ["east"])), nowMs: 0)
        let bytes = ClassicMembershipTests.assignment(ClassicMembershipTests.t0)
        _ = membership.synced(.success(SyncGroupResponse(assignment: bytes)), nowMs: 0)
        membership.handedOver(nowMs: 0)
        membership.topicsChanged(layout(["west"], ["east"]))
        #expect(membership.isStable)
        membership.topicsChanged(layout(["east"], ["east"]))
        #expect(membership.isStable == (rack == nil))
    }

    /// Random groups and racks: no strategy gives anybody more or less than without racks, and as many partitions as
    /// before at least are near.
    @Test(arguments: [AssignmentStrategy.range, .sticky])
    func holdsForRandomGroups(strategy: AssignmentStrategy) {
        let names = ["west", "east", "north"]
        for seed in UInt64(0)..<200 {
            var chance = SeededGenerator(seed: seed)
            var racks: [String: [Set<String>]] = [:]
            for topic in ["t", "u"] {
                racks[topic] = (0..<Int.random(in: 1...8, using: &chance)).map { _ in
                    Set(names.filter { _ in Bool.random(using: &chance) })
                }
            }
            let layout = layout(racks)
            let isEven = Bool.random(using: &chance)
            let members = (0..<Int.random(in: 1...5, using: &chance)).map { number in
                let topics = isEven ? ["t", "u"] : ["t", "u"].filter { _ in Bool.random(using: &chance) }
                return member("m\(number)", topics, rack: (names + [nil]).randomElement(using: &chance) ?? nil)
            }
            let assignment = strategy.assign(members, to: layout)
            let plain = strategy.assign(members, to: TopicLayout(partitionCounts: layout.partitionCounts))
            AssignmentStrategyTests.check(assignment, members, layout.partitionCounts, strategy, "seed \(seed)")
            if strategy == .range {
                // Shares of a topic differ by one at most; who has the greater one may change.
                for topic in ["t", "u"] {
                    let shares = members.filter { $0.topics.contains(topic) }.map { member in
                        assignment[member.memberID]?.count { $0.topic == topic } ?? 0
                    }
                    #expect((shares.max() ?? 0) - (shares.min() ?? 0) <= 1, "seed \(seed)")
                }
            }
            func near(_ assignment: [String: [TopicPartition]]) -> Int {
                members.reduce(0) { sum, member in
                    sum
                        + (assignment[member.memberID] ?? []).count { partition in
                            member.rack.map { layout.racks[partition]?.contains($0) ?? false } ?? false
                        }
                }
            }
            if strategy == .sticky { #expect(near(assignment) >= near(plain), "seed \(seed)") }
            #expect(strategy.assign(members.reversed(), to: layout) == assignment, "seed \(seed)")
        }
    }
}
