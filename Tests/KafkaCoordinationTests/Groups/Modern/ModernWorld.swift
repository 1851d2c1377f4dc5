import KafkaMessages
import KafkaWire
import NIOCore

@testable import KafkaCoordination

/// Consumer groups with their log: decides, writes, reads back what was written, replays.
struct ModernWorld {
    var image = MetadataImage()
    var groups: ModernGroups
    var log: [CoordinatorRecord] = []
    var nowMs: Int64 = 1000
    var ids = 0
    /// The next decision's records cannot be written.
    var failsNextWrite = false
    /// The group that turned classic.
    var downgraded: ModernGroup?

    init(settings: ModernSettings = ModernSettings()) { groups = ModernGroups(settings: settings) }

    static func topicID(_ name: String, generation: UInt64 = 1) -> KafkaUUID {
        KafkaUUID(high: generation, low: name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    }

    mutating func createTopic(_ name: String, partitions: Int32, generation: UInt64 = 1) throws {
        let id = Self.topicID(name, generation: generation)
        try image.apply(.topic(TopicRecord(name: name, topicId: id)))
        for number in 0..<partitions { try addPartition(id, number) }
    }

    mutating func addPartition(_ topic: KafkaUUID, _ number: Int32) throws {
        var record = PartitionRecord()
        record.topicId = topic
        record.partitionId = number
        record.leader = 1
        record.leaderEpoch = 0
        record.partitionEpoch = 0
        record.replicas = [1]
        record.isr = [1]
        try image.apply(.partition(record))
    }

    mutating func grow(_ name: String) throws {
        guard let topic = image.topics[name] else { return }
        try addPartition(topic.id, Int32(topic.partitions.count))
    }

    mutating func deleteTopic(_ name: String) throws {
        guard let topic = image.topics[name] else { return }
        try image.apply(.removeTopic(RemoveTopicRecord(topicId: topic.id)))
    }

    mutating func call(version: Int16 = 1) -> ModernCall {
        ids += 1
        return ModernCall(
            version: version,
            clientID: "client",
            clientHost: "/127.0.0.1",
            newMemberID: "made-\(ids)",
            image: image,
            nowMs: nowMs
        )
    }

    mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest,
        version: Int16 = 1
    ) -> ConsumerGroupHeartbeatResponse {
        let call = call(version: version)
        do throws(CoordinatorError) {
            try groups.check(request, version: version)
            if request.memberEpoch < 0 {
                guard let group = groups.groups[request.groupId] else { throw CoordinatorError(.groupIdNotFound) }
                return try commit(try groups.leave(request, group, call))
            }
            guard groups.groups[request.groupId] != nil || request.memberEpoch == 0 else {
                throw CoordinatorError(.groupIdNotFound)
            }
            let group = groups.groups[request.groupId] ?? ModernGroup(id: request.groupId)
            return try commit(try groups.heartbeat(request, in: ModernDraft(group), call))
        } catch {
            return ConsumerGroupHeartbeatResponse(errorCode: error.code, errorMessage: error.message)
        }
    }

    mutating func join(_ request: JoinGroupRequest, version: Int16 = 9) -> JoinGroupResponse {
        let call = call(version: version)
        guard let group = groups.groups[request.groupId] else { return JoinGroupResponse(errorCode: .groupIdNotFound) }
        do throws(CoordinatorError) {
            return try commit(try groups.join(request, group, call))
        } catch {
            return JoinGroupResponse(errorCode: error.code)
        }
    }

    mutating func sync(_ request: SyncGroupRequest) -> SyncGroupResponse {
        let call = call(version: 5)
        guard let group = groups.groups[request.groupId] else { return SyncGroupResponse(errorCode: .unknownMemberId) }
        do throws(CoordinatorError) {
            return try groups.sync(request, group, call)
        } catch {
            return SyncGroupResponse(errorCode: error.code)
        }
    }

    mutating func heartbeat(_ request: HeartbeatRequest) -> ErrorCode {
        let call = call(version: 4)
        guard let group = groups.groups[request.groupId] else { return .unknownMemberId }
        do throws(CoordinatorError) {
            return try groups.heartbeat(request, group, call).errorCode
        } catch {
            return error.code
        }
    }

    mutating func leave(_ group: String, _ member: String) throws -> [ErrorCode] {
        let call = call(version: 5)
        guard let group = groups.groups[group] else { return [.unknownMemberId] }
        return try commit(groups.leave([.init(memberId: member)], group, call)).map(\.errorCode)
    }

    /// Lets time pass, and members go whose time is over.
    mutating func advance(_ milliseconds: Int64) {
        nowMs += milliseconds
        while let (group, member) = groups.popExpired(nowMs: nowMs) {
            // A write that fails changes nothing; the time comes again.
            _ = try? commit(groups.fence([member], of: group, image, nowMs: nowMs))
        }
    }

    /// A new process, or another broker, that reads the log.
    mutating func restart() throws {
        groups = try replayed(log)
        groups.loaded(image, nowMs: nowMs)
    }

    func replayed(_ log: [CoordinatorRecord]) throws -> ModernGroups {
        var groups = ModernGroups(settings: groups.settings)
        for record in log { try Self.replay(record, in: &groups) }
        return groups
    }

    /// The log with only the last record of each key, as compaction leaves it.
    var compacted: [CoordinatorRecord] {
        var seen: Set<ByteBuffer> = []
        return log.reversed().filter { seen.insert($0.key).inserted }.reversed()
    }

    @discardableResult
    private mutating func commit<Answer>(_ decision: ModernDecision<Answer>) throws(CoordinatorError) -> Answer {
        if failsNextWrite {
            failsNextWrite = false
            throw CoordinatorError(.coordinatorNotAvailable)
        }
        do {
            for record in decision.records {
                let encoded = try record.encoded()
                log.append(encoded)
                try Self.replay(encoded, in: &groups)
            }
        } catch {
            throw CoordinatorError(.unknownServerError, "\(error)")
        }
        downgraded = decision.downgrade ?? downgraded
        return decision.answer
    }

    private static func replay(_ record: CoordinatorRecord, in groups: inout ModernGroups) throws {
        guard let decoded = try GroupRecord(decoding: record), let id = decoded.groupID else { return }
        groups.replay(id, decoded)
    }
}

extension GroupRecord {
    /// Of the records that consumer groups write.
    fileprivate var groupID: String? {
        switch self {
        case .consumerGroup(let key, _): key.groupId
        case .partitionMetadata(let key, _): key.groupId
        case .member(let key, _): key.groupId
        case .targetAssignment(let key, _): key.groupId
        case .memberTarget(let key, _): key.groupId
        case .memberAssignment(let key, _): key.groupId
        case .regularExpression(let key, _): key.groupId
        case .offset, .group: nil
        }
    }
}
