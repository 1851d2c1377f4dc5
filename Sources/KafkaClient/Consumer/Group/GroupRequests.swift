import KafkaMessages

/// Requests of group members in the words that older brokers know.
enum GroupRequests {
    private static func needsNewer(_ what: String) -> KafkaClientError {
        KafkaClientError(.unsupportedByBroker, "The group's coordinator is too old for \(what).")
    }

    static func adapt(_ request: inout JoinGroupRequest, version: Int16) throws(KafkaClientError) {
        if version < 8 { request.reason = nil }
        if version < 5, request.groupInstanceId != nil {
            throw needsNewer("static members: leave out group.instance.id")
        }
        if version < 1 { request.rebalanceTimeoutMs = -1 }
    }

    static func adapt(_ request: inout ConsumerGroupHeartbeatRequest, version: Int16) throws(KafkaClientError) {
        guard version < 1, let expression = request.subscribedTopicRegex else { return }
        guard expression.isEmpty else { throw needsNewer("subscriptions by an expression") }
        request.subscribedTopicRegex = nil
    }

    static func adapt(_ request: inout SyncGroupRequest, version: Int16) {
        if version < 5 {
            request.protocolType = nil
            request.protocolName = nil
        }
        if version < 3 { request.groupInstanceId = nil }
    }

    static func adapt(_ request: inout HeartbeatRequest, version: Int16) {
        if version < 3 { request.groupInstanceId = nil }
    }

    static func adapt(_ request: inout LeaveGroupRequest, version: Int16) {
        if version < 5 {
            for index in request.members.indices { request.members[index].reason = nil }
        }
        if version < 3 {
            request.memberId = request.members.first?.memberId ?? ""
            request.members = []
        }
    }

    static func adapt(_ request: inout TxnOffsetCommitRequest, version: Int16) {
        if version < 3 {
            request.generationId = -1
            request.memberId = ""
            request.groupInstanceId = nil
        }
        guard version < 2 else { return }
        for topic in request.topics.indices {
            for partition in request.topics[topic].partitions.indices {
                request.topics[topic].partitions[partition].committedLeaderEpoch = -1
            }
        }
    }

    static func adapt(_ request: inout OffsetCommitRequest, version: Int16) throws(KafkaClientError) {
        if version < 7, request.groupInstanceId != nil {
            throw needsNewer("static members: leave out group.instance.id")
        }
        guard version < 6 else { return }
        for topic in request.topics.indices {
            for partition in request.topics[topic].partitions.indices {
                request.topics[topic].partitions[partition].committedLeaderEpoch = -1
            }
        }
    }
}
