import KafkaTestSupport
import KafkaWire
import Testing

@testable import KafkaCoordination

@Suite struct AssignorTests {
    private let first = KafkaUUID(high: 1, low: 1)
    private let second = KafkaUUID(high: 1, low: 2)
    private let third = KafkaUUID(high: 1, low: 3)

    private func problem(
        _ subscriptions: [String: [KafkaUUID]],
        _ counts: [KafkaUUID: Int32],
        former: [String: AssignedPartitions] = [:]
    ) -> AssignmentProblem {
        AssignmentProblem(
            members: subscriptions.map {
                .init(id: $0.key, topics: $0.value, former: former[$0.key] ?? AssignedPartitions())
            },
            partitionCounts: counts
        )
    }

    @Test(arguments: ServerAssignor.allCases) func nobodyGetsNothing(_ assignor: ServerAssignor) {
        #expect(assignor.assign(problem([:], [first: 3])).isEmpty)
        #expect(assignor.assign(problem(["a": []], [first: 3])) == ["a": AssignedPartitions()])
        #expect(assignor.assign(problem(["a": [first]], [:])) == ["a": AssignedPartitions()])
        #expect(assignor.assign(problem(["a": [first]], [first: 0])) == ["a": AssignedPartitions()])
    }

    @Test(arguments: ServerAssignor.allCases) func oneGetsAll(_ assignor: ServerAssignor) {
        let result = assignor.assign(problem(["a": [first, second]], [first: 3, second: 1]))
        #expect(result == ["a": AssignedPartitions([(first, [0, 1, 2]), (second, [0])])])
    }

    @Test func rangeGivesTheSameNumbersOfAllTopics() {
        let result = ServerAssignor.range.assign(
            problem(["a": [first, second], "b": [first, second]], [first: 3, second: 3])
        )
        #expect(result["a"] == AssignedPartitions([(first, [0, 1]), (second, [0, 1])]))
        #expect(result["b"] == AssignedPartitions([(first, [2]), (second, [2])]))
    }

    @Test func rangeKeepsWhoHadWhat() {
        let former = [
            "b": AssignedPartitions([(first, [0, 1, 2, 3, 4, 5])]),
            "c": AssignedPartitions([(first, [6, 7, 8, 9, 10, 11])]),
        ]
        let result = ServerAssignor.range.assign(
            problem(["a": [first], "b": [first], "c": [first]], [first: 12], former: former)
        )
        #expect(result["b"]?[first] == [0, 1, 2, 3])
        #expect(result["a"]?[first] == [4, 5, 6, 7])
        #expect(result["c"]?[first] == [8, 9, 10, 11])
    }

    @Test func rangeFollowsTheInstance() {
        let members = [
            AssignmentProblem.Member(id: "z", instanceID: "1", topics: [first]),
            AssignmentProblem.Member(id: "a", instanceID: "2", topics: [first]),
        ]
        let result = ServerAssignor.range.assign(AssignmentProblem(members: members, partitionCounts: [first: 2]))
        #expect(result["z"]?[first] == [0])
        #expect(result["a"]?[first] == [1])
    }

    @Test func uniformMovesAlongChains() {
        // a can relieve nobody but b, b nobody but c: evenness needs both moves.
        let former = ["a": AssignedPartitions([(first, [0, 1, 2])]), "b": AssignedPartitions([(second, [0])])]
        let result = ServerAssignor.uniform.assign(
            problem(
                ["a": [first], "b": [first, second], "c": [second]],
                [first: 3, second: 1],
                former: former
            )
        )
        #expect(result["a"]?.count == 2)
        #expect(result["b"] == AssignedPartitions([(first, [2])]))
        #expect(result["c"] == AssignedPartitions([(second, [0])]))
    }

    /// Random groups that change, each target following from the one before.
    @Test(arguments: ServerAssignor.allCases) func holdsItsPromises(_ assignor: ServerAssignor) {
        for seed in SimulationSeeds(few: 200).all {
            var generator = SeededGenerator(seed: seed)
            var former: [String: AssignedPartitions] = [:]
            let isMixed = Bool.random(using: &generator)
            for _ in 0..<6 {
                var counts: [KafkaUUID: Int32] = [:]
                for topic in [first, second, third] where Int.random(in: 0..<5, using: &generator) > 0 {
                    counts[topic] = Int32.random(in: 1...9, using: &generator)
                }
                let all = counts.keys.sorted { $0.precedes($1) }
                var subscriptions: [String: [KafkaUUID]] = [:]
                for name in ["a", "b", "c", "d", "e"] where Bool.random(using: &generator) {
                    subscriptions[name] = isMixed ? all.filter { _ in Bool.random(using: &generator) } : all
                }
                let problem = problem(subscriptions, counts, former: former)
                let result = assignor.assign(problem)
                check(result, problem, assignor, seed: seed)
                #expect(assignor.assign(self.problem(subscriptions, counts, former: result)) == result, "seed \(seed)")
                former = result
            }
        }
    }

    private func check(
        _ result: [String: AssignedPartitions],
        _ problem: AssignmentProblem,
        _ assignor: ServerAssignor,
        seed: UInt64
    ) {
        var owners: [KafkaUUID: [Int32: String]] = [:]
        for (member, partitions) in result {
            for (topic, numbers) in partitions.topics {
                for number in numbers {
                    #expect(owners[topic, default: [:]].updateValue(member, forKey: number) == nil, "seed \(seed)")
                }
            }
        }
        for (topic, count, subscribers) in problem.subscribers {
            let names = Set(subscribers.map { problem.members[$0].id })
            #expect(owners[topic]?.count == Int(count), "seed \(seed)")
            #expect(owners[topic]?.values.allSatisfy(names.contains) == true, "seed \(seed)")
        }
        guard assignor == .uniform else { return checkRanges(result, problem, seed: seed) }
        for member in problem.members {
            for other in problem.members {
                let load = result[member.id]?.count ?? 0
                let canGive = result[member.id]?.topics.keys.contains(where: other.topics.contains) == true
                #expect(!canGive || load <= (result[other.id]?.count ?? 0) + 1, "seed \(seed)")
            }
        }
        if Set(problem.members.map(\.topics)).count == 1 { checkMoves(result, problem, seed: seed) }
    }

    private func checkRanges(_ result: [String: AssignedPartitions], _ problem: AssignmentProblem, seed: UInt64) {
        for (topic, count, subscribers) in problem.subscribers {
            for member in subscribers {
                let numbers = result[problem.members[member].id]?[topic] ?? []
                let lengths = Int(count) / subscribers.count...(Int(count) + subscribers.count - 1) / subscribers.count
                #expect(lengths.contains(numbers.count), "seed \(seed)")
                if let start = numbers.first {
                    #expect(numbers == Array(start..<start + Int32(numbers.count)), "seed \(seed)")
                }
            }
        }
    }

    /// With equal subscriptions no fewer moves would do: the greater shares belong to those who had them.
    private func checkMoves(_ result: [String: AssignedPartitions], _ problem: AssignmentProblem, seed: UInt64) {
        let kept = problem.members.map { member in
            member.former.filter { topic, number in
                member.topics.contains(topic) && problem.partitionCounts[topic].map { number < $0 } == true
            }
        }
        let total = problem.subscribers.reduce(0) { $0 + Int($1.count) }
        let (share, greater) = total.quotientAndRemainder(dividingBy: problem.members.count)
        let excess = kept.map { max(0, $0.count - share) }.sorted(by: >)
        let needed = excess.enumerated().reduce(0) { $0 + ($1.offset < greater ? max(0, $1.element - 1) : $1.element) }
        let lost = zip(problem.members, kept).reduce(0) { sum, pair in
            sum + pair.1.subtracting(result[pair.0.id] ?? AssignedPartitions()).count
        }
        #expect(lost == needed, "seed \(seed)")
    }

    @Test func dividesManyPartitionsAmongManyMembers() {
        let topics = (0..<100).map { KafkaUUID(high: 2, low: UInt64($0)) }
        let counts = Dictionary(uniqueKeysWithValues: topics.map { ($0, Int32(30)) })
        var subscriptions = Dictionary(uniqueKeysWithValues: (0..<100).map { ("m\($0)", topics) })
        let start = ServerAssignor.uniform.assign(problem(subscriptions, counts))
        subscriptions["m100"] = topics
        let next = ServerAssignor.uniform.assign(problem(subscriptions, counts, former: start))
        #expect(next["m100"]?.count == 29)
        let moved = start.reduce(0) { $0 + $1.value.subtracting(next[$1.key] ?? AssignedPartitions()).count }
        #expect(moved == 29)
    }
}
