import KafkaMessages
import KafkaTestSupport
import NIOCore

@testable import KafkaCoordination

/// One random life of a group, and what it broke.
///
/// Checked: no partition has two owners in one generation; the generation in the log never goes back; an acknowledged
/// offset is there until a later one replaces it; a transaction's offsets count together or not at all; every held
/// request is answered once; a restart comes to the state that was written.
struct GroupSimulation {
    private static let partitions: Int32 = 12

    private struct Client {
        enum Phase: Equatable {
            case out
            case joining(HeldToken)
            case syncing(HeldToken)
            case member
        }

        var phase = Phase.out
        var memberID = ""
        var instance: String?
        var generation: Int32 = -1
        var isLeader = false
        /// Members to assign to, if it leads.
        var others: [String] = []
        var version: Int
    }

    private(set) var problems: [String] = []
    private let talk: GroupConversation
    private var random: SeededGenerator
    private var clients: [Client] = []
    /// By generation and partition: the member or instance that got it.
    private var owners: [Int32: [Character: String]] = [:]
    private var instances: [String: String] = [:]
    private var issued: Set<HeldToken> = []
    /// Requests whose process died.
    private var lost: Set<HeldToken> = []
    private var acknowledged: [Int32: Int64] = [:]
    private var nextOffset: Int64 = 1
    /// Open transactions with what they would commit.
    private var transactions: [Int64: [Int32: (offset: Int64, order: Int64)]] = [:]
    /// Order of the commit that holds for a partition.
    private var orders: [Int32: Int64] = [:]
    private var lastLogged: Int32 = 0
    private var seenLog = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        var delayMs: Int64 = 0
        if Bool.random(using: &random) { delayMs = Int64.random(in: 1...3000, using: &random) }
        let size = Bool.random(using: &random) ? 4 : Int(Int32.max)
        talk = GroupConversation {
            $0.initialRebalanceDelayMs = delayMs
            $0.maximumSize = size
        }
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps where problems.isEmpty {
            step()
            check()
        }
        guard problems.isEmpty else { return }
        // Nobody moves any more: everything that waits is answered in the end.
        for _ in 0..<10 { talk.advance(300_000) }
        check()
        for token in issued.subtracting(lost).subtracting(talk.refused) where talk.replies[token] == nil {
            problems.append("\(token) was never answered")
        }
    }

    // MARK: Steps

    private mutating func step() {
        talk.failsToWrite = chance(5)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<8: if clients.count < 8 { addClient() }
        case 8..<70: if let index = clients.indices.randomElement(using: &random) { move(index) }
        case 70..<80: commit()
        case 80..<86: transact()
        case 86..<97: talk.advance(Int64.random(in: 1...4000, using: &random))
        case 97: talk.advance(Int64.random(in: 4000...60_000, using: &random))
        default: restart()
        }
        talk.failsToWrite = false
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func addClient() {
        var client = Client(version: Int.random(in: 0...9, using: &random))
        if client.version >= 5, chance(40) { client.instance = "i\(Int.random(in: 0..<3, using: &random))" }
        clients.append(client)
    }

    /// A client takes its answer if there is one, and does what comes next, or something foolish.
    private mutating func move(_ index: Int) {
        if chance(4) {
            // It crashes; a static one comes back with its name.
            let instance = clients[index].instance
            let version = clients[index].version
            clients[index] = Client(version: version)
            clients[index].instance = instance
            return
        }
        if chance(4), clients[index].instance == nil, !clients[index].memberID.isEmpty {
            _ = talk.leave(clients[index].memberID)
            clients[index] = Client(version: clients[index].version)
            return
        }
        switch clients[index].phase {
        case .out: join(index)
        case .joining(let token):
            if let answer = talk.joined(token) {
                takeJoin(answer, index)
            } else if talk.refused.contains(token) || chance(10) {
                // The coordinator could not write, or the connection broke; the request is sent again.
                join(index)
            }
        case .syncing(let token):
            if let answer = talk.synced(token) {
                takeSync(answer, index)
            } else if talk.refused.contains(token) || chance(10) {
                sync(index)
            }
        case .member: heartbeat(index)
        }
    }

    private mutating func join(_ index: Int) {
        let client = clients[index]
        let protocols = chance(80) ? ["range", "sticky"] : ["sticky", "range"]
        let token = talk.join(
            client.memberID,
            instance: client.instance,
            protocols: protocols,
            sessionMs: 6000 + Int32.random(in: 0...6000, using: &random),
            rebalanceMs: 10_000 + Int32.random(in: 0...10_000, using: &random),
            requiresID: client.version >= 4,
            canSkip: client.version >= 9
        )
        issue(token)
        clients[index].phase = .joining(token)
    }

    private mutating func takeJoin(_ answer: JoinGroupResponse, _ index: Int) {
        if chance(5) { return clients[index].phase = .out }
        switch answer.errorCode {
        case .none:
            clients[index].memberID = answer.memberId
            clients[index].generation = answer.generationId
            if let instance = clients[index].instance { instances[answer.memberId] = instance }
            clients[index].isLeader = answer.leader == answer.memberId && !answer.skipAssignment
            clients[index].others = answer.members.map(\.memberId)
            sync(index)
        case .memberIdRequired:
            clients[index].memberID = answer.memberId
            join(index)
        default: recover(answer.errorCode, index)
        }
    }

    private mutating func sync(_ index: Int) {
        let client = clients[index]
        var parts: [String: String] = [:]
        if client.isLeader, !client.others.isEmpty {
            for partition in 0..<Self.partitions {
                let name = Character(Unicode.Scalar(UInt8(97 + partition)))
                parts[client.others[Int(partition) % client.others.count], default: ""].append(name)
            }
        }
        let token = talk.sync(client.memberID, client.generation, instance: client.instance, parts)
        issue(token)
        clients[index].phase = .syncing(token)
    }

    private mutating func takeSync(_ answer: SyncGroupResponse, _ index: Int) {
        guard answer.errorCode == .none else { return recover(answer.errorCode, index) }
        clients[index].phase = .member
        // An answer that was overtaken means nothing to anybody.
        let client = clients[index]
        let owner = client.instance ?? client.memberID
        for partition in String(buffer: answer.assignment) {
            let known = owners[client.generation, default: [:]].updateValue(owner, forKey: partition)
            if let known, known != owner {
                problems.append("\(partition) is owned by \(known) and \(owner) in generation \(client.generation)")
            }
        }
    }

    private mutating func heartbeat(_ index: Int) {
        let client = clients[index]
        if chance(15) { return join(index) }
        let code = talk.heartbeat(client.memberID, client.generation, instance: client.instance)
        if let code, code != .none { recover(code, index) }
    }

    private mutating func recover(_ code: ErrorCode, _ index: Int) {
        switch code {
        case .unknownMemberId:
            clients[index].memberID = ""
            clients[index].generation = -1
        case .illegalGeneration: clients[index].generation = -1
        case .rebalanceInProgress, .coordinatorNotAvailable, .groupMaxSizeReached: break
        case .fencedInstanceId:
            // Fatal for a client; here another one takes its place.
            clients[index] = Client(version: clients[index].version)
            return
        default: problems.append("unexpected \(code)")
        }
        clients[index].phase = .out
    }

    private mutating func issue(_ token: HeldToken) { issued.insert(token) }

    // MARK: Offsets

    private mutating func commit() {
        guard let client = clients.randomElement(using: &random) else { return }
        let partition = Int32.random(in: 0..<Self.partitions, using: &random)
        nextOffset += 1
        let codes = talk.commit(
            client.memberID,
            client.generation,
            instance: client.instance,
            offsets: [partition: nextOffset]
        )
        guard codes == [.none] else { return }
        acknowledged[partition] = nextOffset
        orders[partition] = nextOffset
    }

    private mutating func transact() {
        let producer = Int64.random(in: 1...3, using: &random)
        if transactions[producer] == nil || chance(40) {
            let partition = Int32.random(in: 0..<Self.partitions, using: &random)
            nextOffset += 1
            guard talk.commitInTransaction(producer, offsets: [partition: nextOffset]) == [.none] else { return }
            transactions[producer, default: [:]][partition] = (nextOffset, nextOffset)
        } else {
            let isCommit = Bool.random(using: &random)
            talk.endTransaction(producer, isCommit: isCommit)
            for (partition, commit) in transactions.removeValue(forKey: producer) ?? [:] where isCommit {
                guard commit.order > orders[partition] ?? 0 else { continue }
                acknowledged[partition] = commit.offset
                orders[partition] = commit.order
            }
        }
    }

    // MARK: Restarts and rules

    private mutating func restart() {
        let before = Durable(talk)
        talk.restart()
        let after = Durable(talk)
        if let difference = before.difference(after, lastLogged: lastLogged) {
            problems.append("a restart forgot: \(difference)")
        }
        for token in issued where talk.replies[token] == nil { lost.insert(token) }
        for index in clients.indices {
            switch clients[index].phase {
            case .joining(let token) where talk.replies[token] == nil: clients[index].phase = .out
            case .syncing(let token) where talk.replies[token] == nil: clients[index].phase = .out
            case .out, .joining, .syncing, .member: break
            }
        }
    }

    private mutating func check() {
        for entry in talk.log[seenLog...] {
            guard case .record(let record, _) = entry,
                case .group(_, let value?)? = try? GroupRecord(decoding: record)
            else { continue }
            if value.generation < lastLogged { problems.append("generation \(value.generation) after \(lastLogged)") }
            lastLogged = value.generation
        }
        seenLog = talk.log.count
        for (partition, offset) in acknowledged where talk.offset(partition) != offset {
            problems.append("offset \(offset) of \(partition) is \(String(describing: talk.offset(partition)))")
        }
        for partition in Set(transactions.values.flatMap(\.keys)) where talk.offset(partition, stable: true) != nil {
            problems.append("\(partition) is told although a transaction is open")
        }
    }
}

/// What a restart must not change.
private struct Durable {
    var group: ClassicGroup?
    var offsets: OffsetStore.Topics
    var maximumSize: Int

    init(_ talk: GroupConversation) {
        maximumSize = talk.machine.settings.maximumSize
        group = talk.group()
        offsets = talk.machine.offsets.groups["g"] ?? [:]
    }

    /// - Parameter lastLogged: the newest generation in the log; the end of the last one is not, if it could not be
    ///   written, and nobody has a part in it.
    func difference(_ other: Durable, lastLogged: Int32) -> String? {
        if offsets.mapValues({ $0.mapValues(\.offset) }) != other.offsets.mapValues({ $0.mapValues(\.offset) }) {
            return "offsets"
        }
        guard let group, group.state == .stable || group.state == .empty, group.generation > 0,
            group.generation == lastLogged
        else { return nil }
        guard let copy = other.group else { return "the group" }
        if group.generation != copy.generation { return "generation \(group.generation), not \(copy.generation)" }
        // A group that has grown beyond its limit, by static members that came late, begins with a rebalance.
        let isOverfull = copy.state == .preparingRebalance && group.members.count > maximumSize
        if group.state != copy.state, !isOverfull { return "state \(group.state), not \(copy.state)" }
        if group.leaderID != copy.leaderID { return "leader" }
        if group.staticMembers != copy.staticMembers { return "static members" }
        if group.members.mapValues(\.assignment) != copy.members.mapValues(\.assignment) { return "assignments" }
        return nil
    }
}
