import KafkaCoordination
import KafkaMessages

/// ElectLeaders (43), versions 0 to 2: makes the preferred replica lead, or any replica when none in sync is left.
///
/// 1 unclean elections; 2 flexible.
struct ElectLeadersHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: BrokerCore

    func handle(_ request: ElectLeadersRequest, _ context: RequestContext) async -> Reply<ElectLeadersResponse> {
        do {
            return .respond(try await core.controller.send(request, version: context.version))
        } catch {
            core.note(error, MetadataLog.topicPartition)
            var response = ElectLeadersResponse()
            response.errorCode = context.version >= 1 ? error.code : .none
            response.replicaElectionResults = (request.topicPartitions ?? []).map { topic in
                ElectLeadersResponse.ReplicaElectionResult(
                    topic: topic.topic,
                    partitionResult: topic.partitions.map {
                        ElectLeadersResponse.PartitionResult(
                            partitionId: $0,
                            errorCode: error.code,
                            errorMessage: error.message
                        )
                    }
                )
            }
            return .respond(response)
        }
    }
}
