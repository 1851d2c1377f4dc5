import KafkaClient
import KafkaMessages
import KafkaTestSupport
import KafkaWire
import NIOCore

/// Brokers that lend the records of one topic to members of one share group, as strict as Kafka's: a request that breaks
/// the protocol is a mistake of the client, and thrown.
struct ModelShareCluster {
    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    enum Record: Equatable {
        case available
        case lent(member: String, untilMs: Int64)
        case done(outcome: Int8)
    }

    private struct Key: Hashable {
        var node: Int32
        var member: String
    }

    private struct Session {
        var epoch: Int32
        var places: Set<SharePlace>
    }

    static let topic = KafkaUUID(high: 7, low: 7)
    static let lockMs: Int64 = 5000
    static let sessionMs: Int64 = 10_000

    var records: [SharePlace: [Record]] = [:]
    var leaders: [SharePlace: Int32] = [:]
    private var sessions: [Key: Session] = [:]
    private var members: [String: (epoch: Int32, seenMs: Int64)] = [:]
    /// Every offset that was ever lent, by member.
    private var lent: [String: Set<Place>] = [:]
    /// Offsets of markers, and of what compaction took out.
    private var holes: Set<Place> = []

    /// One offset.
    struct Place: Hashable {
        var partition: Int32
        var offset: Int64
    }

    init(partitions: Int32, using chance: inout SeededGenerator) {
        for partition in 0..<partitions {
            let place = SharePlace(topicID: Self.topic, partition: partition)
            leaders[place] = Int32.random(in: 1...2, using: &chance)
            let count = Int.random(in: 1...40, using: &chance)
            records[place] = Array(repeating: .available, count: count)
            for offset in 0..<Int64(count) where Int.random(in: 0..<8, using: &chance) == 0 {
                holes.insert(Place(partition: partition, offset: offset))
            }
        }
    }

    /// The values of all records.
    var names: Set<String> {
        var names: Set<String> = []
        for (place, all) in records {
            for offset in all.indices where !holes.contains(Place(partition: place.partition, offset: Int64(offset))) {
                names.insert("\(place.partition):\(offset)")
            }
        }
        return names
    }

    /// Whether nothing is left to read.
    var isDone: Bool {
        records.values.allSatisfy { $0.allSatisfy { if case .done = $0 { true } else { false } } }
    }

    mutating func tick(_ nowMs: Int64) {
        for (place, all) in records {
            for (offset, record) in all.enumerated() {
                if case .lent(_, let untilMs) = record, untilMs <= nowMs { records[place]?[offset] = .available }
            }
        }
        members = members.filter { nowMs - $0.value.seenMs < Self.sessionMs }
    }

    mutating func forgetMember(_ member: String) { members[member] = nil }
    mutating func forgetSessions(of node: Int32) { sessions = sessions.filter { $0.key.node != node } }

    // MARK: Requests

    mutating func heartbeat(_ request: ShareGroupHeartbeatRequest, _ nowMs: Int64) throws -> ShareGroupHeartbeatResponse
    {
        guard !request.memberId.isEmpty, request.groupId == "g" else { throw Mistake(description: "\(request)") }
        if request.memberEpoch == -1 {
            members[request.memberId] = nil
            return ShareGroupHeartbeatResponse(memberEpoch: -1)
        }
        if request.memberEpoch == 0 {
            guard request.subscribedTopicNames == ["t"] else { throw Mistake(description: "joins without topics") }
            members[request.memberId] = (1, nowMs)
        }
        guard let member = members[request.memberId] else { return .init(errorCode: .unknownMemberId) }
        guard request.memberEpoch <= member.epoch else { return .init(errorCode: .fencedMemberEpoch) }
        members[request.memberId]?.seenMs = nowMs
        var response = ShareGroupHeartbeatResponse(memberId: request.memberId, memberEpoch: member.epoch)
        response.heartbeatIntervalMs = 1000
        response.assignment = .init(
            topicPartitions: [.init(topicId: Self.topic, partitions: records.keys.map(\.partition).sorted())]
        )
        return response
    }

    mutating func fetch(_ request: ShareFetchRequest, at node: Int32, _ nowMs: Int64) throws -> ShareFetchResponse {
        let key = Key(node: node, member: request.memberId ?? "")
        var named: Set<SharePlace> = []
        for topic in request.topics {
            for partition in topic.partitions {
                named.insert(SharePlace(topicID: topic.topicId, partition: partition.partitionIndex))
            }
        }
        let acknowledged = try acknowledgements(request)
        if request.shareSessionEpoch == 0 {
            guard acknowledged.isEmpty, request.forgottenTopicsData.isEmpty, !named.isEmpty else {
                throw Mistake(description: "a session opens with \(request)")
            }
            sessions[key] = Session(epoch: 0, places: named)
        } else {
            guard request.shareSessionEpoch > 0 else { throw Mistake(description: "a fetch closes a session") }
            guard let session = sessions[key] else { return .init(errorCode: .shareSessionNotFound) }
            guard request.shareSessionEpoch == session.epoch + 1 else {
                return .init(errorCode: .invalidShareSessionEpoch)
            }
            sessions[key]?.epoch += 1
            sessions[key]?.places.formUnion(named)
            for topic in request.forgottenTopicsData {
                for partition in topic.partitions {
                    sessions[key]?.places.remove(SharePlace(topicID: topic.topicId, partition: partition))
                }
            }
        }
        var parts: [SharePlace: ShareFetchResponse.PartitionData] = [:]
        for (place, runs) in acknowledged {
            parts[place, default: Self.part(place)].acknowledgeErrorCode = try settle(runs, of: place, by: key.member)
        }
        var left = Int(request.maxRecords)
        for place in (sessions[key]?.places ?? []).sorted() {
            guard leaders[place] == node else {
                parts[place, default: Self.part(place)].errorCode = .notLeaderOrFollower
                continue
            }
            try lend(place, to: key.member, &left, &parts[place, default: Self.part(place)], nowMs)
        }
        var response = ShareFetchResponse(acquisitionLockTimeoutMs: Int32(Self.lockMs))
        response.responses = [.init(topicId: Self.topic, partitions: parts.sorted { $0.key < $1.key }.map(\.value))]
        return response
    }

    mutating func close(_ request: ShareAcknowledgeRequest, at node: Int32) throws -> ShareAcknowledgeResponse {
        let key = Key(node: node, member: request.memberId ?? "")
        guard request.shareSessionEpoch == -1 else { throw Mistake(description: "\(request)") }
        guard sessions.removeValue(forKey: key) != nil else { return .init(errorCode: .shareSessionNotFound) }
        var partitions: [ShareAcknowledgeResponse.PartitionData] = []
        for topic in request.topics {
            for partition in topic.partitions {
                let place = SharePlace(topicID: topic.topicId, partition: partition.partitionIndex)
                let runs = partition.acknowledgementBatches.map {
                    ShareLedger.Run($0.firstOffset...$0.lastOffset, $0.acknowledgeTypes[0])
                }
                let error = try settle(runs, of: place, by: key.member)
                partitions.append(.init(partitionIndex: partition.partitionIndex, errorCode: error))
            }
        }
        for (place, all) in records where leaders[place] == node {
            for (offset, record) in all.enumerated() {
                if case .lent(key.member, _) = record { records[place]?[offset] = .available }
            }
        }
        return .init(responses: [.init(topicId: Self.topic, partitions: partitions)])
    }

    // MARK: Records

    private static func part(_ place: SharePlace) -> ShareFetchResponse.PartitionData {
        var part = ShareFetchResponse.PartitionData(partitionIndex: place.partition)
        part.currentLeader.leaderId = -1
        return part
    }

    private func acknowledgements(_ request: ShareFetchRequest) throws -> [SharePlace: [ShareLedger.Run]] {
        var acknowledged: [SharePlace: [ShareLedger.Run]] = [:]
        for topic in request.topics {
            for partition in topic.partitions where !partition.acknowledgementBatches.isEmpty {
                var last: Int64 = -1
                acknowledged[SharePlace(topicID: topic.topicId, partition: partition.partitionIndex)] =
                    try partition.acknowledgementBatches.map { batch in
                        guard batch.firstOffset > last, batch.lastOffset >= batch.firstOffset,
                            batch.acknowledgeTypes.count == 1, (0...3).contains(batch.acknowledgeTypes[0])
                        else { throw Mistake(description: "acknowledgements in disorder: \(partition)") }
                        last = batch.lastOffset
                        return ShareLedger.Run(batch.firstOffset...batch.lastOffset, batch.acknowledgeTypes[0])
                    }
            }
        }
        return acknowledged
    }

    private mutating func settle(_ runs: [ShareLedger.Run], of place: SharePlace, by member: String) throws -> ErrorCode
    {
        guard let all = records[place] else { throw Mistake(description: "there is no \(place)") }
        for run in runs {
            for offset in run.offsets {
                let name = Place(partition: place.partition, offset: offset)
                guard lent[member]?.contains(name) == true else {
                    throw Mistake(description: "\(offset) of \(place) was never lent to \(member)")
                }
                guard holes.contains(name) == (run.outcome == ShareLedger.gap) else {
                    throw Mistake(description: "\(offset) of \(place) is settled as \(run.outcome)")
                }
                guard case .lent(member, _) = all[Int(offset)] else { return .invalidRecordState }
            }
        }
        for run in runs {
            for offset in run.offsets {
                records[place]?[Int(offset)] = run.outcome == 2 ? .available : .done(outcome: run.outcome)
            }
        }
        return .none
    }

    /// Lends the first run of records that nobody has.
    private mutating func lend(
        _ place: SharePlace,
        to member: String,
        _ left: inout Int,
        _ part: inout ShareFetchResponse.PartitionData,
        _ nowMs: Int64
    ) throws {
        guard let all = records[place], left > 0 else { return }
        guard let first = all.firstIndex(of: .available) else { return }
        let end = all[first...].firstIndex { $0 != .available } ?? all.count
        let range = first..<min(end, first + left)
        left -= range.count
        var values: [String?] = []
        var base = range.lowerBound
        for offset in range {
            let name = Place(partition: place.partition, offset: Int64(offset))
            let isHole = holes.contains(name)
            if isHole, values.isEmpty {
                base = offset + 1
            } else {
                values.append(isHole ? nil : "\(name.partition):\(offset)")
            }
            records[place]?[offset] = .lent(member: member, untilMs: nowMs + Self.lockMs)
            lent[member, default: []].insert(name)
        }
        while values.last == .some(nil) { values.removeLast() }
        part.records = .bytes(
            values.isEmpty
                ? try TestBatch.bytes(["marker"], at: Int64(range.lowerBound), isControl: true)
                : try TestBatch.bytes(values, at: Int64(base))
        )
        part.acquiredRecords = [
            .init(firstOffset: Int64(range.lowerBound), lastOffset: Int64(range.upperBound - 1), deliveryCount: 1)
        ]
    }
}
