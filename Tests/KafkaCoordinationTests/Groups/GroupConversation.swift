import KafkaMessages
import NIOCore

@testable import KafkaCoordination

/// A coordinator of groups with its log and a clock that is moved by hand.
final class GroupConversation {
    var machine: GroupCoordinator
    enum Entry {
        /// The producer is that of the transaction, if any.
        case record(CoordinatorRecord, producerID: Int64?)
        case marker(producerID: Int64, isCommit: Bool)
    }

    private(set) var log: [Entry] = []
    private(set) var replies: [HeldToken: GroupReply] = [:]
    /// Requests whose answer could not be written.
    private(set) var refused: Set<HeldToken> = []
    var nowMs: Int64 = 1_000_000
    /// The next write fails.
    var failsToWrite = false
    private var nextToken: UInt64 = 0
    private var nextMember = 0

    init(_ change: (inout GroupSettings) -> Void = { _ in }) {
        var settings = GroupSettings()
        change(&settings)
        machine = GroupCoordinator(settings: settings)
        _ = machine.loaded(MetadataImage(), nowMs: nowMs)
    }

    /// Writes, replays and takes the answers; nil when the write failed.
    func run<Answer: Sendable>(
        _ decide: (inout GroupCoordinator, Int64) -> CoordinatorResult<Answer, GroupReply>
    ) -> Answer? {
        let decision = decide(&machine, nowMs)
        if failsToWrite, !decision.records.isEmpty {
            failsToWrite = false
            if let subject = decision.subject {
                note(machine.writeFailed(subject, code: .coordinatorNotAvailable, nowMs: nowMs))
            }
            // As the shell does: whoever else the decision would have answered is told of the error.
            for reply in decision.replies where replies[reply.token] == nil { refused.insert(reply.token) }
            return nil
        }
        for record in decision.records {
            log.append(.record(record, producerID: decision.producer?.id))
            do {
                try machine.replay(record, producerID: decision.producer?.id)
            } catch {
                preconditionFailure("own record: \(error)")
            }
        }
        note(decision.replies)
        return decision.answer
    }

    private func note(_ new: [HeldReply<GroupReply>]) {
        for reply in new {
            precondition(replies[reply.token] == nil, "\(reply.token) is answered twice")
            replies[reply.token] = reply.reply
        }
    }

    /// Moves the clock and lets timers run out, each at its time.
    func advance(_ milliseconds: Int64) {
        let endMs = nowMs + milliseconds
        while let dueMs = machine.nextDeadlineMs, dueMs <= endMs {
            nowMs = max(nowMs, dueMs)
            _ = run { $0.advance(nowMs: $1) }
        }
        nowMs = endMs
    }

    /// A new process that has only the log.
    func restart() {
        machine = GroupCoordinator(settings: machine.settings)
        for entry in log {
            switch entry {
            case .record(let record, let producerID): try? machine.replay(record, producerID: producerID)
            case .marker(let producerID, let isCommit):
                machine.endTransaction(producerID: producerID, isCommit: isCommit)
            }
        }
        _ = run { $0.loaded(MetadataImage(), nowMs: $1) }
    }

    func endTransaction(_ producerID: Int64, isCommit: Bool) {
        log.append(.marker(producerID: producerID, isCommit: isCommit))
        machine.endTransaction(producerID: producerID, isCommit: isCommit)
    }

    func group(_ id: String = "g") -> ClassicGroup? {
        guard case .classic(let group)? = machine.groups[id] else { return nil }
        return group
    }

    // MARK: Requests

    func join(
        _ member: String = "",
        group: String = "g",
        instance: String? = nil,
        type: String = "consumer",
        protocols: [String] = ["range"],
        metadata: String = "",
        sessionMs: Int32 = 10_000,
        rebalanceMs: Int32 = 30_000,
        requiresID: Bool = false,
        canSkip: Bool = true
    ) -> HeldToken {
        let request = JoinGroupRequest(
            groupId: group,
            sessionTimeoutMs: sessionMs,
            rebalanceTimeoutMs: rebalanceMs,
            memberId: member,
            groupInstanceId: instance,
            protocolType: type,
            protocols: protocols.map { .init(name: $0, metadata: ByteBuffer(string: metadata)) }
        )
        nextMember += 1
        let context = JoinContext(
            clientID: "client",
            clientHost: "/host",
            newMemberID: "m\(nextMember)",
            requiresKnownID: requiresID,
            canSkipAssignment: canSkip
        )
        let token = newToken()
        _ = run { $0.join(request, context, token: token, nowMs: $1) }
        return token
    }

    func sync(
        _ member: String,
        _ generation: Int32,
        group: String = "g",
        instance: String? = nil,
        type: String? = nil,
        name: String? = nil,
        _ assignments: [String: String] = [:]
    ) -> HeldToken {
        let request = SyncGroupRequest(
            groupId: group,
            generationId: generation,
            memberId: member,
            groupInstanceId: instance,
            protocolType: type,
            protocolName: name,
            assignments: assignments.sorted { $0.key < $1.key }.map {
                .init(memberId: $0.key, assignment: ByteBuffer(string: $0.value))
            }
        )
        let token = newToken()
        _ = run { $0.sync(request, token: token, nowMs: $1) }
        return token
    }

    func heartbeat(
        _ member: String,
        _ generation: Int32,
        group: String = "g",
        instance: String? = nil
    ) -> ErrorCode? {
        let request = HeartbeatRequest(
            groupId: group,
            generationId: generation,
            memberId: member,
            groupInstanceId: instance
        )
        return run { $0.heartbeat(request, nowMs: $1) }
    }

    func leave(_ members: [LeaveGroupRequest.MemberIdentity], group: String = "g") -> LeaveGroupResponse? {
        run { $0.leave(group, members, nowMs: $1) }
    }

    func leave(_ member: String) -> ErrorCode? {
        leave([.init(memberId: member)]).map { $0.errorCode == .none ? $0.members[0].errorCode : $0.errorCode }
    }

    func commit(
        _ member: String = "",
        _ generation: Int32 = -1,
        group: String = "g",
        instance: String? = nil,
        topic: String = "t",
        offsets: [Int32: Int64] = [0: 1],
        metadata: String? = "",
        retentionMs: Int64 = -1,
        version: Int16 = 8
    ) -> [ErrorCode]? {
        let request = OffsetCommitRequest(
            groupId: group,
            generationIdOrMemberEpoch: generation,
            memberId: member,
            groupInstanceId: instance,
            retentionTimeMs: retentionMs,
            topics: [
                .init(
                    name: topic,
                    partitions: offsets.sorted { $0.key < $1.key }.map {
                        .init(partitionIndex: $0.key, committedOffset: $0.value, committedMetadata: metadata)
                    }
                )
            ]
        )
        return run { $0.commit(request, version: version, nowMs: $1) }?.topics[0].partitions.map(\.errorCode)
    }

    func commitInTransaction(
        _ producerID: Int64,
        member: String = "",
        generation: Int32 = -1,
        offsets: [Int32: Int64] = [0: 1]
    ) -> [ErrorCode]? {
        let request = TxnOffsetCommitRequest(
            transactionalId: "x",
            groupId: "g",
            producerId: producerID,
            generationId: generation,
            memberId: member,
            topics: [
                .init(
                    name: "t",
                    partitions: offsets.sorted { $0.key < $1.key }.map {
                        .init(partitionIndex: $0.key, committedOffset: $0.value, committedMetadata: nil)
                    }
                )
            ]
        )
        return run { $0.commitInTransaction(request, nowMs: $1) }?.topics[0].partitions.map(\.errorCode)
    }

    /// -1 for none, nil while it is unstable.
    func offset(_ partition: Int32 = 0, topic: String = "t", group: String = "g", stable: Bool = false)
        -> Int64?
    {
        let request = OffsetFetchRequest.OffsetFetchRequestGroup(
            groupId: group,
            topics: [.init(name: topic, partitionIndexes: [partition])]
        )
        let answer = run { machine, _ in machine.fetchOffsets(request, requireStable: stable) }
        guard let found = answer?.topics.first?.partitions.first, found.errorCode == .none else { return nil }
        return found.committedOffset
    }

    private func newToken() -> HeldToken {
        defer { nextToken += 1 }
        return HeldToken(nextToken)
    }

    // MARK: Answers

    func joined(_ token: HeldToken) -> JoinGroupResponse? {
        guard case .join(let response)? = replies[token] else { return nil }
        return response
    }

    func synced(_ token: HeldToken) -> SyncGroupResponse? {
        guard case .sync(let response)? = replies[token] else { return nil }
        return response
    }

    func assignment(_ token: HeldToken) -> String? { synced(token).map { String(buffer: $0.assignment) } }

    /// A stable group of these many members, in generation 1 or later; returns their ids, the leader's first.
    func settle(members count: Int, instances: [String] = []) -> [String] {
        var ids: [String] = []
        for index in 0..<count {
            let instance = instances.indices.contains(index) ? instances[index] : nil
            let new = join(instance: instance)
            let again = ids.enumerated().map { number, id in
                join(id, instance: instances.indices.contains(number) ? instances[number] : nil)
            }
            guard let answer = joined(new) else { preconditionFailure("the rebalance did not complete") }
            ids.append(answer.memberId)
            for token in again { precondition(joined(token)?.errorCode == ErrorCode.none) }
            let parts = Dictionary(uniqueKeysWithValues: ids.map { ($0, "of \($0)") })
            for (number, id) in ids.enumerated().reversed() {
                _ = sync(
                    id,
                    answer.generationId,
                    instance: instances.indices.contains(number) ? instances[number] : nil,
                    number == 0 ? parts : [:]
                )
            }
        }
        return ids
    }
}
