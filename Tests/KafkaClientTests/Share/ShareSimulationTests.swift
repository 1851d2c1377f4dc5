import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Testing

/// Members of a share group under random schedules: requests and answers are lost or late, brokers forget sessions, the
/// group forgets members, partitions move, applications keep records too long or never say what became of them.
///
/// No request ever breaks the protocol (the model throws), no record is acknowledged that the application did not settle,
/// and when the faults end every record is settled.
@Suite("Random schedules of a share group") struct ShareSimulationTests {
    private struct Member {
        var membership: ShareMembership
        var core: ShareConsumerCore
        var held: [SharedBatch] = []
        /// Answers on their way, by broker.
        var mail: [Int32: Result<ShareFetchResponse, KafkaClientError>] = [:]

        init(_ name: String) {
            let backoff = Backoff(base: .milliseconds(100), limit: .milliseconds(500))
            membership = ShareMembership(settings: .init(groupID: "g", memberID: name, backoff: backoff))
            core = ShareConsumerCore(ShareConsumerConfiguration(groupID: "g"), memberID: name, backoff: backoff)
            membership.subscribe(["t"], nowMs: 0)
            membership.resolved([ModelShareCluster.topic: "t"])
        }
    }

    private struct World {
        var chance: SeededGenerator
        var cluster: ModelShareCluster
        var members: [Member]
        var nowMs: Int64 = 0
        var isFaulty = true
        /// What the applications have seen.
        var seen: Set<String> = []

        init(seed: UInt64) {
            chance = SeededGenerator(seed: seed)
            cluster = ModelShareCluster(partitions: Int32.random(in: 1...4, using: &chance), using: &chance)
            members = (1...Int.random(in: 1...3, using: &chance)).map { Member("m\($0)") }
        }

        mutating func rolls(_ percent: Int) -> Bool { isFaulty && Int.random(in: 0..<100, using: &chance) < percent }

        private static let lost = KafkaClientError(.timedOut, "lost")

        mutating func step(_ index: Int) throws {
            try beat(index)
            let leaders = cluster.leaders
            members[index].core.learnLeaders { partition in
                leaders[SharePlace(topicID: ModelShareCluster.topic, partition: partition.partition)]
            }
            for (node, answer) in members[index].mail where !rolls(40) {
                members[index].mail[node] = nil
                _ = members[index].core.fetched(rolls(5) ? .failure(Self.lost) : answer, from: node, nowMs: nowMs)
            }
            while let next = members[index].core.take() {
                let batch = try next.get()
                members[index].held.append(batch)
                var records = try batch.batch.records()
                while let record = try records.next(), record.offset <= batch.offsets.upperBound {
                    seen.insert(record.value.map { String(buffer: $0) } ?? "")
                }
            }
            work(index)
            if rolls(20) {
                members[index].core.rest()
            } else {
                members[index].core.want(Int.random(in: 1...12, using: &chance))
            }
            for (node, request) in members[index].core.takeRequests(nowMs: nowMs).requests.sorted(by: {
                $0.key < $1.key
            }) {
                if rolls(4) {
                    members[index].mail[node] = .failure(Self.lost)
                } else {
                    members[index].mail[node] = .success(try cluster.fetch(request, at: node, nowMs))
                }
            }
        }

        private mutating func beat(_ index: Int) throws {
            guard case .beat(let request) = members[index].membership.next(nowMs: nowMs) else { return }
            if rolls(5) {
                members[index].membership.beaten(.failure(Self.lost), nowMs: nowMs)
            } else {
                let answer = try cluster.heartbeat(request, nowMs)
                members[index].membership.beaten(rolls(5) ? .failure(Self.lost) : .success(answer), nowMs: nowMs)
            }
            members[index].core.assign(members[index].membership.assignment)
        }

        /// The application settles what it holds, or keeps it, or forgets it.
        private mutating func work(_ index: Int) {
            while let batch = members[index].held.first {
                if rolls(30) { return }
                members[index].held.removeFirst()
                if rolls(10) { continue }
                let outcome: ShareAcknowledgement = rolls(15) ? .release : rolls(5) ? .reject : .accept
                let first = batch.offsets.lowerBound
                let end = rolls(20) ? Int64.random(in: batch.offsets, using: &chance) : batch.offsets.upperBound
                members[index].core.acknowledge(batch, first...end, as: outcome)
                if end < batch.offsets.upperBound {
                    members[index].core.acknowledge(batch, (end + 1)...batch.offsets.upperBound, as: .accept)
                }
            }
        }

        mutating func disturb() {
            if rolls(3) { cluster.forgetSessions(of: Int32.random(in: 1...2, using: &chance)) }
            if rolls(3) { cluster.forgetMember("m1") }
            if rolls(3), let place = cluster.leaders.keys.sorted().randomElement(using: &chance) {
                cluster.leaders[place] = Int32.random(in: 1...2, using: &chance)
            }
        }

        /// The member ends: what it has said arrives, the rest goes back.
        mutating func leave(_ index: Int) throws {
            for (node, answer) in members[index].mail {
                _ = members[index].core.fetched(answer, from: node, nowMs: nowMs)
            }
            for (node, request) in members[index].core.close() {
                members[index].core.closed(.success(try cluster.close(request, at: node)), at: node)
            }
            if let request = members[index].membership.leave() { _ = try cluster.heartbeat(request, nowMs) }
            members.remove(at: index)
        }
    }

    @Test func everyRecordIsSettledInTheEnd() {
        let failure = SimulationSeeds(few: 60).firstFailure { seed in
            var world = World(seed: seed)
            for _ in 0..<250 {
                world.nowMs += Int64.random(in: 0...400, using: &world.chance)
                world.cluster.tick(world.nowMs)
                world.disturb()
                try world.step(Int.random(in: world.members.indices, using: &world.chance))
                if world.rolls(1), world.members.count > 1 { try world.leave(0) }
            }
            world.isFaulty = false
            var rounds = 0
            while !world.cluster.isDone {
                rounds += 1
                guard rounds < 600 else {
                    throw ModelShareCluster.Mistake(description: "never ends: \(world.cluster.records)")
                }
                world.nowMs += 200
                world.cluster.tick(world.nowMs)
                for index in world.members.indices { try world.step(index) }
            }
            while !world.members.isEmpty { try world.leave(0) }
            guard world.seen.isSuperset(of: world.cluster.names) else {
                throw ModelShareCluster.Mistake(
                    description: "settled and never seen: \(world.cluster.names.subtracting(world.seen))"
                )
            }
        }
        #expect(failure == nil)
    }
}
