import KafkaCoordination
import KafkaMessages
import KafkaWire

/// Describes the quorum that this node is the only voter of.
struct QuorumDescriber: Sendable {
    let nodeID: Int32
    let log: MetadataLog
    let observers: QuorumObservers
    let clock: any BrokerClock
    /// Where the controller is reached; nil when it has no listener of its own.
    var listener: (name: String, address: BrokerAddress)?

    func describe(_ request: DescribeQuorumRequest) -> DescribeQuorumResponse {
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
        if let listener {
            let endpoint = DescribeQuorumResponse.Listener(
                name: listener.name,
                host: listener.address.host,
                port: UInt16(clamping: listener.address.port)
            )
            response.nodes = [.init(nodeId: nodeID, listeners: [endpoint])]
        }
        return response
    }

    private func describe() -> DescribeQuorumResponse.PartitionData {
        let nowMs = clock.nowMs
        let end = log.committedOffset
        // The list of voters is the configuration's, which names no directories.
        let voter = DescribeQuorumResponse.ReplicaState(
            replicaId: nodeID,
            logEndOffset: end,
            lastFetchTimestamp: nowMs,
            lastCaughtUpTimestamp: nowMs
        )
        return DescribeQuorumResponse.PartitionData(
            partitionIndex: 0,
            leaderId: nodeID,
            leaderEpoch: log.epoch,
            highWatermark: end,
            currentVoters: [voter],
            observers: observers.list(nowMs: nowMs).map { id, observer in
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
