import KafkaMessages

extension ModernGroups {
    /// What can be said of a heartbeat before looking at any group.
    func check(_ request: ConsumerGroupHeartbeatRequest, version: Int16) throws(CoordinatorError) {
        if request.groupId.isEmpty { throw .invalid("GroupId can't be empty.") }
        if request.instanceId?.isEmpty == true { throw .invalid("InstanceId can't be empty.") }
        if request.rackId?.isEmpty == true { throw .invalid("RackId can't be empty.") }
        let needsID = version >= 1 || request.memberEpoch != 0
        if needsID, request.memberId.isEmpty { throw .invalid("MemberId can't be empty.") }
        switch request.memberEpoch {
        case 1...: break
        case 0: try checkJoin(request)
        case ModernMember.left: break
        case ModernMember.leftForAWhile:
            if request.instanceId == nil { throw .invalid("InstanceId can't be null.") }
        default: throw .invalid("MemberEpoch is invalid.")
        }
        if let name = request.serverAssignor, !settings.assignors.contains(where: { $0.rawValue == name }) {
            let names = settings.assignors.map(\.rawValue).joined(separator: ", ")
            throw CoordinatorError(
                .unsupportedAssignor,
                "ServerAssignor \(name) is not supported. Supported assignors: \(names)."
            )
        }
    }

    /// An empty list of topics is taken, as Kafka does since 4.0: such a member is in the group and gets nothing.
    private func checkJoin(_ request: ConsumerGroupHeartbeatRequest) throws(CoordinatorError) {
        if request.rebalanceTimeoutMs == -1 {
            throw .invalid("RebalanceTimeoutMs must be provided in first request.")
        }
        guard request.topicPartitions?.isEmpty == true else {
            throw .invalid("TopicPartitions must be empty when (re-)joining.")
        }
        if request.subscribedTopicNames == nil, request.subscribedTopicRegex == nil {
            throw .invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
        }
    }

    /// Whether a commit of offsets comes from where it says.
    ///
    /// - Parameter epoch: the member epoch, or the generation of a member of the classic protocol; negative of someone
    ///   who is no member.
    func checkCommit(
        _ group: ModernGroup,
        member id: String,
        epoch: Int32,
        version: Int16,
        isTransactional: Bool
    ) throws(CoordinatorError) {
        if epoch < 0, group.members.isEmpty { return }
        guard let member = group.members[id] else { throw .unknownMember(id, group.id) }
        if !isTransactional, !member.isClassic, version < 9 {
            throw CoordinatorError(
                .unsupportedVersion,
                "OffsetCommit version 9 or above must be used by members using the modern group protocol"
            )
        }
        try check(member, epoch: epoch)
    }

    /// Whether offsets may be told to whom asks for them; anyone who claims to be no member may have them.
    func checkFetch(
        _ group: ModernGroup,
        member id: String?,
        epoch: Int32
    ) throws(CoordinatorError) {
        guard id != nil || epoch >= 0 else { return }
        guard let id, let member = group.members[id] else { throw .unknownMember(id ?? "", group.id) }
        try check(member, epoch: epoch)
    }

    private func check(_ member: ModernMember, epoch: Int32) throws(CoordinatorError) {
        guard epoch != member.epoch else { return }
        throw member.isClassic
            ? CoordinatorError(
                .illegalGeneration,
                "The received generation id \(epoch) does not match the expected member epoch \(member.epoch)."
            )
            : CoordinatorError(
                .staleMemberEpoch,
                "The received member epoch \(epoch) does not match the expected member epoch \(member.epoch)."
            )
    }
}

extension CoordinatorError {
    static func invalid(_ words: String) -> CoordinatorError { CoordinatorError(.invalidRequest, words) }
}
