package import KafkaMessages

extension GroupCoordinator {
    /// One partition of a commit, whatever request it came in.
    private struct Item {
        var offset: Int64
        var leaderEpoch: Int32
        var metadata: String?
        /// nil: the time of the commit.
        var timestampMs: Int64?
        var expireTimestampMs: Int64?
    }

    // MARK: OffsetCommit

    /// OffsetCommit for topics that exist.
    ///
    /// - Parameters:
    ///   - version: decides how a group that does not exist is called.
    ///   - seen: the cluster in which the topics were looked up: another topic of the same name is not meant.
    package mutating func commit(
        _ request: OffsetCommitRequest,
        version: Int16,
        seen: MetadataImage? = nil,
        nowMs: Int64
    ) -> Decision<OffsetCommitResponse> {
        if let seen, seen.offset > image.offset { image = seen }
        if let code = commitFault(request, version: version) {
            return Decision(answer: response(request) { _, _ in code })
        }
        if case .classic(let group)? = groups[request.groupId], group.keepsSessionByCommit,
            let member = group.members[request.memberId]
        {
            renewSession(member, of: group, nowMs)
        }
        var records: [CoordinatorRecord] = []
        let answer = response(request) { topic, partition in
            guard isCurrent(topic.name, seen) else { return .unknownTopicOrPartition }
            let item = Item(
                offset: partition.committedOffset,
                leaderEpoch: partition.committedLeaderEpoch,
                metadata: partition.committedMetadata,
                timestampMs: partition.commitTimestamp == -1 ? nil : partition.commitTimestamp,
                expireTimestampMs: request.retentionTimeMs == -1 ? nil : nowMs.adding(request.retentionTimeMs)
            )
            return record(item, request.groupId, topic.name, partition.partitionIndex, nowMs, into: &records)
        }
        return Decision(answer: answer, records: records)
    }

    private func response(
        _ request: OffsetCommitRequest,
        _ code: (
            OffsetCommitRequest.OffsetCommitRequestTopic, OffsetCommitRequest.OffsetCommitRequestPartition
        ) -> ErrorCode
    ) -> OffsetCommitResponse {
        OffsetCommitResponse(
            topics: request.topics.map { topic in
                OffsetCommitResponse.OffsetCommitResponseTopic(
                    name: topic.name,
                    partitions: topic.partitions.map { partition in
                        .init(partitionIndex: partition.partitionIndex, errorCode: code(topic, partition))
                    }
                )
            }
        )
    }

    private func commitFault(_ request: OffsetCommitRequest, version: Int16) -> ErrorCode? {
        switch group(request.groupId) {
        case nil:
            // An offset of somebody who is no member makes a group that only holds offsets.
            if request.generationIdOrMemberEpoch < 0 { return nil }
            return version >= 9 ? .groupIdNotFound : .illegalGeneration
        case .classic(let group)?:
            return group.commitFault(
                memberID: request.memberId,
                instanceID: request.groupInstanceId,
                generation: request.generationIdOrMemberEpoch,
                isTransactional: false
            )
        case .consumer(let group)?:
            return modern.commitFault(
                group,
                memberID: request.memberId,
                epoch: request.generationIdOrMemberEpoch,
                version: version,
                isTransactional: false
            )
        }
    }

    // MARK: TxnOffsetCommit

    /// TxnOffsetCommit for topics that exist: the offsets count when the producer's transaction commits.
    ///
    /// - Parameter seen: as for `commit`.
    package mutating func commitInTransaction(
        _ request: TxnOffsetCommitRequest,
        seen: MetadataImage? = nil,
        nowMs: Int64
    ) -> Decision<TxnOffsetCommitResponse> {
        if let seen, seen.offset > image.offset { image = seen }
        let fault = commitFault(request)
        var records: [CoordinatorRecord] = []
        let answer = TxnOffsetCommitResponse(
            topics: request.topics.map { topic in
                TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic(
                    name: topic.name,
                    partitions: topic.partitions.map { partition in
                        let item = Item(
                            offset: partition.committedOffset,
                            leaderEpoch: partition.committedLeaderEpoch,
                            metadata: partition.committedMetadata
                        )
                        let index = partition.partitionIndex
                        let code =
                            fault ?? (isCurrent(topic.name, seen) ? nil : .unknownTopicOrPartition)
                            ?? record(item, request.groupId, topic.name, index, nowMs, into: &records)
                        return .init(partitionIndex: index, errorCode: code)
                    }
                )
            }
        )
        var decision = Decision(answer: answer, records: records)
        decision.producer = TransactionalProducer(id: request.producerId, epoch: request.producerEpoch)
        return decision
    }

    private func commitFault(_ request: TxnOffsetCommitRequest) -> ErrorCode? {
        if request.groupId.isEmpty { return .invalidGroupId }
        switch group(request.groupId) {
        case nil: return request.generationId < 0 ? nil : .illegalGeneration
        case .classic(let group)?:
            return group.commitFault(
                memberID: request.memberId,
                instanceID: request.groupInstanceId,
                generation: request.generationId,
                isTransactional: true
            )
        case .consumer(let group)?:
            return modern.commitFault(
                group,
                memberID: request.memberId,
                epoch: request.generationId,
                version: 0,
                isTransactional: true
            )
        }
    }

    // MARK: Records

    /// Whether the topic that a request saw is still there.
    private func isCurrent(_ topic: String, _ seen: MetadataImage?) -> Bool {
        guard let seen, seen.offset != image.offset else { return true }
        return seen.topics[topic]?.id == image.topics[topic]?.id
    }

    private func record(
        _ item: Item,
        _ group: String,
        _ topic: String,
        _ partition: Int32,
        _ nowMs: Int64,
        into records: inout [CoordinatorRecord]
    ) -> ErrorCode {
        let metadata = item.metadata ?? ""
        guard metadata.utf8.count <= settings.maximumMetadataBytes else { return .offsetMetadataTooLarge }
        let record = GroupRecord.offset(
            OffsetCommitKey(group: group, topic: topic, partition: partition),
            OffsetCommitValue(
                offset: item.offset,
                leaderEpoch: item.leaderEpoch,
                metadata: metadata,
                commitTimestamp: item.timestampMs ?? nowMs,
                expireTimestamp: item.expireTimestampMs ?? -1
            )
        )
        // Fails for names that are too long for the record.
        guard let encoded = try? record.encoded() else { return .invalidCommitOffsetSize }
        records.append(encoded)
        return .none
    }
}

extension ClassicGroup {
    /// Members that commit are heard of.
    fileprivate var keepsSessionByCommit: Bool { state == .stable || state == .preparingRebalance }

    /// Why a commit is refused. Somebody who names no member may commit while the group has none, or in a transaction.
    fileprivate func commitFault(
        memberID: String,
        instanceID: String?,
        generation: Int32,
        isTransactional: Bool
    ) -> ErrorCode? {
        if generation < 0, state == .empty { return nil }
        if generation >= 0 || !memberID.isEmpty || instanceID != nil {
            if let code = fault(of: memberID, instanceID: instanceID) { return code }
            if generation != self.generation { return .illegalGeneration }
        } else if !isTransactional {
            return .unknownMemberId
        }
        if !isTransactional, state == .completingRebalance { return .rebalanceInProgress }
        return nil
    }
}

extension Int64 {
    /// The sum, or the greatest number when it is beyond.
    fileprivate func adding(_ other: Int64) -> Int64 {
        let (sum, isBeyond) = addingReportingOverflow(other)
        return isBeyond ? (other > 0 ? .max : .min) : sum
    }
}
