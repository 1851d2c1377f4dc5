import KafkaClient
import KafkaMessages
import NIOCore

/// A classic group as its coordinator keeps it: one group, synchronous answers but for joins and syncs that are held.
struct ModelCoordinator {
    enum Answer {
        case join(JoinGroupResponse)
        case sync(SyncGroupResponse)
    }

    private struct Member {
        var metadata: [(name: String, bytes: ByteBuffer)]
        var aliveUntilMs: Int64
        /// Who waits for the join to complete.
        var waitingJoin: Int?
        var waitingSync: Int?
        var assignment: ByteBuffer?
    }

    private enum Phase { case empty, preparing, completing, stable }

    private(set) var generation: Int32 = 0
    private var phase = Phase.empty
    private var members: [String: Member] = [:]
    private var leader = ""
    private var joinByMs: Int64 = 0
    private var lastID = 0
    /// Answers to requests that were held, by token.
    var answers: [Int: Answer] = [:]

    private let sessionMs: Int64 = 10_000
    private let rebalanceMs: Int64 = 20_000

    mutating func tick(_ nowMs: Int64) {
        for (id, member) in members.sorted(by: { $0.key < $1.key })
        where member.aliveUntilMs <= nowMs && member.waitingJoin == nil {
            remove(id, nowMs)
        }
        if phase == .preparing, joinByMs <= nowMs {
            for (id, member) in members where member.waitingJoin == nil { members[id] = nil }
            completeJoin(nowMs)
        }
        if phase == .completing, joinByMs <= nowMs { prepare(nowMs) }
    }

    private mutating func remove(_ id: String, _ nowMs: Int64) {
        members[id] = nil
        if phase == .stable || phase == .completing { prepare(nowMs) }
        if phase == .preparing { completeJoin(nowMs) }
    }

    private mutating func prepare(_ nowMs: Int64) {
        for (id, member) in members {
            if let token = member.waitingSync {
                answers[token] = .sync(SyncGroupResponse(errorCode: .rebalanceInProgress))
                members[id]?.waitingSync = nil
            }
        }
        phase = .preparing
        joinByMs = nowMs + rebalanceMs
    }

    mutating func join(_ request: JoinGroupRequest, token: Int, _ nowMs: Int64) {
        guard !request.memberId.isEmpty else {
            lastID += 1
            let id = "member-\(lastID)"
            answers[token] = .join(JoinGroupResponse(errorCode: .memberIdRequired, memberId: id))
            members[id] = Member(metadata: [], aliveUntilMs: nowMs + sessionMs)
            return
        }
        guard members[request.memberId] != nil else {
            answers[token] = .join(JoinGroupResponse(errorCode: .unknownMemberId))
            return
        }
        if let old = members[request.memberId]?.waitingJoin {
            answers[old] = .join(JoinGroupResponse(errorCode: .rebalanceInProgress))
        }
        members[request.memberId]?.metadata = request.protocols.map { ($0.name, $0.metadata) }
        members[request.memberId]?.waitingJoin = token
        if phase != .preparing { prepare(nowMs) }
        completeJoin(nowMs)
    }

    private mutating func completeJoin(_ nowMs: Int64) {
        guard !members.isEmpty else {
            generation += 1
            phase = .empty
            return
        }
        guard members.values.allSatisfy({ $0.waitingJoin != nil || $0.metadata.isEmpty && joinByMs <= nowMs }) else {
            return
        }
        members = members.filter { $0.value.waitingJoin != nil }
        generation += 1
        phase = .completing
        joinByMs = nowMs + rebalanceMs
        if members[leader] == nil { leader = members.keys.sorted().first ?? "" }
        let name = members.values.first?.metadata.first?.name ?? ""
        for (id, member) in members {
            var response = JoinGroupResponse(generationId: generation, protocolName: name, leader: leader, memberId: id)
            response.protocolType = "consumer"
            if id == leader {
                response.members = members.sorted { $0.key < $1.key }.map { id, member in
                    let bytes = member.metadata.first { $0.name == name }?.bytes ?? ByteBuffer()
                    return JoinGroupResponse.JoinGroupResponseMember(memberId: id, metadata: bytes)
                }
            }
            if let token = member.waitingJoin { answers[token] = .join(response) }
            members[id]?.waitingJoin = nil
            members[id]?.assignment = nil
            members[id]?.aliveUntilMs = nowMs + sessionMs
        }
    }

    private func refusal(_ id: String, _ generation: Int32) -> ErrorCode? {
        if members[id] == nil { return .unknownMemberId }
        return generation == self.generation ? nil : .illegalGeneration
    }

    mutating func sync(_ request: SyncGroupRequest, token: Int, _ nowMs: Int64) {
        if let code = refusal(request.memberId, request.generationId) {
            answers[token] = .sync(SyncGroupResponse(errorCode: code))
        } else if phase == .preparing {
            answers[token] = .sync(SyncGroupResponse(errorCode: .rebalanceInProgress))
        } else if phase == .stable {
            let bytes = members[request.memberId]?.assignment ?? ByteBuffer()
            answers[token] = .sync(SyncGroupResponse(assignment: bytes))
        } else {
            members[request.memberId]?.waitingSync = token
            members[request.memberId]?.aliveUntilMs = nowMs + sessionMs
            guard request.memberId == leader else { return }
            let given = Dictionary(uniqueKeysWithValues: request.assignments.map { ($0.memberId, $0.assignment) })
            phase = .stable
            for (id, member) in members {
                members[id]?.assignment = given[id] ?? ByteBuffer()
                if let waiting = member.waitingSync {
                    answers[waiting] = .sync(SyncGroupResponse(assignment: given[id] ?? ByteBuffer()))
                }
                members[id]?.waitingSync = nil
            }
        }
    }

    mutating func heartbeat(_ request: HeartbeatRequest, _ nowMs: Int64) -> ErrorCode {
        if let code = refusal(request.memberId, request.generationId) { return code }
        members[request.memberId]?.aliveUntilMs = nowMs + sessionMs
        return phase == .preparing ? .rebalanceInProgress : .none
    }

    mutating func leave(_ request: LeaveGroupRequest, _ nowMs: Int64) {
        for member in request.members where members[member.memberId] != nil { remove(member.memberId, nowMs) }
    }
}
