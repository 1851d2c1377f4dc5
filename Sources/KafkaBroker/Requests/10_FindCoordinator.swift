import KafkaMessages

/// FindCoordinator (10), versions 0 to 6: which broker looks after a group or a transactional id.
///
/// 1 key type, throttle time; 3 flexible; 4 several keys at once; 6 keys of share groups.
/// There are no coordinators yet: the answer is COORDINATOR_NOT_AVAILABLE, upon which clients try again. It is listed
/// because librdkafka takes its absence as a sign of a broker too old for lz4.
struct FindCoordinatorHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...6

    private static let words = "This broker coordinates neither groups nor transactions."

    func handle(_ request: FindCoordinatorRequest, _ context: RequestContext) async -> Reply<FindCoordinatorResponse> {
        var response = FindCoordinatorResponse()
        if context.version < 4 {
            response.errorCode = .coordinatorNotAvailable
            response.errorMessage = Self.words
            response.nodeId = -1
            response.port = -1
        } else {
            response.coordinators = request.coordinatorKeys.map {
                FindCoordinatorResponse.Coordinator(
                    key: $0,
                    nodeId: -1,
                    port: -1,
                    errorCode: .coordinatorNotAvailable,
                    errorMessage: Self.words
                )
            }
        }
        return .respond(response)
    }
}
