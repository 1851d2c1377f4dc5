import KafkaMessages
import KafkaTestSupport
import KafkaWire
import Testing

@testable import KafkaCoordination

/// Consumer groups under random schedules: consumers come, go, crash and lose answers; topics change; writes fail; the
/// coordinator restarts from its log, compacted or not. `SWKAFKA_SEEDS` says how many, `SWKAFKA_SEED` repeats one.
@Suite struct ModernSimulationTests {
    @Test func holdsUnderRandomSchedules() {
        let failure = SimulationSeeds(few: 250).firstFailure { seed in
            var schedule = try ModernSimulation(seed: seed)
            try schedule.run()
        }
        #expect(failure == nil)
    }
}

struct ScheduleFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// One run.
struct ModernSimulation {
    private static let group = "g"
    private static let topics = ["alpha", "beta", "gamma"]

    private var world: ModernWorld
    private var random: SeededGenerator
    private var consumers: [SimulatedConsumer] = []
    private var generations: [String: UInt64] = [:]
    private var names = 0
    private let isMixed: Bool
    /// The greatest epochs seen: of the group, the target, and each member since it joined.
    private var epochs: (group: Int32, target: Int32) = (0, 0)
    private var memberEpochs: [String: Int32] = [:]
    /// How much of the log the rules for what it says have been held against.
    private var checkedLength = -1

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        var settings = ModernSettings()
        // A group that turns classic would be out of this schedule's sight.
        settings.migration = .upgrade
        // Half of the groups gather changes before they compute a target.
        if Bool.random(using: &random) {
            settings.pace.promptMembers = Int.random(in: 0...2, using: &random)
            settings.pace.microsecondsPerMember = Int.random(in: 100_000...1_000_000, using: &random)
        }
        world = ModernWorld(settings: settings)
        isMixed = Bool.random(using: &random)
        for topic in Self.topics where Bool.random(using: &random) { try create(topic) }
    }

    mutating func run() throws {
        for _ in 0..<Int.random(in: 10...120, using: &random) {
            try step()
            try check()
        }
        try settle()
        try compareWithLog()
    }

    // MARK: Steps

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<9: if consumers.filter(\.isAlive).count < 6 { join() }
        case 9..<12: leave()
        case 12..<15: crash()
        case 15..<19: try changeTopics()
        case 19..<22: changeSubscription()
        case 22..<24: world.failsNextWrite = true
        case 24..<26: try restart()
        case 26..<31: world.advance(Int64.random(in: 1...15_000, using: &random))
        case 31..<33: returnStatic()
        case 33..<50: followOne()
        default:
            world.advance(Int64.random(in: 0...500, using: &random))
            beatOne(loses: Int.random(in: 0..<8, using: &random) == 0)
        }
    }

    private mutating func join() {
        names += 1
        let kind = isMixed ? SimulatedConsumer.Kind.allCases.randomElement(using: &random) ?? .modern : .modern
        // Only a group that exists takes classic members here.
        let isPossible = world.groups.groups[Self.group] != nil
        let chosen = isPossible ? kind : .modern
        var consumer = SimulatedConsumer(kind: chosen, id: chosen == .modern ? "m\(names)" : "", topics: someTopics())
        if chosen == .modern {
            if Int.random(in: 0..<5, using: &random) == 0 {
                consumer.pattern = ["al.*", ".*a", "gam+a"].randomElement(using: &random)
            }
            if Int.random(in: 0..<4, using: &random) == 0 {
                consumer.assignor = ["range", "uniform"].randomElement(using: &random)
            }
        }
        if Int.random(in: 0..<4, using: &random) == 0 { consumer.instance = "i\(names)" }
        consumers.append(consumer)
    }

    private mutating func someTopics() -> [String] {
        Int.random(in: 0..<3, using: &random) == 0
            ? Self.topics.filter { _ in Bool.random(using: &random) } : Self.topics
    }

    private mutating func pick(_ isFit: (SimulatedConsumer) -> Bool) -> Int? {
        consumers.indices.filter { isFit(consumers[$0]) }.randomElement(using: &random)
    }

    private mutating func beatOne(loses: Bool) {
        guard let index = pick(\.isAlive) else { return }
        beat(index, loses: loses)
    }

    private mutating func beat(_ index: Int, loses: Bool) {
        guard consumers[index].kind == .modern else {
            return consumers[index].walk(&world, Self.group, loses: loses)
        }
        let request = consumers[index].request(Self.group)
        let response = world.heartbeat(request)
        if loses {
            consumers[index].saysAll = true
        } else {
            consumers[index].take(response)
        }
    }

    private mutating func followOne() {
        let isPartial = Bool.random(using: &random)
        guard let index = pick({ $0.isAlive && $0.kind == .modern && $0.told != nil }) else { return }
        consumers[index].follow(isPartial: isPartial)
    }

    private mutating func leave() {
        guard let index = pick({ $0.isAlive && $0.epoch > 0 }) else { return }
        let consumer = consumers[index]
        consumers[index].owned = AssignedPartitions()
        consumers[index].isAlive = false
        if consumer.kind != .modern {
            // If it is not written the session ends instead.
            _ = try? world.leave(Self.group, consumer.id)
        } else {
            var request = ConsumerGroupHeartbeatRequest(groupId: Self.group, memberId: consumer.id)
            request.instanceId = consumer.instance
            request.memberEpoch = consumer.instance == nil || Bool.random(using: &random) ? -1 : -2
            _ = world.heartbeat(request)
        }
    }

    private mutating func crash() {
        guard let index = pick(\.isAlive) else { return }
        consumers[index].isAlive = false
    }

    /// Another process with the instance id of one that is gone.
    private mutating func returnStatic() {
        guard let index = pick({ !$0.isAlive && $0.instance != nil && $0.kind == .modern }) else { return }
        guard !consumers.contains(where: { $0.isAlive && $0.instance == consumers[index].instance }) else { return }
        names += 1
        var consumer = SimulatedConsumer(kind: .modern, id: "m\(names)", topics: consumers[index].topics)
        consumer.instance = consumers[index].instance
        consumers[index].owned = AssignedPartitions()
        consumers.append(consumer)
    }

    private mutating func changeSubscription() {
        let topics = someTopics()
        guard let index = pick({ $0.isAlive && $0.kind == .modern }) else { return }
        consumers[index].topics = topics
        if Bool.random(using: &random) { consumers[index].pattern = nil }
        consumers[index].saysAll = true
    }

    private mutating func create(_ topic: String) throws {
        generations[topic, default: 0] += 1
        let partitions = Int32.random(in: 1...6, using: &random)
        try world.createTopic(topic, partitions: partitions, generation: generations[topic] ?? 1)
    }

    private mutating func changeTopics() throws {
        let topic = Self.topics.randomElement(using: &random) ?? "alpha"
        if world.image.topics[topic] == nil {
            try create(topic)
        } else if Int.random(in: 0..<3, using: &random) == 0 {
            try world.deleteTopic(topic)
        } else {
            try world.grow(topic)
        }
    }

    private mutating func restart() throws {
        try compareWithLog()
        if Bool.random(using: &random) { world.log = world.compacted }
        try world.restart()
    }

    private func compareWithLog() throws {
        guard try world.replayed(world.log).groups == world.groups.groups else {
            throw ScheduleFailure("the log gives another state")
        }
        guard try world.replayed(world.compacted).groups == world.groups.groups else {
            throw ScheduleFailure("the compacted log gives another state")
        }
    }

    // MARK: Rules

    private mutating func check() throws {
        guard let group = world.groups.groups[Self.group] else { return }
        try checkConsumers(group)
        guard world.log.count != checkedLength else { return }
        checkedLength = world.log.count
        try checkOwners(group)
        guard group.epoch >= epochs.group, group.targetEpoch >= epochs.target else {
            throw ScheduleFailure("epochs went back: \(group.epoch) after \(epochs.group)")
        }
        epochs = (group.epoch, group.targetEpoch)
        for member in group.members.values {
            guard member.epoch <= group.epoch else { throw ScheduleFailure("\(member.id) is ahead of its group") }
            if member.epoch > 0, let before = memberEpochs[member.id], member.epoch < before {
                throw ScheduleFailure("\(member.id) went from epoch \(before) to \(member.epoch)")
            }
        }
        memberEpochs = Dictionary(uniqueKeysWithValues: group.members.values.map { ($0.id, $0.epoch) })
    }

    /// A partition has one owner at most, and the target gives it once at most.
    private func checkOwners(_ group: ModernGroup) throws {
        var owned = PartitionMask()
        for member in group.members.values {
            guard owned.insert(member.assigned), owned.insert(member.revoking) else {
                throw ScheduleFailure("a partition has two owners")
            }
            for (topic, partitions) in member.owned.topics {
                for partition in partitions where group.owner(topic, partition) != member.id {
                    throw ScheduleFailure("\(member.id) is not known as owner of \(partition)")
                }
            }
        }
        var target = PartitionMask()
        for partitions in group.targets.values where !target.insert(partitions) {
            throw ScheduleFailure("a partition is given twice")
        }
    }

    /// No two consumers whose commits would be taken work on the same partition. (One whose last answer was lost may
    /// be an epoch behind and begin with what was taken from it again; its commits are refused, and its next heartbeat
    /// fences it.)
    private func checkConsumers(_ group: ModernGroup) throws {
        var worked = PartitionMask()
        for consumer in consumers where consumer.isAlive && consumer.epoch > 0 {
            guard group.members[consumer.id]?.epoch == consumer.epoch else { continue }
            guard worked.insert(consumer.owned) else {
                throw ScheduleFailure("two consumers work on one partition:\n\(description(of: group))")
            }
        }
    }

    /// For people who look for the cause.
    private func description(of group: ModernGroup) -> String {
        let lines = consumers.filter { $0.isAlive || group.members[$0.id] != nil }.map { consumer in
            let member = group.members[consumer.id]
            let coordinator =
                member.map {
                    "\($0.progress) \($0.epoch)/\($0.previousEpoch) \($0.assigned.sorted) \($0.revoking.sorted)"
                }
            let told = consumer.told?.sorted.map { "\($0)" } ?? []
            return "\(consumer.kind) \(consumer.id) \(consumer.step) epoch \(consumer.epoch) owns "
                + "\(consumer.owned.sorted) told \(told) | \(coordinator ?? "no member")"
        }
        return "group \(group.epoch), target \(group.targetEpoch)\n" + lines.joined(separator: "\n")
    }

    // MARK: The end

    /// Without further trouble every group comes to rest, with every partition in the hands of a consumer.
    private mutating func settle() throws {
        world.failsNextWrite = false
        for consumer in consumers.indices where !consumers[consumer].isAlive {
            consumers[consumer].owned = AssignedPartitions()
        }
        var quiet = 0
        // A session of 45 s ends within so many rounds.
        let enough = 12
        for _ in 0..<150 where quiet < enough {
            let length = world.log.count
            for index in consumers.indices where consumers[index].isAlive {
                beat(index, loses: false)
                if consumers[index].kind == .modern {
                    consumers[index].follow(isPartial: false)
                    consumers[index].follow(isPartial: false)
                }
            }
            world.advance(4500)
            try check()
            quiet = world.log.count == length ? quiet + 1 : 0
        }
        guard quiet == enough else { throw ScheduleFailure("the group does not come to rest") }
        guard let group = world.groups.groups[Self.group] else { return }
        let living = consumers.filter(\.isAlive)
        guard group.members.count == living.count else {
            let ids = group.members.keys.filter { id in !living.contains { $0.id == id } }
            let words = ids.map { id in
                let deadline = world.groups.timers.deadlineMs(of: ModernTimer(Self.group, id, .session))
                return "\(id) in epoch \(group.members[id]?.epoch ?? 0) until \(deadline ?? -1)"
            }
            throw ScheduleFailure("\(living.count) consumers live at \(world.nowMs); also members: \(words)")
        }
        guard !living.isEmpty else { return }
        guard group.state == .stable else { throw ScheduleFailure("the group is \(group.state)") }
        for consumer in living {
            guard group.members[consumer.id]?.assigned == group.targets[consumer.id],
                consumer.owned == group.targets[consumer.id]
            else { throw ScheduleFailure("\(consumer.id) has not reached its target") }
        }
        try checkCoverage(group)
    }

    private func checkCoverage(_ group: ModernGroup) throws {
        var all = AssignedPartitions()
        for name in group.subscribedTopics {
            if let topic = world.image.topics[name] { all[topic.id] = (0..<Int32(topic.partitions.count)).map { $0 } }
        }
        let given = group.targets.values.reduce(AssignedPartitions()) { $0.union($1) }
        guard given == all else { throw ScheduleFailure("\(all.count - given.count) partitions have no consumer") }
    }
}

/// Partitions with small numbers, as bits: their union costs next to nothing.
private struct PartitionMask {
    private var topics: [(id: KafkaUUID, bits: UInt64)] = []

    /// False if any of them was there already.
    mutating func insert(_ partitions: AssignedPartitions) -> Bool {
        for (id, numbers) in partitions.topics {
            let bits = numbers.reduce(into: UInt64(0)) { $0 |= 1 << UInt64($1) }
            guard let index = topics.firstIndex(where: { $0.id == id }) else {
                topics.append((id, bits))
                continue
            }
            guard topics[index].bits & bits == 0 else { return false }
            topics[index].bits |= bits
        }
        return true
    }
}
