import KafkaMessages

/// DescribeQuorum (55) on the controller's listener, versions 0 to 2: who leads the metadata log and how far its readers
/// are.
///
/// 1 times of fetches; 2 directory ids, endpoints, messages.
struct DescribeOwnQuorumHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...2

    let core: ControllerCore

    func handle(_ request: DescribeQuorumRequest, _ context: RequestContext) async -> Reply<DescribeQuorumResponse> {
        let describer = QuorumDescriber(
            nodeID: core.nodeID,
            log: core.log,
            observers: core.observers,
            clock: core.clock,
            listener: (core.listenerName, core.address)
        )
        return .respond(describer.describe(request))
    }
}
