import KafkaCoordination
import KafkaMessages

/// ConsumerGroupDescribe (69), versions 0 and 1: consumer groups of KIP-848 with their members; others are
/// GROUP_ID_NOT_FOUND, upon which clients ask by DescribeGroups.
///
/// 1 tells members of the classic protocol apart.
struct ConsumerGroupDescribeHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: ConsumerGroupDescribeRequest,
        _ context: RequestContext
    ) async -> Reply<ConsumerGroupDescribeResponse> {
        var response = ConsumerGroupDescribeResponse()
        let isEnabled = core.image.features[FeatureCatalog.groupVersion] ?? 0 >= 1
        for id in request.groupIds {
            var group = await describe(id, isEnabled: isEnabled)
            if request.includeAuthorizedOperations, group.errorCode == .none {
                group.authorizedOperations = BrokerCore.groupOperations
            }
            response.groups.append(group)
        }
        return .respond(response)
    }

    private func describe(_ id: String, isEnabled: Bool) async -> ConsumerGroupDescribeResponse.DescribedGroup {
        do throws(CoordinatorError) {
            guard isEnabled else { throw CoordinatorError(.unsupportedVersion) }
            guard !id.isEmpty else { throw CoordinatorError(.invalidGroupId) }
            let image = core.image
            let described = try await core.groups.shard(for: id).perform { groups, _ in
                groups.describeConsumerGroups([id], image)
            }
            guard let group = described.first else { throw CoordinatorError(.unknownServerError) }
            return group
        } catch {
            return .init(errorCode: error.code, errorMessage: error.message ?? error.code.message, groupId: id)
        }
    }
}
