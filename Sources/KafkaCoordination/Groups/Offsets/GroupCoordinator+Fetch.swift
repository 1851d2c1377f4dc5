package import KafkaMessages

extension GroupCoordinator {
    /// OffsetFetch of one group; nil topics are all that have an offset.
    ///
    /// - Parameter requireStable: an offset that an open transaction may change is not told.
    package func fetchOffsets(
        _ request: OffsetFetchRequest.OffsetFetchRequestGroup,
        requireStable: Bool
    ) -> Decision<OffsetFetchResponse.OffsetFetchResponseGroup> {
        var answer = OffsetFetchResponse.OffsetFetchResponseGroup(groupId: request.groupId)
        if let code = fetchFault(request) {
            answer.errorCode = code
            return Decision(answer: answer)
        }
        let wanted =
            request.topics
            ?? (offsets.groups[request.groupId] ?? [:]).sorted { $0.key < $1.key }.map { topic, partitions in
                OffsetFetchRequest.OffsetFetchRequestTopics(name: topic, partitionIndexes: partitions.keys.sorted())
            }
        answer.topics = wanted.map { topic in
            OffsetFetchResponse.OffsetFetchResponseTopics(
                name: topic.name,
                partitions: topic.partitionIndexes.map { partition in
                    answerFor(request.groupId, topic.name, partition, requireStable: requireStable)
                }
            )
        }
        return Decision(answer: answer)
    }

    private func answerFor(
        _ group: String,
        _ topic: String,
        _ partition: Int32,
        requireStable: Bool
    ) -> OffsetFetchResponse.OffsetFetchResponsePartitions {
        var answer = OffsetFetchResponse.OffsetFetchResponsePartitions(
            partitionIndex: partition,
            committedOffset: -1,
            committedLeaderEpoch: -1,
            metadata: ""
        )
        if requireStable, offsets.isUnstable(group, topic, partition) {
            answer.errorCode = .unstableOffsetCommit
        } else if let known = offsets.offset(group, topic, partition) {
            answer.committedOffset = known.offset
            answer.committedLeaderEpoch = known.leaderEpoch
            answer.metadata = known.metadata
        }
        return answer
    }

    private func fetchFault(_ request: OffsetFetchRequest.OffsetFetchRequestGroup) -> ErrorCode? {
        switch group(request.groupId) {
        case nil: request.memberId?.isEmpty == false && request.memberEpoch >= 0 ? .unknownMemberId : nil
        // Whoever knows the name of a classic group may read its offsets.
        case .classic: nil
        case .consumer(let group)?:
            ModernGroups.fault {
                () throws(CoordinatorError) in
                try modern.checkFetch(group, member: request.memberId, epoch: request.memberEpoch)
            }
        }
    }
}
