import KafkaCoordination
import KafkaMessages

/// DeleteGroups (42), versions 0 to 2: deletes groups without members, and their offsets.
///
/// 1 nothing new; 2 flexible.
struct DeleteGroupsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: BrokerCore

    func handle(_ request: DeleteGroupsRequest, _ context: RequestContext) async -> Reply<DeleteGroupsResponse> {
        var response = DeleteGroupsResponse()
        for id in request.groupsNames {
            do throws(CoordinatorError) {
                response.results += try await core.groups.shard(for: id).perform { groups, _ in
                    groups.deleteGroups([id])
                }
            } catch {
                response.results.append(.init(groupId: id, errorCode: error.code))
            }
        }
        return .respond(response)
    }
}
