import KafkaCoordination
import KafkaMessages

/// DescribeCluster (60), versions 0 to 2: cluster id, controller, brokers.
///
/// 2 fenced brokers as well, if they are asked for; 1 asks for brokers or controllers: controllers have a listener of their own, so that here they are
/// MISMATCHED_ENDPOINT_TYPE.
struct DescribeClusterHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    private static let brokers: Int8 = 1
    private static let controllers: Int8 = 2

    let core: BrokerCore

    func handle(_ request: DescribeClusterRequest, _ context: RequestContext) async -> Reply<DescribeClusterResponse> {
        var response = DescribeClusterResponse()
        guard request.endpointType == Self.brokers else {
            let isController = request.endpointType == Self.controllers
            response.errorCode = isController ? .mismatchedEndpointType : .unsupportedEndpointType
            response.errorMessage = "This listener is for brokers; the request asks for endpoints of another type."
            return .respond(response)
        }
        response.clusterId = core.clusterID
        response.controllerId = core.nodeID
        response.brokers = core.image.brokers.values.filter { !$0.isFenced || request.includeFencedBrokers }.sorted {
            $0.id < $1.id
        }.map { broker in
            DescribeClusterResponse.DescribeClusterBroker(
                brokerId: broker.id,
                host: broker.endpoints.first?.host ?? "",
                port: Int32(broker.endpoints.first?.port ?? 0),
                rack: broker.rack,
                isFenced: broker.isFenced
            )
        }
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = BrokerCore.clusterOperations
        }
        return .respond(response)
    }
}
