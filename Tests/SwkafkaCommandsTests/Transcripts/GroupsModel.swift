import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore
import Synchronization

/// Groups as they were when Kafka's transcripts of `consumer-groups` were recorded, and the answers of a broker about them.
final class GroupsModel: Sendable {
    struct Member {
        var id: String
        var instance: String?
        var client: String
        var assignment: [TopicPartition]
    }

    struct Group {
        var isModern = false
        var members: [Member] = []
        var offsets: [TopicPartition: Int64] = [:]

        var state: String { members.isEmpty ? "Empty" : "Stable" }
    }

    static let ends: [TopicPartition: Int64] = [t1(0): 10, t1(1): 10, t2: 5]
    static let firstTimestampMs: Int64 = 1_700_000_000_000
    private static let t2 = TopicPartition(topic: "t2", partition: 0)
    private static func t1(_ partition: Int32) -> TopicPartition { TopicPartition(topic: "t1", partition: partition) }

    private let groups: Mutex<[String: Group]>

    /// - Parameter stage: 0 nothing, 1 three groups with members, 2 the members have left.
    init(stage: Int) {
        groups = Mutex(Self.groups(stage))
    }

    private static func groups(_ stage: Int) -> [String: Group] {
        guard stage > 0 else { return [:] }
        let read: [TopicPartition: Int64] = [t1(0): 10, t1(1): 10]
        var groups = [
            "ge": Group(offsets: [t1(0): 4, t1(1): 10, t2: 5]), "g2": Group(offsets: [t1(0): 1]),
            "gdel": Group(offsets: [t1(0): 1]), "gdel2": Group(offsets: [t1(0): 1]), "ga": Group(offsets: read),
            "gs": Group(offsets: read), "gn": Group(isModern: true, offsets: [t2: 5]),
        ]
        guard stage == 1 else {
            groups["gdel2"] = nil
            return groups
        }
        let both = [t1(0), t1(1)]
        groups["ga"]?.members = [
            Member(id: "c-a-36b2c01b-3288-45f2-88d9-9effbba68f22", client: "c-a", assignment: both)
        ]
        groups["gs"]?.members = [
            Member(
                id: "inst-1-5decdbb3-dbcd-4c12-aab7-731edd5b5fae",
                instance: "inst-1",
                client: "c-s",
                assignment: both
            )
        ]
        groups["gn"]?.members = [Member(id: "VNFJZ07VQLaZfFw_H_I2Cw", client: "c-n", assignment: [t2])]
        return groups
    }

    var script: ScriptedCluster.Script {
        var script = ScriptedCluster.Script()
        script.answerBasics(topics: ["t1": 2, "t2": 1])
        script.answer(ListGroupsRequest.self) { request, _ in self.list(request) }
        script.answer(ConsumerGroupDescribeRequest.self) { request, _ in self.describeModern(request) }
        script.answer(DescribeGroupsRequest.self, versions: 0...5) { request, _ in try self.describeClassic(request) }
        script.answer(OffsetFetchRequest.self, versions: 0...9) { request, _ in self.fetchOffsets(request) }
        script.answer(OffsetCommitRequest.self, versions: 0...9) { request, _ in self.commit(request) }
        script.answer(OffsetDeleteRequest.self) { request, _ in self.deleteOffsets(request) }
        script.answer(DeleteGroupsRequest.self) { request, _ in self.delete(request) }
        script.answer(ListOffsetsRequest.self, versions: 0...8) { request, _ in Self.listOffsets(request) }
        return script
    }

    private func list(_ request: ListGroupsRequest) -> ListGroupsResponse {
        var response = ListGroupsResponse()
        response.groups = groups.withLock { groups in
            groups.compactMap { id, group in
                var item = ListGroupsResponse.ListedGroup(groupId: id)
                item.protocolType = group.members.isEmpty && !group.isModern ? "" : "consumer"
                item.groupState = group.state
                item.groupType = group.isModern ? "consumer" : "classic"
                let isWanted =
                    (request.statesFilter.isEmpty || request.statesFilter.contains(item.groupState))
                    && (request.typesFilter.isEmpty
                        || request.typesFilter.contains { $0.lowercased() == item.groupType })
                return isWanted ? item : nil
            }
        }
        return response
    }

    private func describeModern(_ request: ConsumerGroupDescribeRequest) -> ConsumerGroupDescribeResponse {
        var response = ConsumerGroupDescribeResponse()
        response.groups = request.groupIds.map { id in
            var item = ConsumerGroupDescribeResponse.DescribedGroup(groupId: id)
            guard let group = groups.withLock({ $0[id] }), group.isModern else {
                item.errorCode = .groupIdNotFound
                return item
            }
            item.groupState = group.state
            item.groupEpoch = 3
            item.assignmentEpoch = 3
            item.assignorName = "uniform"
            item.members = group.members.map { member in
                var entry = ConsumerGroupDescribeResponse.Member(memberId: member.id)
                entry.clientId = member.client
                entry.clientHost = "/127.0.0.1"
                entry.memberEpoch = 3
                for (topic, partitions) in Dictionary(grouping: member.assignment, by: \.topic) {
                    let partitions = ConsumerGroupDescribeResponse.TopicPartitions(
                        topicName: topic,
                        partitions: partitions.map(\.partition)
                    )
                    entry.assignment.topicPartitions.append(partitions)
                    entry.targetAssignment.topicPartitions.append(partitions)
                }
                return entry
            }
            return item
        }
        return response
    }

    private func describeClassic(_ request: DescribeGroupsRequest) throws -> DescribeGroupsResponse {
        var response = DescribeGroupsResponse()
        response.groups = try request.groups.map { id in
            var item = DescribeGroupsResponse.DescribedGroup(groupId: id)
            guard let group = groups.withLock({ $0[id] }), !group.isModern else {
                item.groupState = "Dead"
                return item
            }
            item.groupState = group.state
            item.protocolType = group.members.isEmpty ? "" : "consumer"
            item.protocolData = group.members.isEmpty ? "" : "range"
            item.members = try group.members.map { member in
                var entry = DescribeGroupsResponse.DescribedGroupMember(memberId: member.id)
                entry.groupInstanceId = member.instance
                entry.clientId = member.client
                entry.clientHost = "/127.0.0.1"
                var assignment = ConsumerProtocolAssignment()
                assignment.assignedPartitions = Dictionary(grouping: member.assignment, by: \.topic).map {
                    ConsumerProtocolAssignment.TopicPartition(topic: $0.key, partitions: $0.value.map(\.partition))
                }
                entry.memberAssignment = try assignment.versioned(0)
                return entry
            }
            return item
        }
        return response
    }

    private func fetchOffsets(_ request: OffsetFetchRequest) -> OffsetFetchResponse {
        var response = OffsetFetchResponse()
        response.groups = request.groups.map { wanted in
            var item = OffsetFetchResponse.OffsetFetchResponseGroup(groupId: wanted.groupId)
            let offsets = groups.withLock { $0[wanted.groupId]?.offsets ?? [:] }
            item.topics = Dictionary(grouping: offsets.keys, by: \.topic).map { topic, partitions in
                OffsetFetchResponse.OffsetFetchResponseTopics(
                    name: topic,
                    partitions: partitions.map { partition in
                        var entry = OffsetFetchResponse.OffsetFetchResponsePartitions()
                        entry.partitionIndex = partition.partition
                        entry.committedOffset = offsets[partition] ?? -1
                        return entry
                    }
                )
            }
            return item
        }
        return response
    }

    private func commit(_ request: OffsetCommitRequest) -> OffsetCommitResponse {
        var response = OffsetCommitResponse()
        groups.withLock { groups in
            let isFree = groups[request.groupId]?.members.isEmpty ?? true
            response.topics = request.topics.map { topic in
                var item = OffsetCommitResponse.OffsetCommitResponseTopic(name: topic.name)
                item.partitions = topic.partitions.map { partition in
                    let key = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                    if isFree { groups[request.groupId, default: Group()].offsets[key] = partition.committedOffset }
                    return OffsetCommitResponse.OffsetCommitResponsePartition(
                        partitionIndex: partition.partitionIndex,
                        errorCode: isFree ? .none : .unknownMemberId
                    )
                }
                return item
            }
        }
        return response
    }

    private func deleteOffsets(_ request: OffsetDeleteRequest) -> OffsetDeleteResponse {
        var response = OffsetDeleteResponse()
        groups.withLock { groups in
            guard let group = groups[request.groupId] else {
                response.errorCode = .groupIdNotFound
                return
            }
            let subscribed = Set(group.members.flatMap(\.assignment).map(\.topic))
            response.topics = request.topics.map { topic in
                let partitions = topic.partitions.map { partition in
                    let key = TopicPartition(topic: topic.name, partition: partition.partitionIndex)
                    let error: ErrorCode =
                        Self.ends[key] == nil
                        ? .unknownTopicOrPartition : subscribed.contains(topic.name) ? .groupSubscribedToTopic : .none
                    if error == .none { groups[request.groupId]?.offsets[key] = nil }
                    return OffsetDeleteResponse.OffsetDeleteResponsePartition(
                        partitionIndex: partition.partitionIndex,
                        errorCode: error
                    )
                }
                return OffsetDeleteResponse.OffsetDeleteResponseTopic(name: topic.name, partitions: partitions)
            }
        }
        return response
    }

    private func delete(_ request: DeleteGroupsRequest) -> DeleteGroupsResponse {
        var response = DeleteGroupsResponse()
        groups.withLock { groups in
            response.results = request.groupsNames.map { id in
                var error = ErrorCode.groupIdNotFound
                if let group = groups[id] {
                    error = group.members.isEmpty ? .none : .nonEmptyGroup
                    if error == .none { groups[id] = nil }
                }
                return DeleteGroupsResponse.DeletableGroupResult(groupId: id, errorCode: error)
            }
        }
        return response
    }

    /// Records have timestamps a second apart.
    private static func listOffsets(_ request: ListOffsetsRequest) -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        response.topics = request.topics.map { topic in
            let partitions = topic.partitions.map { wanted in
                var item = ListOffsetsResponse.ListOffsetsPartitionResponse(partitionIndex: wanted.partitionIndex)
                let key = TopicPartition(topic: topic.name, partition: wanted.partitionIndex)
                guard let end = ends[key] else {
                    item.errorCode = .unknownTopicOrPartition
                    return item
                }
                switch wanted.timestamp {
                case -1: item.offset = end
                case -2: item.offset = 0
                default:
                    let offset = max(0, (wanted.timestamp - firstTimestampMs + 999) / 1000)
                    item.offset = offset < end ? offset : -1
                    item.timestamp = offset < end ? firstTimestampMs + offset * 1000 : -1
                }
                return item
            }
            return ListOffsetsResponse.ListOffsetsTopicResponse(name: topic.name, partitions: partitions)
        }
        return response
    }
}
