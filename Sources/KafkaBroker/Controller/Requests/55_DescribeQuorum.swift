import KafkaCoordination
import KafkaMessages
import KafkaWire

/// DescribeQuorum (55) on the controller's listener, versions 0 to 2: who leads the metadata log and how far its readers
/// are.
///
/// 1 times of fetches; 2 directory ids, endpoints, messages.
struct DescribeQuorumHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: ControllerCore

    func handle(_ request: DescribeQuorumRequest, _ context: RequestContext) async -> Reply<DescribeQuorumResponse> {
        var response = DescribeQuorumResponse()
        response.topics = request.topics.map { topic in
            DescribeQuorumResponse.TopicData(
                topicName: topic.topicName,
                partitions: topic.partitions.map { partition in
                    guard topic.topicName == TopicName.clusterMetadata, partition.partitionIndex == 0 else {
                        return .init(
                            partitionIndex: partition.partitionIndex,
                            errorCode: .unknownTopicOrPartition
                        )
                    }
                    return describe()
                }
            )
        }
        let listener = DescribeQuorumResponse.Listener(
            name: core.listenerName,
            host: core.address.host,
            port: UInt16(clamping: core.address.port)
        )
        response.nodes = [.init(nodeId: core.nodeID, listeners: [listener])]
        return .respond(response)
    }

    private func describe() -> DescribeQuorumResponse.PartitionData {
        let nowMs = core.clock.nowMs
        let end = core.log.endOffset
        // Its id stands in the log, not in the list of voters, so that no directory can be named.
        let voter = DescribeQuorumResponse.ReplicaState(
            replicaId: core.nodeID,
            logEndOffset: end,
            lastFetchTimestamp: nowMs,
            lastCaughtUpTimestamp: nowMs
        )
        return DescribeQuorumResponse.PartitionData(
            partitionIndex: 0,
            leaderId: core.nodeID,
            leaderEpoch: core.leaderEpoch,
            highWatermark: end,
            currentVoters: [voter],
            observers: core.observers.list(nowMs: nowMs).map { id, observer in
                DescribeQuorumResponse.ReplicaState(
                    replicaId: id,
                    replicaDirectoryId: observer.directoryID,
                    logEndOffset: observer.logEnd,
                    lastFetchTimestamp: observer.lastFetchMs,
                    lastCaughtUpTimestamp: observer.lastCaughtUpMs
                )
            }
        )
    }
}
