import KafkaCoordination
import KafkaMessages
import KafkaStorage
import KafkaWire

/// Fetch (1) on the controller's listener, versions 12 to 17: the metadata log, for brokers that follow it.
///
/// 12 cluster id, divergence of logs; 13 topic ids; 15 replica state; 16 node endpoints; 17 directory ids. Exactly one
/// partition, no sessions. A broker whose log has come apart from this one is told where; one that needs what is gone
/// is told of a snapshot.
struct FetchMetadataHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 12...17

    /// A log whose last answer would be larger than this is read in several.
    private static let largestAnswer = 16 << 20
    private static let longestWaitMs: Int32 = 10_000

    let core: ControllerCore

    func handle(_ request: FetchRequest, _ context: RequestContext) async -> Reply<FetchResponse> {
        if let cluster = request.clusterId, cluster != core.clusterID {
            return .respond(FetchResponse(errorCode: .inconsistentClusterId))
        }
        let usesID = context.version >= 13
        guard let topic = request.topics.first, request.topics.count == 1, let wanted = topic.partitions.first,
            topic.partitions.count == 1, wanted.partition == 0,
            usesID ? topic.topicId == MetadataLog.topicID : topic.topic == TopicName.clusterMetadata
        else { return .respond(FetchResponse(errorCode: .invalidRequest)) }
        let replica = context.version >= 15 ? request.replicaState.replicaId : request.replicaId
        let data = await answer(
            wanted,
            replica: replica,
            maxWaitMs: min(request.maxWaitMs, Self.longestWaitMs),
            Int(request.maxBytes)
        )
        var response = FetchResponse()
        response.responses = [
            .init(topic: usesID ? "" : TopicName.clusterMetadata, topicId: MetadataLog.topicID, partitions: [data])
        ]
        if context.version >= 17 {
            response.nodeEndpoints = [
                .init(nodeId: core.nodeID, host: core.address.host, port: Int32(core.address.port))
            ]
        }
        return .respond(response)
    }

    private func answer(
        _ wanted: FetchRequest.FetchPartition,
        replica: Int32,
        maxWaitMs: Int32,
        _ maxBytes: Int
    ) async -> FetchResponse.PartitionData {
        var data = FetchResponse.PartitionData()
        data.currentLeader = .init(leaderId: core.nodeID, leaderEpoch: core.leaderEpoch)
        data.highWatermark = core.log.committedOffset
        data.lastStableOffset = data.highWatermark
        data.logStartOffset = core.log.startOffset
        data.abortedTransactions = []
        if let problem = problem(with: wanted) {
            data.errorCode = problem
            return data
        }
        if let snapshot = core.log.snapshot(insteadOf: wanted.fetchOffset) {
            data.snapshotId = .init(endOffset: snapshot.endOffset, epoch: snapshot.epoch)
            return data
        }
        if let diverging = core.log.divergence(offset: wanted.fetchOffset, epoch: wanted.lastFetchedEpoch) {
            data.divergingEpoch = .init(epoch: diverging.epoch, endOffset: diverging.endOffset)
            return data
        }
        // At once: what it asks for is what it lacks, however long it waits for that.
        if replica >= 0 {
            core.observers.fetched(
                replica,
                wanted.replicaDirectoryId,
                offset: wanted.fetchOffset,
                end: data.highWatermark,
                nowMs: core.clock.nowMs
            )
        }
        if wanted.fetchOffset == data.highWatermark, maxWaitMs > 0 {
            await wait(beyond: wanted.fetchOffset, maxWaitMs: maxWaitMs)
            data.highWatermark = core.log.committedOffset
            data.lastStableOffset = data.highWatermark
        }
        do throws(PartitionError) {
            let limit = max(0, min(maxBytes, Int(wanted.partitionMaxBytes), Self.largestAnswer))
            data.records = try core.log.read(from: wanted.fetchOffset, maxBytes: limit)
        } catch {
            data.errorCode = error.code
        }
        return data
    }

    private func problem(with wanted: FetchRequest.FetchPartition) -> ErrorCode? {
        if wanted.fetchOffset < 0 || wanted.lastFetchedEpoch < 0 || wanted.lastFetchedEpoch > core.leaderEpoch {
            return .invalidRequest
        }
        if wanted.currentLeaderEpoch >= 0 {
            if wanted.currentLeaderEpoch < core.leaderEpoch { return .fencedLeaderEpoch }
            if wanted.currentLeaderEpoch > core.leaderEpoch { return .unknownLeaderEpoch }
        }
        return nil
    }

    private func wait(beyond offset: Int64, maxWaitMs: Int32) async {
        guard !core.stopping.hasBegun else { return }
        let alarm = Alarm()
        let call = core.clock.schedule(afterMs: Int64(maxWaitMs)) { alarm.expire() }
        let ticket = core.log.ring(alarm, beyond: offset)
        _ = await alarm.sleep()
        call.cancel()
        core.log.forget(ticket)
    }
}
