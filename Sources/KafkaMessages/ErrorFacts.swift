/// What is known about each error code, from the lowest to the highest without a gap.
struct ErrorFacts: Sendable {
    let name: String
    let exception: String
    let recovery: ErrorRecovery
    let message: String

    private init(_ name: String, _ exception: String, _ recovery: ErrorRecovery, _ message: String) {
        self.name = name
        self.exception = exception
        self.recovery = recovery
        self.message = message
    }

    /// Nil for a code that is not known.
    static func of(_ code: Int16) -> ErrorFacts? {
        let index = Int(code) + 1
        return table.indices.contains(index) ? table[index] : nil
    }

    private static let table: [ErrorFacts] = [
        ErrorFacts(
            "UNKNOWN_SERVER_ERROR",
            "UnknownServerException",
            .none,
            "The server met an error that it has no code for."
        ),
        ErrorFacts("NONE", "", .none, "No error."),
        ErrorFacts(
            "OFFSET_OUT_OF_RANGE",
            "OffsetOutOfRangeException",
            .none,
            "The requested offset is not within the range of offsets maintained by the server."
        ),
        ErrorFacts(
            "CORRUPT_MESSAGE",
            "CorruptRecordException",
            .retry,
            "A record batch arrived damaged: its checksum or its size is wrong."
        ),
        ErrorFacts(
            "UNKNOWN_TOPIC_OR_PARTITION",
            "UnknownTopicOrPartitionException",
            .refreshMetadata,
            "This server does not host this topic-partition."
        ),
        ErrorFacts(
            "INVALID_FETCH_SIZE",
            "InvalidFetchSizeException",
            .none,
            "The number of bytes to fetch is not valid."
        ),
        ErrorFacts(
            "LEADER_NOT_AVAILABLE",
            "LeaderNotAvailableException",
            .refreshMetadata,
            "The partition has no leader yet; an election may be going on."
        ),
        ErrorFacts(
            "NOT_LEADER_OR_FOLLOWER",
            "NotLeaderOrFollowerException",
            .refreshMetadata,
            "The broker is neither leader nor follower of the partition."
        ),
        ErrorFacts(
            "REQUEST_TIMED_OUT",
            "TimeoutException",
            .retry,
            "The request was not finished in time; whether it took effect is not known."
        ),
        ErrorFacts("BROKER_NOT_AVAILABLE", "BrokerNotAvailableException", .none, "The broker is not available."),
        ErrorFacts(
            "REPLICA_NOT_AVAILABLE",
            "ReplicaNotAvailableException",
            .refreshMetadata,
            "The replica is not available on this broker."
        ),
        ErrorFacts(
            "MESSAGE_TOO_LARGE",
            "RecordTooLargeException",
            .none,
            "The batch is larger than the server accepts for this topic."
        ),
        ErrorFacts(
            "STALE_CONTROLLER_EPOCH",
            "ControllerMovedException",
            .none,
            "The request comes from a controller that was replaced."
        ),
        ErrorFacts(
            "OFFSET_METADATA_TOO_LARGE",
            "OffsetMetadataTooLarge",
            .none,
            "The text beside the committed offset is too long."
        ),
        ErrorFacts(
            "NETWORK_EXCEPTION",
            "NetworkException",
            .refreshMetadata,
            "The connection was lost before an answer came."
        ),
        ErrorFacts(
            "COORDINATOR_LOAD_IN_PROGRESS",
            "CoordinatorLoadInProgressException",
            .retry,
            "The coordinator is still loading its state."
        ),
        ErrorFacts(
            "COORDINATOR_NOT_AVAILABLE",
            "CoordinatorNotAvailableException",
            .findCoordinator,
            "The coordinator is not available."
        ),
        ErrorFacts(
            "NOT_COORDINATOR",
            "NotCoordinatorException",
            .findCoordinator,
            "This broker is not the coordinator."
        ),
        ErrorFacts(
            "INVALID_TOPIC_EXCEPTION",
            "InvalidTopicException",
            .none,
            "The topic may not be used so: its name is not valid, or it is internal."
        ),
        ErrorFacts(
            "RECORD_LIST_TOO_LARGE",
            "RecordBatchTooLargeException",
            .none,
            "The batch is larger than a log segment."
        ),
        ErrorFacts(
            "NOT_ENOUGH_REPLICAS",
            "NotEnoughReplicasException",
            .retry,
            "Fewer replicas are in sync than the topic demands; nothing was written."
        ),
        ErrorFacts(
            "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
            "NotEnoughReplicasAfterAppendException",
            .retry,
            "The records were written, but to fewer in-sync replicas than the topic demands."
        ),
        ErrorFacts(
            "INVALID_REQUIRED_ACKS",
            "InvalidRequiredAcksException",
            .none,
            "The number of acknowledgements must be -1, 0 or 1."
        ),
        ErrorFacts(
            "ILLEGAL_GENERATION",
            "IllegalGenerationException",
            .none,
            "The generation of the group is not the current one."
        ),
        ErrorFacts(
            "INCONSISTENT_GROUP_PROTOCOL",
            "InconsistentGroupProtocolException",
            .none,
            "The member has no protocol in common with the group."
        ),
        ErrorFacts("INVALID_GROUP_ID", "InvalidGroupIdException", .none, "The group id is not valid."),
        ErrorFacts("UNKNOWN_MEMBER_ID", "UnknownMemberIdException", .none, "The group does not know this member."),
        ErrorFacts(
            "INVALID_SESSION_TIMEOUT",
            "InvalidSessionTimeoutException",
            .none,
            "The session timeout is outside the limits of the broker."
        ),
        ErrorFacts(
            "REBALANCE_IN_PROGRESS",
            "RebalanceInProgressException",
            .none,
            "The group is rebalancing, so the member must join again."
        ),
        ErrorFacts(
            "INVALID_COMMIT_OFFSET_SIZE",
            "InvalidCommitOffsetSizeException",
            .none,
            "The offsets to commit are too large to be stored."
        ),
        ErrorFacts(
            "TOPIC_AUTHORIZATION_FAILED",
            "TopicAuthorizationException",
            .none,
            "Not authorized to access the topic."
        ),
        ErrorFacts(
            "GROUP_AUTHORIZATION_FAILED",
            "GroupAuthorizationException",
            .none,
            "Not authorized to access the group."
        ),
        ErrorFacts(
            "CLUSTER_AUTHORIZATION_FAILED",
            "ClusterAuthorizationException",
            .none,
            "Not authorized to do this to the cluster."
        ),
        ErrorFacts(
            "INVALID_TIMESTAMP",
            "InvalidTimestampException",
            .none,
            "The timestamp of a record is outside the permitted range."
        ),
        ErrorFacts(
            "UNSUPPORTED_SASL_MECHANISM",
            "UnsupportedSaslMechanismException",
            .none,
            "The server does not offer this SASL mechanism."
        ),
        ErrorFacts(
            "ILLEGAL_SASL_STATE",
            "IllegalSaslStateException",
            .none,
            "The request does not belong at this point of the authentication."
        ),
        ErrorFacts("UNSUPPORTED_VERSION", "UnsupportedVersionException", .none, "The version of API is not supported."),
        ErrorFacts("TOPIC_ALREADY_EXISTS", "TopicExistsException", .none, "A topic with this name already exists."),
        ErrorFacts("INVALID_PARTITIONS", "InvalidPartitionsException", .none, "The number of partitions is not valid."),
        ErrorFacts(
            "INVALID_REPLICATION_FACTOR",
            "InvalidReplicationFactorException",
            .none,
            "The replication factor is below 1 or larger than the number of brokers."
        ),
        ErrorFacts(
            "INVALID_REPLICA_ASSIGNMENT",
            "InvalidReplicaAssignmentException",
            .none,
            "The assignment of replicas to brokers is not valid."
        ),
        ErrorFacts("INVALID_CONFIG", "InvalidConfigurationException", .none, "The configuration is not valid."),
        ErrorFacts("NOT_CONTROLLER", "NotControllerException", .retry, "This node is not the active controller."),
        ErrorFacts(
            "INVALID_REQUEST",
            "InvalidRequestException",
            .none,
            "The request is malformed or contradicts itself."
        ),
        ErrorFacts(
            "UNSUPPORTED_FOR_MESSAGE_FORMAT",
            "UnsupportedForMessageFormatException",
            .none,
            "The stored record format cannot do this."
        ),
        ErrorFacts(
            "POLICY_VIOLATION",
            "PolicyViolationException",
            .none,
            "The request breaks a policy of the cluster."
        ),
        ErrorFacts(
            "OUT_OF_ORDER_SEQUENCE_NUMBER",
            "OutOfOrderSequenceException",
            .none,
            "The broker received an out of order sequence number."
        ),
        ErrorFacts(
            "DUPLICATE_SEQUENCE_NUMBER",
            "DuplicateSequenceException",
            .none,
            "The broker has this sequence number already."
        ),
        ErrorFacts(
            "INVALID_PRODUCER_EPOCH",
            "InvalidProducerEpochException",
            .none,
            "A producer with an older epoch tried to write."
        ),
        ErrorFacts(
            "INVALID_TXN_STATE",
            "InvalidTxnStateException",
            .none,
            "The transaction is in a state that does not allow this."
        ),
        ErrorFacts(
            "INVALID_PRODUCER_ID_MAPPING",
            "InvalidPidMappingException",
            .none,
            "The producer id does not belong to this transactional id."
        ),
        ErrorFacts(
            "INVALID_TRANSACTION_TIMEOUT",
            "InvalidTxnTimeoutException",
            .none,
            "The transaction timeout is larger than the broker allows."
        ),
        ErrorFacts(
            "CONCURRENT_TRANSACTIONS",
            "ConcurrentTransactionsException",
            .retry,
            "The previous operation on the same transaction is not finished."
        ),
        ErrorFacts(
            "TRANSACTION_COORDINATOR_FENCED",
            "TransactionCoordinatorFencedException",
            .none,
            "The transaction coordinator that sent this was replaced."
        ),
        ErrorFacts(
            "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
            "TransactionalIdAuthorizationException",
            .none,
            "Not authorized to use the transactional id."
        ),
        ErrorFacts(
            "SECURITY_DISABLED",
            "SecurityDisabledException",
            .none,
            "The cluster has no authorizer, so there are no access control entries."
        ),
        ErrorFacts(
            "OPERATION_NOT_ATTEMPTED",
            "OperationNotAttemptedException",
            .none,
            "Not attempted, because another part of the request failed."
        ),
        ErrorFacts(
            "KAFKA_STORAGE_ERROR",
            "KafkaStorageException",
            .refreshMetadata,
            "The broker could not read or write its disk."
        ),
        ErrorFacts("LOG_DIR_NOT_FOUND", "LogDirNotFoundException", .none, "The broker has no such log directory."),
        ErrorFacts("SASL_AUTHENTICATION_FAILED", "SaslAuthenticationException", .none, "The credentials were refused."),
        ErrorFacts(
            "UNKNOWN_PRODUCER_ID",
            "UnknownProducerIdException",
            .none,
            "The broker no longer knows this producer."
        ),
        ErrorFacts(
            "REASSIGNMENT_IN_PROGRESS",
            "ReassignmentInProgressException",
            .none,
            "The partition is being reassigned."
        ),
        ErrorFacts(
            "DELEGATION_TOKEN_AUTH_DISABLED",
            "DelegationTokenDisabledException",
            .none,
            "Delegation tokens are not enabled."
        ),
        ErrorFacts(
            "DELEGATION_TOKEN_NOT_FOUND",
            "DelegationTokenNotFoundException",
            .none,
            "There is no such delegation token."
        ),
        ErrorFacts(
            "DELEGATION_TOKEN_OWNER_MISMATCH",
            "DelegationTokenOwnerMismatchException",
            .none,
            "The delegation token belongs to somebody else."
        ),
        ErrorFacts(
            "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
            "UnsupportedByAuthenticationException",
            .none,
            "Delegation tokens are not allowed over this kind of connection."
        ),
        ErrorFacts(
            "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
            "DelegationTokenAuthorizationException",
            .none,
            "Not authorized to use the delegation token."
        ),
        ErrorFacts(
            "DELEGATION_TOKEN_EXPIRED",
            "DelegationTokenExpiredException",
            .none,
            "The delegation token has expired."
        ),
        ErrorFacts(
            "INVALID_PRINCIPAL_TYPE",
            "InvalidPrincipalTypeException",
            .none,
            "The type of principal is not supported."
        ),
        ErrorFacts("NON_EMPTY_GROUP", "GroupNotEmptyException", .none, "The group is not empty."),
        ErrorFacts("GROUP_ID_NOT_FOUND", "GroupIdNotFoundException", .none, "The group id does not exist."),
        ErrorFacts(
            "FETCH_SESSION_ID_NOT_FOUND",
            "FetchSessionIdNotFoundException",
            .retry,
            "The broker no longer has the fetch session."
        ),
        ErrorFacts(
            "INVALID_FETCH_SESSION_EPOCH",
            "InvalidFetchSessionEpochException",
            .retry,
            "The epoch of the fetch session is out of step."
        ),
        ErrorFacts(
            "LISTENER_NOT_FOUND",
            "ListenerNotFoundException",
            .refreshMetadata,
            "The leader has no listener of the kind that was asked."
        ),
        ErrorFacts(
            "TOPIC_DELETION_DISABLED",
            "TopicDeletionDisabledException",
            .none,
            "The cluster does not allow topics to be deleted."
        ),
        ErrorFacts(
            "FENCED_LEADER_EPOCH",
            "FencedLeaderEpochException",
            .refreshMetadata,
            "The leader epoch of the request is older than that of the broker."
        ),
        ErrorFacts(
            "UNKNOWN_LEADER_EPOCH",
            "UnknownLeaderEpochException",
            .retry,
            "The leader epoch of the request is newer than that of the broker."
        ),
        ErrorFacts(
            "UNSUPPORTED_COMPRESSION_TYPE",
            "UnsupportedCompressionTypeException",
            .none,
            "The client is too old for the compression that the records have."
        ),
        ErrorFacts(
            "STALE_BROKER_EPOCH",
            "StaleBrokerEpochException",
            .none,
            "The broker has registered anew since it sent this."
        ),
        ErrorFacts(
            "OFFSET_NOT_AVAILABLE",
            "OffsetNotAvailableException",
            .retry,
            "The new leader has not caught up far enough to answer."
        ),
        ErrorFacts(
            "MEMBER_ID_REQUIRED",
            "MemberIdRequiredException",
            .none,
            "The member must join again with the id that it was given."
        ),
        ErrorFacts(
            "PREFERRED_LEADER_NOT_AVAILABLE",
            "PreferredLeaderNotAvailableException",
            .refreshMetadata,
            "The preferred leader is not available."
        ),
        ErrorFacts(
            "GROUP_MAX_SIZE_REACHED",
            "GroupMaxSizeReachedException",
            .none,
            "The group has as many members as it may have."
        ),
        ErrorFacts(
            "FENCED_INSTANCE_ID",
            "FencedInstanceIdException",
            .none,
            "Another member took over this static member id."
        ),
        ErrorFacts(
            "ELIGIBLE_LEADERS_NOT_AVAILABLE",
            "EligibleLeadersNotAvailableException",
            .refreshMetadata,
            "No replica that may lead is available."
        ),
        ErrorFacts(
            "ELECTION_NOT_NEEDED",
            "ElectionNotNeededException",
            .refreshMetadata,
            "The partition already has the wanted leader."
        ),
        ErrorFacts(
            "NO_REASSIGNMENT_IN_PROGRESS",
            "NoReassignmentInProgressException",
            .none,
            "The partition is not being reassigned."
        ),
        ErrorFacts(
            "GROUP_SUBSCRIBED_TO_TOPIC",
            "GroupSubscribedToTopicException",
            .none,
            "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it."
        ),
        ErrorFacts(
            "INVALID_RECORD",
            "InvalidRecordException",
            .none,
            "A record breaks a rule of the topic or of the format."
        ),
        ErrorFacts(
            "UNSTABLE_OFFSET_COMMIT",
            "UnstableOffsetCommitException",
            .retry,
            "The offset belongs to a transaction that is not finished."
        ),
        ErrorFacts(
            "THROTTLING_QUOTA_EXCEEDED",
            "ThrottlingQuotaExceededException",
            .retry,
            "The quota is used up; try again later."
        ),
        ErrorFacts(
            "PRODUCER_FENCED",
            "ProducerFencedException",
            .none,
            "A newer producer with the same transactional id took over."
        ),
        ErrorFacts("RESOURCE_NOT_FOUND", "ResourceNotFoundException", .none, "There is no such resource."),
        ErrorFacts(
            "DUPLICATE_RESOURCE",
            "DuplicateResourceException",
            .none,
            "The request names the same resource twice."
        ),
        ErrorFacts(
            "UNACCEPTABLE_CREDENTIAL",
            "UnacceptableCredentialException",
            .none,
            "The credential does not meet the demands."
        ),
        ErrorFacts(
            "INCONSISTENT_VOTER_SET",
            "InconsistentVoterSetException",
            .none,
            "The two sides disagree about the voters of the quorum."
        ),
        ErrorFacts(
            "INVALID_UPDATE_VERSION",
            "InvalidUpdateVersionException",
            .none,
            "The version in the request is not the one that an update needs."
        ),
        ErrorFacts(
            "FEATURE_UPDATE_FAILED",
            "FeatureUpdateFailedException",
            .none,
            "The finalized features could not be updated."
        ),
        ErrorFacts(
            "PRINCIPAL_DESERIALIZATION_FAILURE",
            "PrincipalDeserializationException",
            .none,
            "The principal of a forwarded request could not be read."
        ),
        ErrorFacts("SNAPSHOT_NOT_FOUND", "SnapshotNotFoundException", .none, "There is no such snapshot."),
        ErrorFacts(
            "POSITION_OUT_OF_RANGE",
            "PositionOutOfRangeException",
            .none,
            "The position lies outside the snapshot."
        ),
        ErrorFacts(
            "UNKNOWN_TOPIC_ID",
            "UnknownTopicIdException",
            .refreshMetadata,
            "This server does not host a topic with this id."
        ),
        ErrorFacts(
            "DUPLICATE_BROKER_REGISTRATION",
            "DuplicateBrokerRegistrationException",
            .none,
            "The broker id is in use by a broker that lives."
        ),
        ErrorFacts(
            "BROKER_ID_NOT_REGISTERED",
            "BrokerIdNotRegisteredException",
            .none,
            "The given broker ID was not registered."
        ),
        ErrorFacts(
            "INCONSISTENT_TOPIC_ID",
            "InconsistentTopicIdException",
            .refreshMetadata,
            "The topic id differs from that of the stored log."
        ),
        ErrorFacts(
            "INCONSISTENT_CLUSTER_ID",
            "InconsistentClusterIdException",
            .none,
            "The cluster id is that of another cluster."
        ),
        ErrorFacts(
            "TRANSACTIONAL_ID_NOT_FOUND",
            "TransactionalIdNotFoundException",
            .none,
            "The transactional id does not exist."
        ),
        ErrorFacts(
            "FETCH_SESSION_TOPIC_ID_ERROR",
            "FetchSessionTopicIdException",
            .retry,
            "The fetch session mixes topic names and topic ids."
        ),
        ErrorFacts(
            "INELIGIBLE_REPLICA",
            "IneligibleReplicaException",
            .none,
            "A replica that may not be in sync was proposed."
        ),
        ErrorFacts(
            "NEW_LEADER_ELECTED",
            "NewLeaderElectedException",
            .none,
            "The change was made, and the partition has a new leader."
        ),
        ErrorFacts(
            "OFFSET_MOVED_TO_TIERED_STORAGE",
            "OffsetMovedToTieredStorageException",
            .none,
            "The offset is in tiered storage."
        ),
        ErrorFacts(
            "FENCED_MEMBER_EPOCH",
            "FencedMemberEpochException",
            .none,
            "The epoch of the member was fenced; it must join again."
        ),
        ErrorFacts(
            "UNRELEASED_INSTANCE_ID",
            "UnreleasedInstanceIdException",
            .none,
            "Another member still holds this static member id."
        ),
        ErrorFacts(
            "UNSUPPORTED_ASSIGNOR",
            "UnsupportedAssignorException",
            .none,
            "The group does not support the assignor."
        ),
        ErrorFacts(
            "STALE_MEMBER_EPOCH",
            "StaleMemberEpochException",
            .none,
            "The epoch of the member is not the current one."
        ),
        ErrorFacts(
            "MISMATCHED_ENDPOINT_TYPE",
            "MismatchedEndpointTypeException",
            .none,
            "The request went to the wrong kind of endpoint."
        ),
        ErrorFacts(
            "UNSUPPORTED_ENDPOINT_TYPE",
            "UnsupportedEndpointTypeException",
            .none,
            "This kind of endpoint is not known."
        ),
        ErrorFacts("UNKNOWN_CONTROLLER_ID", "UnknownControllerIdException", .none, "There is no such controller."),
        ErrorFacts(
            "UNKNOWN_SUBSCRIPTION_ID",
            "UnknownSubscriptionIdException",
            .none,
            "The client's telemetry subscription is not the current one."
        ),
        ErrorFacts(
            "TELEMETRY_TOO_LARGE",
            "TelemetryTooLargeException",
            .none,
            "The telemetry is larger than the broker accepts."
        ),
        ErrorFacts(
            "INVALID_REGISTRATION",
            "InvalidRegistrationException",
            .none,
            "The controller refused the registration."
        ),
        ErrorFacts(
            "TRANSACTION_ABORTABLE",
            "TransactionAbortableException",
            .none,
            "The transaction must be aborted; the producer may go on afterwards."
        ),
        ErrorFacts(
            "INVALID_RECORD_STATE",
            "InvalidRecordStateException",
            .none,
            "The record is in a state that does not allow this."
        ),
        ErrorFacts(
            "SHARE_SESSION_NOT_FOUND",
            "ShareSessionNotFoundException",
            .retry,
            "The broker does not have the share session."
        ),
        ErrorFacts(
            "INVALID_SHARE_SESSION_EPOCH",
            "InvalidShareSessionEpochException",
            .retry,
            "The epoch of the share session is out of step."
        ),
        ErrorFacts(
            "FENCED_STATE_EPOCH",
            "FencedStateEpochException",
            .none,
            "The epoch of the share state is older than the stored one."
        ),
        ErrorFacts(
            "INVALID_VOTER_KEY",
            "InvalidVoterKeyException",
            .none,
            "The voter's key does not fit the receiver."
        ),
        ErrorFacts("DUPLICATE_VOTER", "DuplicateVoterException", .none, "The voter is already in the quorum."),
        ErrorFacts("VOTER_NOT_FOUND", "VoterNotFoundException", .none, "The voter is not in the quorum."),
        ErrorFacts(
            "INVALID_REGULAR_EXPRESSION",
            "InvalidRegularExpression",
            .none,
            "The regular expression is not valid."
        ),
        ErrorFacts(
            "REBOOTSTRAP_REQUIRED",
            "RebootstrapRequiredException",
            .none,
            "The client must start again from its bootstrap servers."
        ),
        ErrorFacts(
            "STREAMS_INVALID_TOPOLOGY",
            "StreamsInvalidTopologyException",
            .none,
            "The topology of the streams application is not valid."
        ),
        ErrorFacts(
            "STREAMS_INVALID_TOPOLOGY_EPOCH",
            "StreamsInvalidTopologyEpochException",
            .none,
            "The epoch of the streams topology is not valid."
        ),
        ErrorFacts(
            "STREAMS_TOPOLOGY_FENCED",
            "StreamsTopologyFencedException",
            .none,
            "The streams topology is older than that of the group."
        ),
        ErrorFacts(
            "SHARE_SESSION_LIMIT_REACHED",
            "ShareSessionLimitReachedException",
            .retry,
            "The broker has as many share sessions as it may have."
        ),
    ]
}
