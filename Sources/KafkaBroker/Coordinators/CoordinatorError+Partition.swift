import KafkaCoordination
import KafkaMessages

extension CoordinatorError {
    /// A write of the coordinator that failed, in the codes that make clients try again or look for the coordinator
    /// (`groups.md`, section 2).
    init(_ error: PartitionError) {
        let code: ErrorCode =
            switch error.code {
            case .unknownTopicOrPartition, .notEnoughReplicas, .notEnoughReplicasAfterAppend, .requestTimedOut:
                .coordinatorNotAvailable
            case .notLeaderOrFollower, .fencedLeaderEpoch, .unknownLeaderEpoch, .kafkaStorageError: .notCoordinator
            case .messageTooLarge, .recordListTooLarge, .corruptMessage: .unknownServerError
            default: error.code
            }
        self.init(code, error.message)
    }
}
