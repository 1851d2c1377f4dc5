import KafkaCoordination
import KafkaMessages

/// UpdateFeatures (57), versions 0 to 2: raises or lowers the finalized levels of cluster features.
///
/// 1 kinds of downgrade, a trial run; 2 one answer for all features. Left out: lowering `metadata.version`.
struct UpdateFeaturesHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: BrokerCore

    func handle(_ request: UpdateFeaturesRequest, _ context: RequestContext) async -> Reply<UpdateFeaturesResponse> {
        do throws(PartitionError) {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            return .respond(UpdateFeaturesResponse(errorCode: error.code, errorMessage: error.message))
        }
    }
}
