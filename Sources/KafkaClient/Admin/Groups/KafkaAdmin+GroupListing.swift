import KafkaMessages
import KafkaTransport

extension KafkaAdmin {
    /// The groups of the cluster: every broker lists those that it coordinates.
    ///
    /// A group whose coordinator moves during the call may be missing, or be listed twice.
    ///
    /// - Parameters:
    ///   - states: only groups in these states; empty for all. Needs Kafka 2.6 (KIP-518).
    ///   - types: only groups of these types; empty for all. Needs Kafka 3.7 (KIP-848), unless it is `classic` alone.
    /// - Returns: its groups, or why they cannot be told, by broker.
    /// - Throws: when no broker could be asked which brokers there are.
    public func listGroups(
        states: Set<GroupStatus> = [],
        types: Set<GroupType> = [],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [Node: Result<[GroupListing], KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askBrokers(nil, deadline: deadline) { [cluster] (node) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: node.id, deadline: deadline)
            let version = try cluster.mapping { () throws(ConnectionError) in
                try connection.version(of: ListGroupsRequest.self)
            }
            var request = ListGroupsRequest()
            if !states.isEmpty {
                guard version >= 4 else { throw Self.cannotFilter("state", connection.peer) }
                request.statesFilter = states.map(\.rawValue).sorted()
            }
            // Before version 5 every group that a broker knows is a classic one.
            if !types.isEmpty, version >= 5 || types != [.classic] {
                guard version >= 5 else { throw Self.cannotFilter("type", connection.peer) }
                request.typesFilter = types.map(\.rawValue).sorted()
            }
            let response = try await cluster.exchange(request, over: connection, version: version, deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError("Groups of broker \(node.id) cannot be listed", response.errorCode)
            }
            return response.groups.map { group in
                GroupListing(
                    id: group.groupId,
                    protocolType: group.protocolType,
                    state: GroupStatus(name: group.groupState),
                    type: version >= 5 ? GroupType(name: group.groupType) : .unknown
                )
            }
        }
    }

    private static func cannotFilter(_ what: String, _ peer: PeerAddress) -> KafkaClientError {
        KafkaClientError(.unsupportedByBroker, "\(peer) is too old to choose groups by their \(what).")
    }

    /// Deletes groups that have no members, with their offsets.
    ///
    /// - Returns: success, or why not, by group: NON_EMPTY_GROUP while it has members, GROUP_ID_NOT_FOUND when there is none.
    public func deleteGroups(
        _ groups: [String],
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [String: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        return try await askCoordinators(of: .group, about: groups, deadline: deadline) {
            [cluster] (node, names) async throws(KafkaClientError) in
            let request = DeleteGroupsRequest(groupsNames: names)
            let response = try await cluster.send(request, to: .node(node.id), deadline: deadline)
            return response.results.reduce(into: [:]) { results, group in
                results[group.groupId] = Self.result(
                    group.errorCode,
                    nil,
                    "Group '\(group.groupId)' was not deleted"
                )
            }
        }
    }

    /// Makes members leave a group, so that others take over their partitions at once.
    ///
    /// - Parameter reason: told to the coordinator, for its log.
    /// - Returns: success, or why not, by member.
    public func removeMembers(
        _ members: [GroupMemberReference],
        from group: String,
        reason: String? = nil,
        timeout: Duration? = nil
    ) async throws(KafkaClientError) -> [GroupMemberReference: Result<Void, KafkaClientError>] {
        let deadline = deadline(timeout)
        let key = CoordinatorKey.group(group)
        return try await cluster.withCoordinator(of: key, deadline: deadline) {
            [cluster] (node) async throws(KafkaClientError) in
            let connection = try await cluster.connection(to: .node(node.id), deadline: deadline)
            let version = try cluster.mapping { () throws(ConnectionError) in
                try connection.version(of: LeaveGroupRequest.self)
            }
            var results: [GroupMemberReference: Result<Void, KafkaClientError>] = [:]
            guard version >= 3 else {
                for member in members {
                    results[member] = try await removeAlone(member, group, over: connection, version, deadline)
                }
                return results
            }
            var request = LeaveGroupRequest(groupId: group)
            request.members = members.map { member in
                var identity = LeaveGroupRequest.MemberIdentity()
                switch member {
                case .member(let id): identity.memberId = id
                case .instance(let id): identity.groupInstanceId = id
                }
                identity.reason = version >= 5 ? reason : nil
                return identity
            }
            let response = try await cluster.exchange(request, over: connection, version: version, deadline: deadline)
            guard response.errorCode == .none else {
                throw KafkaClientError("No member was removed from group '\(group)'", response.errorCode)
            }
            for (member, answer) in zip(members, response.members) {
                results[member] = Self.result(
                    answer.errorCode,
                    nil,
                    "A member was not removed from group '\(group)'"
                )
            }
            return results
        }
    }

    /// Before version 3 a request concerns one member, and there are no static ones.
    private func removeAlone(
        _ member: GroupMemberReference,
        _ group: String,
        over connection: ClientConnection,
        _ version: Int16,
        _ deadline: Deadline
    ) async throws(KafkaClientError) -> Result<Void, KafkaClientError> {
        guard case .member(let id) = member else {
            return .failure(
                KafkaClientError(.unsupportedByBroker, "\(connection.peer) is too old to remove static members.")
            )
        }
        let request = LeaveGroupRequest(groupId: group, memberId: id)
        let response = try await cluster.exchange(request, over: connection, version: version, deadline: deadline)
        let result = Self.result(response.errorCode, nil, "Member '\(id)' was not removed from group '\(group)'")
        if case .failure(let error) = result, error.isRetriable { throw error }
        return result
    }
}
