import KafkaCoordination
import KafkaMessages

/// DescribeGroups (15), versions 0 to 6: classic groups with their members.
///
/// 1 throttle time; 3 authorized operations; 4 static members; 5 flexible; 6 a group that does not exist is
/// GROUP_ID_NOT_FOUND with words instead of state Dead.
struct DescribeGroupsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...6

    let core: BrokerCore

    func handle(_ request: DescribeGroupsRequest, _ context: RequestContext) async -> Reply<DescribeGroupsResponse> {
        var response = DescribeGroupsResponse()
        for id in request.groups {
            var group = await describe(id)
            if context.version < 6, group.errorCode == .groupIdNotFound { group.errorCode = .none }
            if request.includeAuthorizedOperations { group.authorizedOperations = BrokerCore.groupOperations }
            response.groups.append(group)
        }
        return .respond(response)
    }

    private func describe(_ id: String) async -> DescribeGroupsResponse.DescribedGroup {
        do throws(CoordinatorError) {
            let described = try await core.groups.shard(for: id).perform { groups, _ in groups.describe([id]) }
            guard let group = described.first else { throw CoordinatorError(.unknownServerError) }
            return group
        } catch {
            return DescribeGroupsResponse.DescribedGroup(
                errorCode: error.code,
                errorMessage: error.message ?? error.code.message,
                groupId: id
            )
        }
    }
}
