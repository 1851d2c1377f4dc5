package import KafkaMessages

extension GroupCoordinator {
    /// OffsetDelete for topics that exist.
    package func deleteOffsets(_ request: OffsetDeleteRequest) -> Decision<OffsetDeleteResponse> {
        if let code = deleteFault(request.groupId) {
            return Decision(answer: OffsetDeleteResponse(errorCode: code))
        }
        var decision = Decision(answer: OffsetDeleteResponse())
        decision.answer.topics = request.topics.map { topic in
            let isSubscribed = isSubscribed(request.groupId, to: topic.name)
            return OffsetDeleteResponse.OffsetDeleteResponseTopic(
                name: topic.name,
                partitions: topic.partitions.map { partition in
                    let index = partition.partitionIndex
                    if !isSubscribed, offsets.offset(request.groupId, topic.name, index) != nil,
                        let record = OffsetStore.tombstone(request.groupId, topic.name, index)
                    {
                        decision.records.append(record)
                    }
                    return .init(partitionIndex: index, errorCode: isSubscribed ? .groupSubscribedToTopic : .none)
                }
            )
        }
        return decision
    }

    private func deleteFault(_ id: String) -> ErrorCode? {
        if id.isEmpty { return .invalidGroupId }
        switch group(id) {
        case nil: return .groupIdNotFound
        case .consumer: return nil
        case .classic(let group)?:
            // Only what consumers read can be told from their subscriptions.
            return group.state == .empty || group.usesConsumerProtocol ? nil : .nonEmptyGroup
        }
    }

    private func isSubscribed(_ id: String, to topic: String) -> Bool {
        switch group(id) {
        case nil: false
        case .classic(let group)?: group.isSubscribed(to: topic)
        case .consumer(let group)?: group.subscribedTopics.contains(topic)
        }
    }

    /// DeleteGroups, of those groups that this coordinator looks after.
    package func deleteGroups(_ ids: [String]) -> Decision<[DeleteGroupsResponse.DeletableGroupResult]> {
        var decision = Decision(answer: [DeleteGroupsResponse.DeletableGroupResult]())
        decision.isAtomic = false
        var deleted: Set<String> = []
        for id in ids {
            let code = groupFault(id)
            decision.answer.append(.init(groupId: id, errorCode: code ?? .none))
            if code == nil, deleted.insert(id).inserted { decision.records += tombstones(id) }
        }
        return decision
    }

    private func groupFault(_ id: String) -> ErrorCode? {
        switch group(id) {
        case nil: return .groupIdNotFound
        case .classic(let group)?: return group.state == .empty ? nil : .nonEmptyGroup
        case .consumer(let group)?: return group.members.isEmpty ? nil : .nonEmptyGroup
        }
    }

    /// Deletes the group and all its offsets.
    private func tombstones(_ id: String) -> [CoordinatorRecord] {
        offsets.tombstones(group: id) + groupTombstones(id)
    }

    private func groupTombstones(_ id: String) -> [CoordinatorRecord] {
        Self.encoded(modern.groups[id]?.tombstones ?? [.group(GroupMetadataKey(group: id), nil)]) ?? []
    }

    // MARK: Expiry

    /// Forgets offsets that nobody has used for the retention time, and empty groups that have none left.
    mutating func expireOffsets(_ work: inout Decision<Void>, _ nowMs: Int64) {
        work.isAtomic = false
        for (id, group) in allGroups {
            var isEmptied = true
            for (topic, partitions) in offsets.groups[id] ?? [:] {
                for (partition, offset) in partitions {
                    let isExpired =
                        !offsets.isUnstable(id, topic, partition)
                        && expiry(of: offset, topic: topic, in: group).map { $0 <= nowMs } ?? false
                    if isExpired, let record = OffsetStore.tombstone(id, topic, partition) {
                        work.records.append(record)
                    } else {
                        isEmptied = false
                    }
                }
            }
            guard isEmptied, isRemovable(group), !offsets.hasOpenTransactions(id) else { continue }
            work.records += groupTombstones(id)
        }
    }

    private func isRemovable(_ group: Group) -> Bool {
        switch group {
        case .classic(let group): group.isUnused
        case .consumer(let group): group.members.isEmpty
        }
    }

    /// When an offset may be forgotten (KIP-211); nil while the group uses it.
    private func expiry(of offset: CommittedOffset, topic: String, in group: Group) -> Int64? {
        switch group {
        case .classic(let group):
            guard let start = group.offsetUnusedSince(topic, commitTimestampMs: offset.commitTimestampMs) else {
                return nil
            }
            return expiry(of: offset, from: start)
        case .consumer(let group):
            return group.subscribedTopics.contains(topic) ? nil : expiry(of: offset, from: offset.commitTimestampMs)
        }
    }

    private func expiry(of offset: CommittedOffset, from startMs: Int64) -> Int64? {
        if let expireMs = offset.expireTimestampMs { return expireMs }
        let (expiry, isBeyond) = startMs.addingReportingOverflow(settings.offsetRetentionMs)
        return isBeyond ? nil : expiry
    }
}

extension ClassicGroup {
    /// From when on the retention time of an offset runs; nil while it does not.
    fileprivate func offsetUnusedSince(_ topic: String, commitTimestampMs: Int64) -> Int64? {
        guard protocolType != nil else { return commitTimestampMs }
        switch state {
        case .empty: return stateTimestampMs ?? commitTimestampMs
        case .stable where usesConsumerProtocol && subscribedTopics?.contains(topic) == false: return commitTimestampMs
        case .stable, .preparingRebalance, .completingRebalance: return nil
        }
    }
}
