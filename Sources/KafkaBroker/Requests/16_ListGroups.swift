import KafkaCoordination
import KafkaMessages

/// ListGroups (16), versions 0 to 5: the groups that this broker coordinates.
///
/// 1 throttle time; 3 flexible; 4 filter by state; 5 filter by type. Filters do not heed case.
struct ListGroupsHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...5

    let core: BrokerCore

    func handle(_ request: ListGroupsRequest, _ context: RequestContext) async -> Reply<ListGroupsResponse> {
        let states = Set(request.statesFilter.map { $0.lowercased() })
        let types = Set(request.typesFilter.map { $0.lowercased() })
        var response = ListGroupsResponse()
        for shard in core.groups.shards {
            do throws(CoordinatorError) {
                response.groups += try await shard.perform { groups, _ in groups.list(states: states, types: types) }
            } catch {
                // Another broker lists what has moved there.
                if error.code == .notCoordinator { continue }
                return .respond(ListGroupsResponse(errorCode: error.code))
            }
        }
        response.groups.sort { $0.groupId < $1.groupId }
        return .respond(response)
    }
}
