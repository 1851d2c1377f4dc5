package import KafkaMessages

/// Consumer groups of KIP-848 beside the classic ones: requests of their members, members of the classic protocol in
/// them, and the ways from one protocol to the other.
extension GroupCoordinator {
    var allGroups: [(String, Group)] {
        groups.filter { modern.groups[$0.key] == nil }.map { ($0.key, $0.value) }
            + modern.groups.map { ($0.key, .consumer($0.value)) }
    }

    /// Bytes of records that are written as one batch; `max.message.bytes` is a megabyte by default.
    private static let largestAtomicBytes = 512 << 10

    // MARK: Requests

    /// ConsumerGroupHeartbeat.
    package mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest,
        _ call: ModernCall
    ) -> Decision<ConsumerGroupHeartbeatResponse> {
        do throws(CoordinatorError) {
            try modern.check(request, version: call.version)
            var call = call
            // Requests may have seen a later cluster than the shard was told of.
            if call.image.offset < image.offset { call.image = image } else { image = call.image }
            if request.memberEpoch < 0 {
                guard let group = modern.groups[request.groupId] else { throw .noConsumerGroup(request.groupId) }
                return try decision(modern.leave(request, group, call), for: group, call.nowMs)
            }
            var work = Decision<Void>()
            let draft = try opened(request, call, &work)
            var decision = try decision(modern.heartbeat(request, in: draft, call), for: draft.group, call.nowMs)
            decision.replies += work.replies
            decision.subject = work.subject
            return decision
        } catch {
            let words = error.message ?? error.code.message
            return Decision(answer: ConsumerGroupHeartbeatResponse(errorCode: error.code, errorMessage: words))
        }
    }

    /// ConsumerGroupDescribe, of those groups that this coordinator looks after.
    package func describeConsumerGroups(
        _ ids: [String],
        _ image: MetadataImage
    ) -> Decision<[ConsumerGroupDescribeResponse.DescribedGroup]> {
        Decision(
            answer: ids.map { id in
                if let group = modern.groups[id] {
                    return group.described(image, default: settings.modern.defaultAssignor)
                }
                let words = groups[id] == nil ? "Group \(id) not found." : "Group \(id) is not a consumer group."
                return .init(errorCode: .groupIdNotFound, errorMessage: words, groupId: id)
            }
        )
    }

    // MARK: Taking over

    /// The group that a heartbeat is for; one that joins makes it, in the place of a classic group if there is one.
    private mutating func opened(
        _ request: ConsumerGroupHeartbeatRequest,
        _ call: ModernCall,
        _ work: inout Decision<Void>
    ) throws(CoordinatorError) -> ModernDraft {
        let id = request.groupId
        if let group = modern.groups[id] { return ModernDraft(group) }
        guard request.memberEpoch == 0 else { throw .noConsumerGroup(id) }
        guard case .classic(let group)? = groups[id] else { return ModernDraft(ModernGroup(id: id)) }
        guard !group.members.isEmpty else {
            var draft = ModernDraft(ModernGroup(id: id))
            draft.write(.group(GroupMetadataKey(group: id), nil))
            return draft
        }
        guard settings.modern.migration.allowsUpgrade, group.usesConsumerProtocol,
            group.members.count <= settings.modern.maximumSize
        else { throw .noConsumerGroup(id) }
        return try upgraded(group, call, &work)
    }

    /// Members that wait in a rebalance are sent to join again: they will join the consumer group.
    private mutating func upgraded(
        _ group: ClassicGroup,
        _ call: ModernCall,
        _ work: inout Decision<Void>
    ) throws(CoordinatorError) -> ModernDraft {
        let members = group.members.values.sorted { $0.id < $1.id }
        let states = members.map { member in
            ClassicMemberState(
                id: member.id,
                instanceID: member.instanceID,
                clientID: member.clientID,
                clientHost: member.clientHost,
                rebalanceTimeoutMs: member.rebalanceTimeoutMs,
                sessionTimeoutMs: member.sessionTimeoutMs,
                protocols: member.protocols.map { .init(name: $0.name, metadata: $0.metadata) },
                assignment: member.assignment
            )
        }
        let draft = try ModernDraft(
            upgrading: group.id,
            generation: group.generation,
            members: states,
            call.image
        )
        undo = group
        work.subject = group.id
        var rest = group
        for member in members {
            if let token = rest.takeJoinToken(member.id) {
                work.answer(token, join: .rebalanceInProgress, memberID: member.id)
            }
            if let token = rest.takeSyncToken(member.id) { work.answer(token, sync: .rebalanceInProgress) }
            modern.beginSession(group.id, member.id, timeoutMs: member.sessionTimeoutMs, nowMs: call.nowMs)
        }
        return draft
    }

    /// What was decided, with records as the log has them.
    private mutating func decision<Answer>(
        _ decided: ModernDecision<Answer>,
        for group: ModernGroup,
        _ nowMs: Int64
    ) throws(CoordinatorError) -> Decision<Answer> {
        var records = decided.records
        if let remaining = decided.downgrade {
            records = group.downgradeRecords(to: remaining, image, nowMs: nowMs)
            timers.set(.downgraded(group: group.id), atMs: nowMs)
        }
        // Names that are too long for a record.
        guard let encoded = Self.encoded(records) else {
            throw CoordinatorError(.invalidRequest, "A name is too long to be kept.")
        }
        var result = Decision(answer: decided.answer, records: encoded)
        // A new target of very many members may be more than a batch holds. Should only part of it be written, it is
        // computed again: its epoch comes last.
        result.isAtomic = encoded.reduce(0) { $0 + $1.size } <= Self.largestAtomicBytes
        return result
    }

    static func encoded(_ records: [GroupRecord]) -> [CoordinatorRecord]? {
        try? records.map { try $0.encoded() }
    }

    // MARK: The log

    mutating func replayModern(_ id: String, _ record: GroupRecord) {
        // A group that only holds offsets becomes the one whose members committed them.
        if !record.isTombstone, case .classic(let group)? = groups[id], group.isUnused { groups[id] = nil }
        modern.replay(id, record)
        if modern.groups[id] == nil, groups[id] == nil, offsets.hasOffsets(id) {
            groups[id] = .classic(ClassicGroup(id: id))
        }
    }

    // MARK: Time

    /// Removes the member whose time is up first.
    mutating func removeExpiredMember(_ work: inout Decision<Void>, _ nowMs: Int64) {
        guard let (group, member) = modern.popExpired(nowMs: nowMs) else { return }
        let fenced = modern.fence([member], of: group, image, nowMs: nowMs)
        guard let decision = try? decision(fenced, for: group, nowMs) else { return }
        work.records += decision.records
        work.isAtomic = decision.isAtomic
    }

    /// The members of a group that has become classic have to join.
    mutating func gatherDowngraded(_ group: inout ClassicGroup, _ work: inout Decision<Void>, _ nowMs: Int64) {
        for member in group.members.values { renewSession(member, of: group, nowMs) }
        if group.state == .stable { prepareRebalance(&group, &work, nowMs) }
    }

    // MARK: Members of the classic protocol

    mutating func joinModern(
        _ group: ModernGroup,
        _ request: JoinGroupRequest,
        _ context: JoinContext,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        var call = call(nowMs)
        call.version = context.requiresKnownID ? 4 : 0
        call.clientID = context.clientID
        call.clientHost = context.clientHost
        call.newMemberID = context.newMemberID
        do throws(CoordinatorError) {
            let decision = try decision(modern.join(request, group, call), for: group, nowMs)
            work.records += decision.records
            work.isAtomic = decision.isAtomic
            work.replies.append(HeldReply(token, .join(decision.answer)))
        } catch {
            work.answer(token, join: error.code, memberID: request.memberId)
        }
    }

    mutating func syncModern(
        _ group: ModernGroup,
        _ request: SyncGroupRequest,
        _ token: HeldToken,
        _ work: inout Decision<Void>,
        _ nowMs: Int64
    ) {
        do throws(CoordinatorError) {
            let response = try modern.sync(request, group, call(nowMs))
            work.replies.append(HeldReply(token, .sync(response)))
        } catch {
            work.answer(token, sync: error.code)
        }
    }

    mutating func heartbeatModern(
        _ group: ModernGroup,
        _ request: HeartbeatRequest,
        _ nowMs: Int64
    ) -> Decision<ErrorCode> {
        do throws(CoordinatorError) {
            return Decision(answer: try modern.heartbeat(request, group, call(nowMs)).errorCode)
        } catch {
            return Decision(answer: error.code)
        }
    }

    mutating func leaveModern(
        _ group: ModernGroup,
        _ members: [LeaveGroupRequest.MemberIdentity],
        _ nowMs: Int64
    ) -> Decision<LeaveGroupResponse> {
        do throws(CoordinatorError) {
            let decided = try decision(modern.leave(members, group, call(nowMs)), for: group, nowMs)
            return decided.map { LeaveGroupResponse(members: $0) }
        } catch {
            return Decision(answer: LeaveGroupResponse(errorCode: error.code))
        }
    }

    private func call(_ nowMs: Int64) -> ModernCall {
        ModernCall(version: 0, clientID: "", clientHost: "", newMemberID: "", image: image, nowMs: nowMs)
    }
}

extension ModernGroups {
    /// The code of what `check` throws.
    static func fault(_ check: () throws(CoordinatorError) -> Void) -> ErrorCode? {
        do throws(CoordinatorError) {
            try check()
            return nil
        } catch {
            return error.code
        }
    }

    /// Why a commit of offsets is refused.
    func commitFault(
        _ group: ModernGroup,
        memberID: String,
        epoch: Int32,
        version: Int16,
        isTransactional: Bool
    ) -> ErrorCode? {
        Self.fault { () throws(CoordinatorError) in
            try checkCommit(
                group,
                member: memberID,
                epoch: epoch,
                version: version,
                isTransactional: isTransactional
            )
        }
    }
}

extension CoordinatorError {
    fileprivate static func noConsumerGroup(_ id: String) -> CoordinatorError {
        CoordinatorError(.groupIdNotFound, "Consumer group \(id) not found.")
    }
}
