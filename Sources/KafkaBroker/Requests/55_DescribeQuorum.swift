import KafkaMessages

/// DescribeQuorum (55), versions 0 to 2: who keeps the metadata log and how far its readers are, as the controller says.
///
/// 1 times of fetches; 2 directory ids, endpoints, messages.
struct DescribeQuorumHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: BrokerCore

    func handle(_ request: DescribeQuorumRequest, _ context: RequestContext) async -> Reply<DescribeQuorumResponse> {
        do throws(PartitionError) {
            return .respond(try await core.controller.describeQuorum(request))
        } catch {
            return .respond(DescribeQuorumResponse(errorCode: error.code, errorMessage: error.message))
        }
    }
}
