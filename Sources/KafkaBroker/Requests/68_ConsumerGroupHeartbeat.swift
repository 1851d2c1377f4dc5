import KafkaCoordination
import KafkaMessages
import KafkaTransport

/// ConsumerGroupHeartbeat (68), versions 0 and 1: joins, keeps and leaves a consumer group of KIP-848.
///
/// 1 the client makes the member id, and may subscribe by a regular expression that the broker matches. Needs level 1 of
/// the feature group.version.
struct ConsumerGroupHeartbeatHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    let core: BrokerCore

    func handle(
        _ request: ConsumerGroupHeartbeatRequest,
        _ context: RequestContext
    ) async -> Reply<ConsumerGroupHeartbeatResponse> {
        do throws(CoordinatorError) {
            let image = core.image
            guard image.features[FeatureCatalog.groupVersion] ?? 0 >= 1 else {
                throw CoordinatorError(.unsupportedVersion)
            }
            let clientHost = "/\(context.connection.remoteHost)"
            let (clientID, version) = (context.clientID ?? "", context.version)
            let memberID = MemberID.make()
            let shard = try core.groups.shard(member: request.groupId)
            let response = try await shard.perform { groups, nowMs in
                groups.heartbeat(
                    request,
                    ModernCall(
                        version: version,
                        clientID: clientID,
                        clientHost: clientHost,
                        newMemberID: memberID,
                        image: image,
                        nowMs: nowMs
                    )
                )
            }
            return .respond(response)
        } catch {
            let words = error.message ?? error.code.message
            return .respond(ConsumerGroupHeartbeatResponse(errorCode: error.code, errorMessage: words))
        }
    }
}
