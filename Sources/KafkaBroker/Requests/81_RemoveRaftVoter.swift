import KafkaMessages

/// RemoveRaftVoter (81), version 0: refused, as in every cluster whose list of controllers is the configuration's.
struct RemoveRaftVoterHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    func handle(
        _ request: RemoveRaftVoterRequest,
        _ context: RequestContext
    ) async -> Reply<RemoveRaftVoterResponse> {
        let reason = "Cluster doesn't support removing voter because the kraft.version feature is 0"
        return .respond(RemoveRaftVoterResponse(errorCode: .unsupportedVersion, errorMessage: reason))
    }
}
