import KafkaMessages

/// AddRaftVoter (80), version 0: refused, as in every cluster whose list of controllers is the configuration's.
struct AddRaftVoterHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 0...0

    func handle(_ request: AddRaftVoterRequest, _ context: RequestContext) async -> Reply<AddRaftVoterResponse> {
        let reason = "Cluster doesn't support adding voter because the kraft.version feature is 0"
        return .respond(AddRaftVoterResponse(errorCode: .unsupportedVersion, errorMessage: reason))
    }
}
