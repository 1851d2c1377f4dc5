import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// Fetch (1), versions 4 to 17: records from given offsets on, waiting for them if there are none.
///
/// 4 isolation level; 5 log start offset; 6 KAFKA_STORAGE_ERROR; 7 sessions; 9 leader epochs; 10 zstd; 11 rack;
/// 12 flexible, divergence of logs; 13 topic ids; 15 replica state; 16 node endpoints; 17 directory ids.
/// Records are answered as ranges of log files, which go to the socket without being read. A follower's fetch reads up to
/// the log's end and acknowledges what lies before it; a consumer's may go to a follower, or be sent to one in its rack.
struct FetchHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 4...17

    let core: BrokerCore

    func handle(_ request: FetchRequest, _ context: RequestContext) async -> Reply<FetchResponse> {
        let usesTopicIDs = context.version >= 13
        let follower = request.follower(context.version)
        let plan: FetchSessions.Plan
        switch core.fetchSessions.plan(
            id: context.version >= 7 ? request.sessionId : 0,
            epoch: context.version >= 7 ? request.sessionEpoch : -1,
            targets: request.targets(usesTopicIDs: usesTopicIDs),
            forgotten: request.forgotten(usesTopicIDs: usesTopicIDs),
            usesTopicIDs: usesTopicIDs,
            isPrivileged: follower != nil,
            nowMs: core.realClock.nowMs
        ) {
        case .failure(let error): return .respond(FetchResponse(errorCode: error.code))
        case .success(let found): plan = found
        }
        let reader = FetchReader(
            core: core,
            version: context.version,
            isCommittedOnly: request.isolationLevel == 1,
            follower: follower,
            rack: follower == nil && !request.rackId.isEmpty && core.readsInRacks ? request.rackId : nil,
            maxBytes: min(Int(request.maxBytes), core.brokerInteger("fetch.max.bytes", Int(Int32.max)))
        )
        let parts = await read(plan.targets, reader, minBytes: Int(request.minBytes), maxWaitMs: request.maxWaitMs)
        return .respond(response(parts, plan, usesTopicIDs: usesTopicIDs))
    }

    // MARK: Long poll

    /// Reads, and reads again whenever one of the partitions has got more, until there is enough or time is up.
    private func read(
        _ targets: [FetchTarget],
        _ reader: FetchReader,
        minBytes: Int,
        maxWaitMs: Int32
    ) async -> [FetchPart] {
        var parts = reader.read(targets, isNews: true)
        guard maxWaitMs > 0, !targets.isEmpty, !core.stopping.hasBegun, !Self.isEnough(parts, minBytes) else {
            return parts
        }
        let alarm = Alarm()
        let deadline = core.realClock.schedule(afterMs: Int64(maxWaitMs)) { alarm.expire() }
        defer { deadline.cancel() }
        repeat {
            let isInTime = await sleep(alarm, parts, follows: reader.follower != nil)
            parts = reader.read(targets, isNews: false)
            if !isInTime || core.stopping.hasBegun { break }
        } while !Self.isEnough(parts, minBytes)
        return parts
    }

    /// Until one of the partitions has got more; false when the time is up.
    private func sleep(_ alarm: Alarm, _ parts: [FetchPart], follows: Bool) async -> Bool {
        let tickets = parts.map { part in
            follows
                ? part.partition?.ring(alarm, whenEndPasses: part.logEnd)
                : part.partition?.ring(alarm, whenHighWatermarkReaches: part.highWatermark + 1, reads: true)
        }
        let isInTime = await alarm.sleep()
        for (part, ticket) in zip(parts, tickets) {
            guard let ticket else { continue }
            if follows { part.partition?.forgetEnd(ticket) } else { part.partition?.forget(ticket) }
        }
        return isInTime
    }

    private static func isEnough(_ parts: [FetchPart], _ minBytes: Int) -> Bool {
        var bytes = 0
        for part in parts {
            if part.error != nil || part.diverging != nil || part.preferredReplica != nil { return true }
            bytes += part.records.count
        }
        return bytes >= minBytes
    }

    // MARK: Answer

    private func response(_ parts: [FetchPart], _ plan: FetchSessions.Plan, usesTopicIDs: Bool) -> FetchResponse {
        let selection = plan.session?.withSession { session in
            session.select(parts.map(\.outcome), isFull: plan.isFull)
        }
        var response = FetchResponse(sessionId: plan.sessionID)
        for (index, part) in parts.enumerated() where selection?[index] ?? true {
            var topic = FetchResponse.FetchableTopicResponse()
            switch part.target.key.topic {
            case .name(let name): topic.topic = name
            case .id(let id): topic.topicId = id
            }
            if let last = response.responses.last, last.topic == topic.topic, last.topicId == topic.topicId {
                response.responses[response.responses.count - 1].partitions.append(part.data)
            } else {
                topic.partitions = [part.data]
                response.responses.append(topic)
            }
        }
        return response
    }
}

extension BrokerCore {
    /// Whether consumers are told to read from a replica in their rack.
    fileprivate var readsInRacks: Bool {
        brokerValue("replica.selector.class")?.hasSuffix("RackAwareReplicaSelector") ?? false
    }
}

extension FetchRequest {
    /// The broker that follows; nil for consumers, and for tools that pretend to be one (-2).
    fileprivate func follower(_ version: Int16) -> FetchReader.Follower? {
        let id = version >= 15 ? replicaState.replicaId : replicaId
        return id < 0 ? nil : .init(id: id, epoch: version >= 15 ? replicaState.replicaEpoch : -1)
    }

    fileprivate func targets(usesTopicIDs: Bool) -> [FetchTarget] {
        topics.flatMap { topic in
            topic.partitions.map { partition in
                FetchTarget(
                    key: FetchKey(
                        topic: usesTopicIDs ? .id(topic.topicId) : .name(topic.topic),
                        partition: partition.partition
                    ),
                    offset: partition.fetchOffset,
                    maxBytes: Int(partition.partitionMaxBytes),
                    currentLeaderEpoch: partition.currentLeaderEpoch,
                    lastFetchedEpoch: partition.lastFetchedEpoch,
                    logStartOffset: partition.logStartOffset
                )
            }
        }
    }

    fileprivate func forgotten(usesTopicIDs: Bool) -> [FetchKey] {
        forgottenTopicsData.flatMap { topic in
            topic.partitions.map { partition in
                FetchKey(topic: usesTopicIDs ? .id(topic.topicId) : .name(topic.topic), partition: partition)
            }
        }
    }
}
