import Foundation
import KafkaClient
import KafkaMessages
import KafkaTestSupport
import Testing

/// Several members and a coordinator under random schedules: answers are lost, applications dawdle, members come and go.
///
/// At all times no partition has two owners in the group's generation; when the faults end, each has one.
@Suite("Random schedules of group members")
struct MembershipSimulationTests {
    static var seeds: UInt64 { ProcessInfo.processInfo.environment["SWKAFKA_SEEDS"].flatMap(UInt64.init) ?? 150 }

    struct Member {
        var membership: ClassicMembership
        /// The request whose answer is waited for.
        var token: Int?
        var isSync = false
        var hasHandover = false
    }

    struct World {
        var coordinator = ModelCoordinator()
        var members: [Member] = []
        var nowMs: Int64 = 0
        var lastToken = 0
        var chance: SeededGenerator
        var isFaulty = true
        let strategy: AssignmentStrategy
        let partitions: Int32

        init(seed: UInt64, strategy: AssignmentStrategy) {
            chance = SeededGenerator(seed: seed)
            self.strategy = strategy
            partitions = Int32.random(in: 1...9, using: &chance)
        }

        mutating func rolls(_ percent: Int) -> Bool {
            isFaulty && Int.random(in: 0..<100, using: &chance) < percent
        }

        mutating func add() {
            var membership = ClassicMembership(
                settings: .init(
                    groupID: "g",
                    sessionTimeoutMs: 10_000,
                    rebalanceTimeoutMs: 20_000,
                    heartbeatIntervalMs: 3000,
                    strategies: [strategy],
                    backoff: Backoff(base: .milliseconds(100), limit: .milliseconds(100))
                )
            )
            membership.subscribe(["t"], nowMs: nowMs)
            members.append(Member(membership: membership))
        }

        /// Lets one member do one thing.
        mutating func step(_ index: Int) {
            let lost = KafkaClientError(.connectionFailed, "lost")
            if let token = members[index].token {
                if rolls(2) { return answer(index, .failure(lost)) }
                guard let answer = coordinator.answers.removeValue(forKey: token) else { return }
                return self.answer(index, rolls(3) ? .failure(lost) : .success(answer))
            }
            if members[index].hasHandover, !rolls(60) {
                members[index].hasHandover = false
                members[index].membership.handedOver(nowMs: nowMs)
            }
            act(index, members[index].membership.next(nowMs: nowMs, absentSinceMs: nil))
        }

        private mutating func answer(_ index: Int, _ answer: Result<ModelCoordinator.Answer, KafkaClientError>) {
            members[index].token = nil
            let next: MembershipAction?
            switch answer {
            case .success(.join(let response)):
                next = members[index].membership.joined(.success(response), nowMs: nowMs)
            case .success(.sync(let response)):
                next = members[index].membership.synced(.success(response), nowMs: nowMs)
            case .failure(let error):
                next =
                    members[index].isSync
                    ? members[index].membership.synced(.failure(error), nowMs: nowMs)
                    : members[index].membership.joined(.failure(error), nowMs: nowMs)
            }
            if let next { act(index, next) }
        }

        private mutating func act(_ index: Int, _ action: MembershipAction) {
            switch action {
            case .wait: break
            case .handOver: members[index].hasHandover = true
            case .join(let request):
                lastToken += 1
                members[index].token = lastToken
                members[index].isSync = false
                if !rolls(3) { coordinator.join(request, token: lastToken, nowMs) }
            case .describe:
                let next = members[index].membership.described(.success(["t": partitions]), nowMs: nowMs)
                if let next { act(index, next) }
            case .sync(let request):
                lastToken += 1
                members[index].token = lastToken
                members[index].isSync = true
                if !rolls(3) { coordinator.sync(request, token: lastToken, nowMs) }
            case .heartbeat(let request):
                if rolls(5) {
                    members[index].membership.beaten(.failure(KafkaClientError(.timedOut, "lost")), nowMs: nowMs)
                } else {
                    let code = coordinator.heartbeat(request, nowMs)
                    members[index].membership.beaten(.success(HeartbeatResponse(errorCode: code)), nowMs: nowMs)
                }
            case .leave(let request): coordinator.leave(request, nowMs)
            case .beat, .resolve, .review, .stopped:
                Issue.record("a classic member does not \(action)")
            }
        }

        /// A partition that two members of the present generation have.
        var conflict: TopicPartition? {
            var seen: Set<TopicPartition> = []
            for member in members where member.membership.identity.generation == coordinator.generation {
                for partition in member.membership.owned where !seen.insert(partition).inserted { return partition }
            }
            return nil
        }
    }

    @Test(arguments: AssignmentStrategy.allCases)
    func noPartitionHasTwoOwners(strategy: AssignmentStrategy) {
        for seed in 0..<Self.seeds {
            var world = World(seed: seed, strategy: strategy)
            world.add()
            for _ in 0..<400 {
                if world.rolls(2), world.members.count < 4 { world.add() }
                if world.rolls(1), world.members.count > 1 {
                    world.members.remove(at: Int.random(in: world.members.indices, using: &world.chance))
                }
                world.nowMs += Int64.random(in: 0...800, using: &world.chance)
                world.coordinator.tick(world.nowMs)
                world.step(Int.random(in: world.members.indices, using: &world.chance))
                guard world.conflict == nil else {
                    Issue.record("seed \(seed), \(strategy): \(String(describing: world.conflict)) has two owners")
                    return
                }
            }
            world.isFaulty = false
            for _ in 0..<600 {
                world.nowMs += 100
                world.coordinator.tick(world.nowMs)
                for index in world.members.indices {
                    // A request that never reached the coordinator times out.
                    if world.nowMs % 5000 < 100, let token = world.members[index].token,
                        world.coordinator.answers[token] == nil
                    {
                        world.coordinator.answers[token] =
                            world.members[index].isSync
                            ? .sync(SyncGroupResponse(errorCode: .rebalanceInProgress))
                            : .join(JoinGroupResponse(errorCode: .rebalanceInProgress))
                    }
                    world.step(index)
                }
            }
            let owned = world.members.flatMap { $0.membership.owned }
            guard owned.count == Int(world.partitions), Set(owned).count == owned.count else {
                Issue.record("seed \(seed), \(strategy): \(owned) of \(world.partitions) at the end")
                return
            }
        }
    }
}
