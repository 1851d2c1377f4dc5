import KafkaCoordination
import KafkaMessages

/// FindCoordinator (10), versions 0 to 6: which broker looks after a group or a transactional id.
///
/// 1 key type, throttle time; 3 flexible; 4 several keys at once; 6 keys of share groups, which are answered with
/// INVALID_REQUEST, as by a broker without them. The internal topic is made when somebody asks for the first time, so
/// that the answer names a coordinator at once.
struct FindCoordinatorHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...6

    let core: BrokerCore

    private enum KeyType: Int8 {
        case group = 0
        case transaction = 1
    }

    func handle(_ request: FindCoordinatorRequest, _ context: RequestContext) async -> Reply<FindCoordinatorResponse> {
        var response = FindCoordinatorResponse()
        if context.version < 4 {
            let found = await find(request.key, request.keyType)
            response.errorCode = found.errorCode
            response.errorMessage = found.errorMessage
            response.nodeId = found.nodeId
            response.host = found.host
            response.port = found.port
        } else {
            for key in request.coordinatorKeys { response.coordinators.append(await find(key, request.keyType)) }
        }
        return .respond(response)
    }

    private func find(_ key: String, _ type: Int8) async -> FindCoordinatorResponse.Coordinator {
        do throws(CoordinatorError) {
            guard let type = KeyType(rawValue: type) else {
                throw CoordinatorError(.invalidRequest, "There are no coordinators of type \(type) here.")
            }
            guard !key.isEmpty else { throw CoordinatorError(.invalidRequest, "The key is empty.") }
            let broker =
                switch type {
                case .group: try await core.groups.coordinator(of: key)
                case .transaction: try await core.transactions.coordinator(of: key)
                }
            return FindCoordinatorResponse.Coordinator(
                key: key,
                nodeId: broker.id,
                host: broker.endpoints.first?.host ?? "",
                port: Int32(broker.endpoints.first?.port ?? 0)
            )
        } catch {
            return FindCoordinatorResponse.Coordinator(
                key: key,
                nodeId: -1,
                port: -1,
                errorCode: error.code,
                errorMessage: error.message ?? error.code.message
            )
        }
    }
}
