import KafkaMessages

/// CreateDelegationToken (38), versions 1 to 3: never on a connection whose client has not logged in (KIP-48). 2 flexible.
struct CreateDelegationTokenHandler: APIHandler {
    static let versions: ClosedRange<Int16> = 1...3

    func handle(
        _ request: CreateDelegationTokenRequest,
        _ context: RequestContext
    ) async -> Reply<CreateDelegationTokenResponse> {
        .respond(CreateDelegationTokenResponse(errorCode: .delegationTokenRequestNotAllowed))
    }
}
