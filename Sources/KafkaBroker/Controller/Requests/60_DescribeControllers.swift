import KafkaCoordination
import KafkaMessages

/// DescribeCluster (60) on the controller's listener, version 1: cluster id and controllers.
///
/// Asked for brokers, this listener answers MISMATCHED_ENDPOINT_TYPE.
struct DescribeControllersHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...1

    private static let brokers: Int8 = 1
    private static let controllers: Int8 = 2

    let core: ControllerCore

    func handle(_ request: DescribeClusterRequest, _ context: RequestContext) async -> Reply<DescribeClusterResponse> {
        var response = DescribeClusterResponse()
        guard request.endpointType == Self.controllers else {
            let isBroker = request.endpointType == Self.brokers
            response.errorCode = isBroker ? .mismatchedEndpointType : .unsupportedEndpointType
            response.errorMessage = "This listener is for controllers; the request asks for endpoints of another type."
            return .respond(response)
        }
        response.endpointType = Self.controllers
        response.clusterId = core.clusterID
        response.controllerId = core.nodeID
        response.brokers = [
            .init(brokerId: core.nodeID, host: core.address.host, port: Int32(core.address.port))
        ]
        if request.includeClusterAuthorizedOperations {
            response.clusterAuthorizedOperations = BrokerCore.clusterOperations
        }
        return .respond(response)
    }
}
