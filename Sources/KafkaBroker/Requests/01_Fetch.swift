import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire
import NIOCore

/// Fetch (1), versions 4 to 17: records from given offsets on, waiting for them if there are none.
///
/// 4 isolation level; 5 log start offset; 6 KAFKA_STORAGE_ERROR; 7 sessions; 9 leader epochs; 10 zstd; 11 rack;
/// 12 flexible, divergence of logs; 13 topic ids; 15 replica state; 16 node endpoints; 17 directory ids.
/// Records are answered as ranges of log files, which go to the socket without being read. Left out: replicas that
/// follow (there are none yet) and fetching from them.
struct FetchHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 4...17

    let core: BrokerCore

    func handle(_ request: FetchRequest, _ context: RequestContext) async -> Reply<FetchResponse> {
        let usesTopicIDs = context.version >= 13
        let plan: FetchSessions.Plan
        switch core.fetchSessions.plan(
            id: context.version >= 7 ? request.sessionId : 0,
            epoch: context.version >= 7 ? request.sessionEpoch : -1,
            targets: request.targets(usesTopicIDs: usesTopicIDs),
            forgotten: request.forgotten(usesTopicIDs: usesTopicIDs),
            usesTopicIDs: usesTopicIDs,
            nowMs: core.realClock.nowMs
        ) {
        case .failure(let error): return .respond(FetchResponse(errorCode: error.code))
        case .success(let found): plan = found
        }
        let reader = FetchReader(
            core: core,
            version: context.version,
            isCommittedOnly: request.isolationLevel == 1,
            replicaID: context.version >= 15 ? request.replicaState.replicaId : request.replicaId,
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
        var parts = reader.read(targets)
        guard maxWaitMs > 0, !targets.isEmpty, !core.stopping.hasBegun, !Self.isEnough(parts, minBytes) else {
            return parts
        }
        let alarm = Alarm()
        let deadline = core.realClock.schedule(afterMs: Int64(maxWaitMs)) { alarm.expire() }
        defer { deadline.cancel() }
        repeat {
            let tickets = parts.map { part in
                part.partition?.ring(alarm, whenHighWatermarkReaches: part.highWatermark + 1)
            }
            let isInTime = await alarm.sleep()
            for (part, ticket) in zip(parts, tickets) {
                if let ticket { part.partition?.forget(ticket) }
            }
            parts = reader.read(targets)
            if !isInTime || core.stopping.hasBegun { break }
        } while !Self.isEnough(parts, minBytes)
        return parts
    }

    private static func isEnough(_ parts: [FetchPart], _ minBytes: Int) -> Bool {
        var bytes = 0
        for part in parts {
            if part.error != nil || part.diverging != nil { return true }
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

extension FetchRequest {
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
