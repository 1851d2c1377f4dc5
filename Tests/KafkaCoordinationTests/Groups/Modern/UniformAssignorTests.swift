import KafkaTestSupport
import KafkaWire
import Testing

@testable import KafkaCoordination

/// The `uniform` assignor where subscriptions differ and overlap.
@Suite struct UniformAssignorTests {
    private typealias Result = [String: AssignedPartitions]

    private static func id(_ number: Int) -> KafkaUUID { KafkaUUID(high: 3, low: UInt64(number)) }

    private struct Group {
        /// By topic number.
        var counts: [Int: Int32]
        /// By member id.
        var topics: [String: [Int]]

        func problem(former: Result) -> AssignmentProblem {
            AssignmentProblem(
                members: topics.map { member, topics in
                    .init(
                        id: member,
                        topics: topics.filter { counts[$0] != nil }.map { UniformAssignorTests.id($0) },
                        former: former[member] ?? AssignedPartitions()
                    )
                },
                partitionCounts: Dictionary(
                    uniqueKeysWithValues: counts.map { (UniformAssignorTests.id($0.key), $0.value) }
                )
            )
        }
    }

    /// Whether partitions could move along a chain from a member to one that has two fewer at least: then another division
    /// would be more even.
    private func couldBeMoreEven(_ result: Result, _ problem: AssignmentProblem) -> Bool {
        var subscribers: [KafkaUUID: [String]] = [:]
        for member in problem.members {
            for topic in member.topics { subscribers[topic, default: []].append(member.id) }
        }
        let loads = result.mapValues(\.count)
        return problem.members.contains { start in
            let load = loads[start.id] ?? 0
            var found = [start.id]
            var isFound: Set = [start.id]
            var hasSeen: Set<KafkaUUID> = []
            var next = 0
            while next < found.count {
                for topic in result[found[next]]?.topics.keys.sorted(by: { $0.precedes($1) }) ?? []
                where hasSeen.insert(topic).inserted {
                    for other in subscribers[topic] ?? [] where isFound.insert(other).inserted {
                        if loads[other] ?? 0 <= load - 2 { return true }
                        found.append(other)
                    }
                }
                next += 1
            }
            return false
        }
    }

    /// Every partition belongs to one subscriber.
    private func isWhole(_ result: Result, _ problem: AssignmentProblem) -> Bool {
        let owned = result.values.reduce(0) { $0 + $1.count }
        let wanted = problem.subscribers.reduce(0) { $0 + Int($1.count) }
        var distinct: Set<String> = []
        for member in problem.members {
            for (topic, partitions) in result[member.id]?.topics ?? [:] {
                guard member.topics.contains(topic), let count = problem.partitionCounts[topic],
                    partitions.allSatisfy({ (0..<count).contains($0) })
                else { return false }
                for partition in partitions { distinct.insert("\(topic)-\(partition)") }
            }
        }
        return owned == wanted && distinct.count == wanted && result.count == problem.members.count
    }

    private func moves(from former: Result, to result: Result) -> Int {
        former.reduce(0) { sum, pair in
            result[pair.key].map { sum + pair.value.subtracting($0).count } ?? sum
        }
    }

    /// Random groups whose members and topics come and go.
    @Test func isAsEvenAsCanBe() {
        for seed in SimulationSeeds(few: 150).all {
            var chance = SeededGenerator(seed: seed)
            let topics = Int.random(in: 1...8, using: &chance)
            let width = Int.random(in: 1...topics, using: &chance)
            var group = Group(counts: [:], topics: [:])
            for number in 0..<topics { group.counts[number] = Int32.random(in: 1...12, using: &chance) }
            var former: Result = [:]
            for step in 0..<8 {
                for _ in 0..<Int.random(in: 1...4, using: &chance) {
                    let name = "m\(Int.random(in: 0..<12, using: &chance))"
                    if group.topics.count > 2, Bool.random(using: &chance) {
                        group.topics[name] = nil
                    } else {
                        group.topics[name] = Array((0..<topics).shuffled(using: &chance).prefix(width))
                    }
                }
                if step == 4 { group.counts[0] = nil }
                let problem = group.problem(former: former)
                let result = ServerAssignor.uniform.assign(problem)
                #expect(isWhole(result, problem), "seed \(seed)")
                #expect(!couldBeMoreEven(result, problem), "seed \(seed)")
                let again = group.problem(former: result)
                #expect(ServerAssignor.uniform.assign(again) == result, "seed \(seed): what is even stays")
                former = result
            }
        }
    }

    /// Each member shares one topic with the next: one that has everything can relieve itself by long chains only.
    @Test func movesAlongLongChains() {
        let count = 60
        var group = Group(counts: [:], topics: [:])
        for number in 0..<count {
            group.counts[number] = 1
            group.topics[number < 10 ? "m0\(number)" : "m\(number)"] = [number, number + 1]
        }
        group.counts[0] = 1 + Int32(count) / 2
        let problem = group.problem(former: [:])
        let result = ServerAssignor.uniform.assign(problem)
        #expect(isWhole(result, problem) && !couldBeMoreEven(result, problem))
    }

    /// SWKAFKA_MEMBERS asks for more. Random topics for everybody, then one goes and one comes.
    @Test func manyMembersWithOverlappingTopics() {
        let count = BigGroupTests.count / 5
        var chance = SeededGenerator(seed: 1)
        var group = Group(counts: [:], topics: [:])
        for number in 0..<count / 2 { group.counts[number] = 2 }
        for number in 0..<count {
            group.topics["m\(number)"] = (0..<count / 2).filter { _ in Int.random(in: 0..<10, using: &chance) == 0 }
        }
        let first = group.problem(former: [:])
        let start = ServerAssignor.uniform.assign(first)
        #expect(isWhole(start, first))
        // Topics are so many that nearly everybody gets one partition.
        let loads = start.values.map(\.count)
        #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)

        group.topics["m1"] = nil
        group.topics["new"] = Array(0..<count / 2)
        let next = ServerAssignor.uniform.assign(group.problem(former: start))
        #expect(moves(from: start, to: next) <= 4)
    }

    /// One member had everything: its burden is spread in a few rounds, not partition by partition.
    @Test func relievesOneWhoHadAll() {
        let count = BigGroupTests.count / 5
        var group = Group(counts: [0: Int32(count), 1: 1], topics: [:])
        for number in 0..<count { group.topics["m\(number)"] = number == 0 ? [0, 1] : [0] }
        let all = AssignedPartitions([(Self.id(0), Array(0..<Int32(count))), (Self.id(1), [0])])
        let problem = group.problem(former: ["m0": all])
        let result = ServerAssignor.uniform.assign(problem)
        #expect(isWhole(result, problem))
        #expect(result["m0"]?[Self.id(1)] == [0])
        #expect(Set(result.values.map(\.count)).isSubset(of: [1, 2]))
    }
}
